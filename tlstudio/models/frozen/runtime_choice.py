"""Chooses the runtime that computes the frozen stages: the fastest here that agrees with float32 torch.

All runtimes are timed on the whole backbone once per computer, which takes about a second for a small one,
and the choice is stored. Other stages and weights use the same choice after a comparison (`inference_graph`).
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
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.frozen.inference_graph import RuntimeChoice, build_if_it_agrees
from tlstudio.models.frozen.runtime_records import key_of, read_record, write_record
from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.models.runtimes import REFERENCE, Runtime, find_runtime, usable_runtimes
from tlstudio.models.stages import Backbone

log = logging.getLogger(__name__)

AUTO = "auto"
SETTING = "TLSTUDIO_RUNTIME"
"""Environment variable: "auto" (as when it is not set) or the id of a runtime to use."""
BATCH_SIZES = {"cpu": (4, 16), "cuda": (64, 256), "mps": (16, 64)}
"""Runtimes are compared at the first; the fastest one is then timed with the others too."""
PROBE_SECONDS = 0.6
"""Time for repeating the timings of all runtimes together."""
MOST_ROUNDS = 5
TOO_SLOW = 1.5
"""A runtime that is this many times slower than the fastest is not timed again."""
WORTHWHILE = 0.8
"""Share of the reference's time that another runtime must stay under; a closer choice would depend on chance
on a busy computer."""


def choose_runtime(
    backbone: Backbone,
    *,
    preprocessing: Preprocessing,
    device: str = "cpu",
    threads: int = 1,
    requested: str | None = None,
    control: Control | None = None,
) -> RuntimeChoice:
    """Choose the runtime for the frozen stages of a backbone.

    Args:
        backbone: In eval mode, on `device`.
        preprocessing: Of the classifier.
        device: torch's name of the device.
        threads: CPU threads to compute with.
        requested: "auto", or the id of a runtime to use; None takes `SETTING`, else "auto".
        control: Checked between timed batches.

    Raises:
        UserError: The requested runtime is not usable here, or does not agree with float32.
        Cancelled: The person cancelled while runtimes were timed; nothing is stored then.
    """
    requested = requested or os.environ.get(SETTING) or AUTO
    runtimes = _candidates(device, requested)
    sizes = BATCH_SIZES[device]
    if requested == REFERENCE:
        return RuntimeChoice(runtime=REFERENCE, batch_size=sizes[0])
    about = {
        "computer": computer(device, threads=threads),
        "asked": requested,
        "backbone": backbone.id,
        "versions": {runtime.id: runtime.version() for runtime in runtimes},
        "input_size": preprocessing.input_size,
    }
    key = key_of(about)
    known = _stored_choice(read_record("choices", key), about)
    if known is not None:
        return known
    variants = [
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
        trial.add(runtime, variants[0])
    if requested != AUTO and not trial.computations:
        raise UserError(
            f"“{requested}” cannot be used for {backbone.id}: {trial.refused[requested]}.",
            mend="Set the runtime to auto.",
        )
    chosen = trial.fastest()
    for stages in variants[1:]:
        trial.add(find_runtime(chosen.runtime), stages)
    chosen = trial.fastest(among=chosen.runtime)
    outcome = {"runtime": chosen.runtime, "batch_size": chosen.batch_size, **trial.summary()}
    write_record("choices", key, {**about, **outcome})
    return chosen


def _stored_choice(entry: dict[str, Any] | None, about: dict[str, Any]) -> RuntimeChoice | None:
    if (
        entry is None
        or entry.get("runtime") not in about["versions"]
        or not isinstance(entry.get("batch_size"), int)
    ):
        return None
    return RuntimeChoice(runtime=entry["runtime"], batch_size=entry["batch_size"])


def computer(device: str, *, threads: int) -> str:
    """Describe the CPU or GPU, and how many of its threads are used."""
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


def _candidates(device: str, requested: str) -> Sequence[Runtime]:
    usable = usable_runtimes(device)
    candidates = [runtime for runtime in usable if requested in (AUTO, runtime.id)]
    if not candidates:
        names = ", ".join([AUTO, *(runtime.id for runtime in usable)])
        raise UserError(f"There is no runtime “{requested}” on this computer.", mend=f"Use one of: {names}.")
    return candidates


class _Trial:
    """Builds runtimes, compares each with the reference, and times those that agree with it.

    The shortest of several timings counts, because other work on the computer can only add to it.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._seconds: dict[RuntimeChoice, float] = {}
        self._stages: dict[RuntimeChoice, FrozenStages] = {}
        self.computations: dict[RuntimeChoice, Compute] = {}
        self.refused: dict[str, str] = {}

    def add(self, runtime: Runtime, stages: FrozenStages) -> None:
        """Build a runtime and time it once, if it works here and agrees with the reference."""
        self._control.check()
        compute, refusal = build_if_it_agrees(stages, runtime, onnx=stages.onnx)
        if compute is None:
            self.refused[runtime.id] = refusal
            return
        choice = RuntimeChoice(runtime=runtime.id, batch_size=stages.batch_size)
        self.computations[choice], self._stages[choice] = compute, stages
        self._time(choice)

    def _time(self, choice: RuntimeChoice) -> None:
        """Measure seconds per image, with as many concurrent batches as in use."""
        stages, compute = self._stages[choice], self.computations[choice]
        images = probe_images(stages.batch_size, size=stages.preprocessing.input_size)
        workers = stages.workers if find_runtime(choice.runtime).concurrent else 1
        with ThreadPoolExecutor(workers, thread_name_prefix="runtime") as pool:
            started = time.perf_counter()
            list(pool.map(compute, [images] * workers))
            if stages.device == "cuda":
                torch.cuda.synchronize()
            seconds = (time.perf_counter() - started) / (workers * stages.batch_size)
        self._seconds[choice] = min(seconds, self._seconds.get(choice, seconds))

    def fastest(self, *, among: str | None = None) -> RuntimeChoice:
        """Time candidates in turns and return the fastest: the reference, unless another is clearly faster.

        Args:
            among: Id of the runtime whose batch sizes are compared; None compares all runtimes.
        """
        candidates = [choice for choice in self.computations if among in (None, choice.runtime)]
        first = next(
            (choice for choice in candidates if choice.runtime == (among or REFERENCE)), candidates[0]
        )
        started = time.perf_counter()
        for _ in range(MOST_ROUNDS if len(candidates) > 1 else 0):
            best = min(self._seconds[choice] for choice in candidates)
            for choice in [choice for choice in candidates if self._seconds[choice] <= TOO_SLOW * best]:
                self._control.check()
                self._time(choice)
            if time.perf_counter() - started > PROBE_SECONDS:
                break
        best_choice = min(candidates, key=lambda choice: self._seconds[choice])
        clearly = self._seconds[best_choice] < WORTHWHILE * self._seconds[first]
        return best_choice if clearly else first

    def summary(self) -> dict[str, Any]:
        """Timings, and reasons for refusing runtimes, for the stored record."""
        return {
            "milliseconds": {
                f"{choice.runtime}, batches of {choice.batch_size}": round(1000 * seconds, 3)
                for choice, seconds in self._seconds.items()
            },
            "refused": self.refused,
        }
