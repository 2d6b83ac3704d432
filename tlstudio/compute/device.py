"""Chooses the device that computes, and sets threads and memory of the process."""

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

from tlstudio.compute.process import glibc, usable_cores
from tlstudio.core.errors import UserError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
TRIM_THRESHOLD_BYTES = 256 << 20
USUAL_MMAP_MAX = 65536
BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")
"""Names of the bfloat16 instructions in `torch.cpu.get_capabilities`, for Intel, AMD and ARM processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """The device that a run computes on.

    Attributes:
        device: torch's name: "cpu", "cuda" or "mps".
        title: Name to show, e.g. of the graphics card.
        reason: Why an existing graphics card is not used, in one sentence; else empty.
    """

    device: str
    title: str
    reason: str = ""


def choose_device(requested: str = "auto") -> DeviceChoice:
    """Choose the device that computes, after a small computation on it succeeded.

    Args:
        requested: "auto" takes a usable graphics card, else the processor; "cpu", "cuda" and "mps" take that
            device only.

    Raises:
        UserError: The requested device cannot be used; the message says why.
    """
    if requested == "cpu":
        return _processor("")
    if requested not in ("auto", "cuda", "mps"):
        raise UserError(f"There is no device “{requested}”.", mend="Use auto, cpu, cuda or mps.")
    problems = []
    for device in ("cuda", "mps") if requested == "auto" else (requested,):
        problem = _cuda_problem() if device == "cuda" else _mps_problem()
        if problem is None:
            title = torch.cuda.get_device_name() if device == "cuda" else "Apple graphics (Metal)"
            return DeviceChoice(device=device, title=title)
        problems.append(problem)
    reason = " ".join(problem for problem in problems if problem)
    if requested != "auto":
        raise UserError(
            reason or f"This computer has no graphics card for “{requested}”.", mend="Use cpu or auto."
        )
    return _processor(reason)


def _processor(reason: str) -> DeviceChoice:
    return DeviceChoice(device="cpu", title=platform.processor() or platform.machine(), reason=reason)


def _cuda_problem() -> str | None:
    """Find out why CUDA cannot be used: None when it works, an empty text when there is no card."""
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
    """Compute something small, which fails on a card too old for this PyTorch or with full memory."""
    try:
        ones = torch.ones(64, 64, device=device)
        total = float((ones @ ones).sum().item())
    except RuntimeError as error:
        return f"{name} is there but cannot be used ({str(error).splitlines()[0]})."
    return None if total == 64.0**3 else f"{name} is there but computes wrongly."


def has_bfloat16() -> bool:
    """Return whether the processor has bfloat16 instructions; without them torch emulates it slowly."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in BFLOAT16_INSTRUCTIONS)


def set_threads(threads: int | None) -> int:
    """Set the number of torch's threads; the same number gives the same results bit for bit.

    Args:
        threads: None takes OMP_NUM_THREADS where that is set, else all available cores.

    Returns:
        The number that was set.
    """
    configured = os.environ.get("OMP_NUM_THREADS", "")
    count = threads or (int(configured) if configured.isdigit() and int(configured) > 0 else usable_cores())
    torch.set_num_threads(count)
    return count


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread of torch inside the block, which is faster for many tiny operations."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def single_threaded_pool(threads: int, *, name: str) -> ThreadPoolExecutor:
    """Make a pool of threads in which torch computes with one thread each.

    Where several threads work on an image each, further threads per image only slow each other down: reading
    photos takes a tenth less time this way.

    Args:
        threads: At least 1; all are started at once.
        name: Prefix of the threads' names.
    """
    started = threading.Barrier(threads)

    def start(_: int) -> None:
        torch.get_num_threads()  # a thread inherits the number when it first uses it, and keeps it
        started.wait()

    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        with one_thread():
            list(pool.map(start, range(threads)))
    except BaseException:  # a thread could not be started: the others must not wait for it for ever
        started.abort()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return pool


def keep_freed_memory() -> bool:
    """Make glibc reuse large freed blocks instead of returning them to the system at every training step.

    Activations take tens of megabytes, are freed at every step and allocated again at the next. Returning the
    pages and faulting them in anew took 2.75 s of processor time for a training step that takes 1.68 s
    without. Raising the threshold for mapped blocks is not enough: glibc refuses more than 32 MB.

    Returns:
        Whether it was set; False on systems without glibc.
    """
    libc = glibc()
    if libc is None:
        return False
    done = libc.mallopt(M_MMAP_MAX, 0)
    return bool(done and libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES))


def return_freed_memory() -> bool:
    """Undo `keep_freed_memory` and return freed memory to the system at once, because memory is short.

    Returns:
        Whether it was done; False on systems without glibc.
    """
    libc = glibc()
    if libc is None:
        return False
    done = libc.mallopt(M_MMAP_MAX, USUAL_MMAP_MAX)
    libc.malloc_trim(0)
    return bool(done)


def resident_memory_bytes() -> int | None:
    """Resident memory of this process; None where the system does not report it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
