"""Which runtime computes the frozen stages: the fastest here that agrees with plain float32.

All are tried on the whole backbone once per computer, which takes about a second for a small one, and the
choice is remembered: other stages and other weights take it over after a comparison (`inference_graph`).
"""

from __future__ import annotations

import functools
import logging
import os
import platform
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing
from tlstudio.models.agreement import probe_images
from tlstudio.models.inference_graph import RuntimeChoice, admit
from tlstudio.models.runtime_records import key_of, recall, remember
from tlstudio.models.runtimes import REFERENCE, RUNTIMES, Compute, FrozenStages, Runtime
from tlstudio.models.stages import Backbone

log = logging.getLogger(__name__)

AUTO = "auto"
SETTING = "TLSTUDIO_RUNTIME"
"""Environment variable: "auto" (as when it is not set) or the id of a runtime to insist on."""
BATCH_SIZES = {"cpu": (4, 16), "cuda": (64, 256), "mps": (16, 64)}
"""The first is what runtimes are compared at; the fastest is tried with the others too."""
PROBE_SECONDS = 0.6
"""For timing all runtimes together, after each has computed its first batch."""
LARGEST_ROUNDS = 5
HOPELESS = 1.5
"""Times slower than the fastest at its first timing: not timed again."""
WORTHWHILE = 0.8
"""Share of the reference's time that another runtime must stay under; a nearer choice would be left to chance
on a busy computer."""


def choose_runtime(
    backbone: Backbone,
    *,
    preprocessing: Preprocessing,
    device: str = "cpu",
    threads: int = 1,
    asked: str | None = None,
    control: Control | None = None,
) -> RuntimeChoice:
    """The runtime to compute the frozen stages of a backbone with.

    Args:
        backbone: In eval mode, on `device`.
        preprocessing: Of the classifier.
        device: torch's name.
        threads: To compute with on a processor.
        asked: "auto", or the id of a runtime to insist on; None takes `SETTING`, else "auto".
        control: Asked between batches of the trial.

    Raises:
        UserError: The runtime that was insisted on is not there, or does not agree with float32.
        Cancelled: The person cancelled during the trial; nothing is remembered then.
    """
    asked = asked or os.environ.get(SETTING) or AUTO
    runtimes = _usable(device, asked)
    sizes = BATCH_SIZES[device]
    if asked == REFERENCE:
        return RuntimeChoice(runtime=REFERENCE, batch_size=sizes[0])
    about = {
        "computer": computer(device, threads=threads),
        "asked": asked,
        "backbone": backbone.id,
        "versions": {runtime.id: runtime.version() for runtime in runtimes},
        "input_size": preprocessing.input_size,
    }
    key = key_of(about)
    known = _known(recall("choices", key), about)
    if known is not None:
        return known
    parts = [
        FrozenStages(
            backbone=backbone,
            end=None,
            preprocessing=preprocessing,
            batch_size=size,
            device=device,
            threads=threads,
        )
        for size in sizes
    ]
    trial = _Trial(control or Control())
    for runtime in runtimes:
        trial.enter(runtime, parts[0])
    if asked != AUTO and not trial.entered:
        raise UserError(
            f"“{asked}” cannot be used for {backbone.id}: {trial.refused[asked]}.",
            mend="Set the runtime to auto.",
        )
    chosen = trial.fastest()
    for part in parts[1:]:
        trial.enter(RUNTIMES.get(chosen.runtime), part)
    chosen = trial.fastest(among=chosen.runtime)
    remember(
        "choices", key, {**about, "runtime": chosen.runtime, "batch_size": chosen.batch_size, **trial.told()}
    )
    return chosen


def _known(entry: dict[str, Any] | None, about: dict[str, Any]) -> RuntimeChoice | None:
    if (
        entry is None
        or entry.get("runtime") not in about["versions"]
        or not isinstance(entry.get("batch_size"), int)
    ):
        return None
    return RuntimeChoice(runtime=entry["runtime"], batch_size=entry["batch_size"])


def computer(device: str, *, threads: int) -> str:
    """The processor or graphics card, and what of it is used."""
    if device == "cuda":
        return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    return f"{_processor()}, {torch.backends.cpu.get_cpu_capability()}, {device}, {threads} threads"


@functools.cache
def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _usable(device: str, asked: str) -> Sequence[Runtime]:
    if asked == AUTO:
        return [runtime for runtime in RUNTIMES if runtime.usable(device)]
    if asked not in RUNTIMES.ids() or not RUNTIMES.get(asked).usable(device):
        there = ", ".join([AUTO, *(runtime.id for runtime in RUNTIMES if runtime.usable(device))])
        raise UserError(f"There is no runtime “{asked}” on this computer.", mend=f"Use one of: {there}.")
    return [RUNTIMES.get(asked)]


class _Trial:
    """Builds runtimes, compares each with the reference, and times those that agree.

    The least of several timings counts: other work on the computer only ever adds to it.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._seconds: dict[RuntimeChoice, float] = {}
        self._parts: dict[RuntimeChoice, FrozenStages] = {}
        self.entered: dict[RuntimeChoice, Compute] = {}
        self.refused: dict[str, str] = {}

    def enter(self, runtime: Runtime, part: FrozenStages) -> None:
        """Let a runtime take part, if it works here and agrees."""
        self._control.check()
        compute, refusal = admit(part, runtime, onnx=part.onnx)
        if compute is None:
            self.refused[runtime.id] = refusal
            return
        choice = RuntimeChoice(runtime=runtime.id, batch_size=part.batch_size)
        self.entered[choice], self._parts[choice] = compute, part
        self._time(choice)

    def _time(self, choice: RuntimeChoice) -> None:
        """Seconds per image of as many batches at once as the runtime is used with."""
        part, compute = self._parts[choice], self.entered[choice]
        images = probe_images(part.batch_size, size=part.preprocessing.input_size)
        workers = part.workers if RUNTIMES.get(choice.runtime).concurrent else 1
        with ThreadPoolExecutor(workers, thread_name_prefix="runtime") as pool:
            started = time.perf_counter()
            list(pool.map(compute, [images] * workers))
            if part.device == "cuda":
                torch.cuda.synchronize()
            seconds = (time.perf_counter() - started) / (workers * part.batch_size)
        self._seconds[choice] = min(seconds, self._seconds.get(choice, seconds))

    def fastest(self, *, among: str | None = None) -> RuntimeChoice:
        """The fastest; the reference unless another is clearly faster. They take turns.

        Args:
            among: Id of the runtime whose batch sizes are compared; None compares all.
        """
        racing = [choice for choice in self.entered if among in (None, choice.runtime)]
        first = next((choice for choice in racing if choice.runtime == (among or REFERENCE)), racing[0])
        started = time.perf_counter()
        for _ in range(LARGEST_ROUNDS if len(racing) > 1 else 0):
            best = min(self._seconds[choice] for choice in racing)
            for choice in [choice for choice in racing if self._seconds[choice] <= HOPELESS * best]:
                self._control.check()
                self._time(choice)
            if time.perf_counter() - started > PROBE_SECONDS:
                break
        best_choice = min(racing, key=lambda choice: self._seconds[choice])
        clearly = self._seconds[best_choice] < WORTHWHILE * self._seconds[first]
        return best_choice if clearly else first

    def told(self) -> dict[str, Any]:
        """What is worth knowing about it later."""
        return {
            "milliseconds": {
                f"{choice.runtime}, batches of {choice.batch_size}": round(1000 * seconds, 3)
                for choice, seconds in self._seconds.items()
            },
            "refused": self.refused,
        }
