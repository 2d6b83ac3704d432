"""Where the numbers are worked out: device, threads, memory. The only module of core that uses torch.

The window never imports this module.
"""

from __future__ import annotations

import os
import platform
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from tlstudio.compute.threads import glibc, usable_cores
from tlstudio.core.errors import UserError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
TRIM_THRESHOLD_BYTES = 256 << 20
USUAL_MMAP_MAX = 65536
BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")
"""As `torch.cpu.get_capabilities` names them, on Intel's and AMD's processors and on ARM's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """What a run computes on.

    Attributes:
        device: torch's name: "cpu", "cuda" or "mps".
        title: Name to show, e.g. of the graphics card.
        reason: One sentence when a graphics card is there but is not used; else empty.
    """

    device: str
    title: str
    reason: str = ""


def choose_device(asked: str = "auto") -> DeviceChoice:
    """Choose the device, trying it before promising it.

    Args:
        asked: "auto" takes a usable graphics card, else the processor; "cpu", "cuda", "mps" insist.

    Raises:
        UserError: The device asked for cannot be used; the message says why.
    """
    if asked == "cpu":
        return _processor("")
    if asked not in ("auto", "cuda", "mps"):
        raise UserError(f"There is no device “{asked}”.", mend="Use auto, cpu, cuda or mps.")
    problems = []
    for device in ("cuda", "mps") if asked == "auto" else (asked,):
        problem = _cuda_problem() if device == "cuda" else _mps_problem()
        if problem is None:
            title = torch.cuda.get_device_name() if device == "cuda" else "Apple graphics (Metal)"
            return DeviceChoice(device=device, title=title)
        problems.append(problem)
    reason = " ".join(problem for problem in problems if problem)
    if asked != "auto":
        raise UserError(
            reason or f"This computer has no graphics card for “{asked}”.", mend="Use cpu or auto."
        )
    return _processor(reason)


def _processor(reason: str) -> DeviceChoice:
    return DeviceChoice(device="cpu", title=platform.processor() or platform.machine(), reason=reason)


def _cuda_problem() -> str | None:
    """None when CUDA works, an empty text when there is no card, else why the card is not usable."""
    if not torch.cuda.is_available():
        present = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None
        if not present:
            return ""
        if torch.version.cuda is None and torch.version.hip is None:
            return (
                "This computer seems to have an NVIDIA graphics card, "
                "but the installed PyTorch is the processor-only one."
            )
        return (
            "This computer seems to have an NVIDIA graphics card, but its driver does not answer "
            "or is too old for the installed PyTorch."
        )
    return _trial("cuda", "The NVIDIA graphics card")


def _mps_problem() -> str | None:
    if not torch.backends.mps.is_available():
        return "" if not torch.backends.mps.is_built() else "macOS is too old to use its graphics chip."
    return _trial("mps", "The graphics chip")


def _trial(device: str, name: str) -> str | None:
    """Compute something small: a card too old for this PyTorch, or one whose memory is full, shows here."""
    try:
        ones = torch.ones(64, 64, device=device)
        total = float((ones @ ones).sum().item())
    except RuntimeError as error:
        return f"{name} is there but cannot be used ({str(error).splitlines()[0]})."
    return None if total == 64.0**3 else f"{name} is there but computes wrongly."


def has_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16; without them torch computes it too, but slowly."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in BFLOAT16_INSTRUCTIONS)


def set_threads(threads: int | None) -> int:
    """Set how many threads torch computes with; the same count gives the same numbers.

    Args:
        threads: None follows OMP_NUM_THREADS where that is set, else uses every core there is.

    Returns:
        The count that was set.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    count = threads or (int(told) if told.isdigit() and int(told) > 0 else usable_cores())
    torch.set_num_threads(count)
    return count


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread inside the block: for many tiny operations more only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def single_threaded_pool(threads: int, *, name: str) -> ThreadPoolExecutor:
    """Threads in which torch does not spread its operations over further threads.

    Where several threads work on an image each, more for one image only wait for each other: reading photos
    takes a tenth less time this way.

    Args:
        threads: At least 1; all are started.
        name: Of the threads.
    """
    started = threading.Barrier(threads)

    def start(_: int) -> None:
        torch.get_num_threads()  # a thread takes over the number at its first look, and keeps it
        started.wait()

    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        with one_thread():
            list(pool.map(start, range(threads)))
    except BaseException:  # no more threads to be had: those that wait for them must not wait for ever
        started.abort()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return pool


def keep_freed_memory() -> bool:
    """Let glibc keep large blocks for the next step instead of handing them back to the system.

    Activations are tens of megabytes, are freed at every step and needed again at the next; giving the
    pages back and faulting them in anew took 2.75 s of processor time for a training step that takes 1.68 s
    without. Raising the size from which blocks are mapped is not enough: glibc refuses more than 32 MB.

    Returns:
        Whether it was possible; False on systems without glibc.
    """
    libc = glibc()
    if libc is None:
        return False
    done = libc.mallopt(M_MMAP_MAX, 0)
    return bool(done and libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES))


def return_freed_memory() -> bool:
    """Undo `keep_freed_memory` and hand back at once what was kept: memory has become short.

    Returns:
        Whether it was possible; False on systems without glibc.
    """
    libc = glibc()
    if libc is None:
        return False
    done = libc.mallopt(M_MMAP_MAX, USUAL_MMAP_MAX)
    libc.malloc_trim(0)
    return bool(done)


def resident_memory_bytes() -> int | None:
    """Memory this process holds right now; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
