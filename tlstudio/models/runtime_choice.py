"""Which runtime computes the frozen stages: the fastest here that agrees with plain float32.

It is tried once per computer, backbone and stage, takes about a second for a small backbone, and is
remembered, so that the same run on the same computer gives the same numbers. Another stage or other weights
of a backbone whose runtime is known take that one over after the comparison alone.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import platform
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.files import cache_dir, write_json
from tlstudio.core.types import Preprocessing
from tlstudio.models.agreement import bounds_for, compare, probe_images
from tlstudio.models.runtimes import REFERENCE, RUNTIMES, Compute, FrozenPart, Runtime
from tlstudio.models.stages import Backbone

log = logging.getLogger(__name__)

AUTO = "auto"
PROBE_SECONDS = 0.6
"""For timing all runtimes together, after each has computed its first batch."""
LARGEST_ROUNDS = 5
HOPELESS = 1.5
"""Times slower than the fastest at its first timing: not timed again."""
WORTHWHILE = 0.9
"""Share of the reference's time that another runtime must stay under."""
REMEMBERED = 500


class FrozenGraph:
    """The frozen stages as a function from images to activations, always in batches of one size.

    Args:
        part: What to compute.
        runtime: What computes it.
        shape: Of one image's activations.
        compute: Where it is built already; else it is built at the first batch.
    """

    def __init__(
        self,
        part: FrozenPart,
        runtime: Runtime,
        *,
        shape: tuple[int, ...],
        compute: Compute | None = None,
    ) -> None:
        self.part = part
        self.shape = shape
        self.runtime_id = runtime.id
        self.precision = f"{runtime.id} {runtime.version()}"
        """What decides the last bits, for the keys of caches."""
        self._build = functools.partial(runtime.build, part, onnx=part.onnx)
        self._compute = compute

    def __call__(self, images: Tensor) -> Tensor:
        """Activations of some images; each image's do not depend on the others.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to the part's batch size.

        Returns:
            float32 [N, …] on the part's device.
        """
        if self._compute is None:
            self._compute = self._build()
        count = len(images)
        if count < self.part.batch_size:
            images = torch.cat([images, images[-1:].expand(self.part.batch_size - count, -1, -1, -1)])
        return self._compute(images)[:count]


def choose_runtime(
    backbone: Backbone,
    *,
    end: str | None,
    preprocessing: Preprocessing,
    weights_sha256: str,
    batch_size: int,
    device: str = "cpu",
    threads: int = 1,
    asked: str | None = None,
    control: Control | None = None,
) -> FrozenGraph:
    """The runtime to compute the stages below `end` with.

    Args:
        backbone: In eval mode, on `device`; its stages up to `end` stay as they are from now on.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        weights_sha256: Of the backbone.
        batch_size: Of every batch.
        device: torch's name.
        threads: To compute with on a processor.
        asked: "auto", or the id of a runtime to insist on; None takes `TLSTUDIO_RUNTIME`, else the
            reference.
        control: Asked between batches of the trial.

    Raises:
        UserError: The runtime that was insisted on is not there, or does not agree with float32.
        Cancelled: The person cancelled during the trial; nothing is remembered then.
    """
    part = FrozenPart(
        backbone=backbone,
        end=end,
        preprocessing=preprocessing,
        batch_size=batch_size,
        device=device,
        threads=threads,
    )
    # The reference by default: a choice by time can fall otherwise on a busy machine, and with it the last
    # digits of a run; who wants the speed asks for it.
    asked = asked or os.environ.get("TLSTUDIO_RUNTIME") or REFERENCE
    runtimes = _usable(device, asked)
    about = {
        "computer": computer(device, threads=threads),
        "asked": asked,
        "backbone": backbone.id,
        "versions": {runtime.id: runtime.version() for runtime in runtimes},
        "batch_size": batch_size,
        "preprocessing": [preprocessing.input_size, *preprocessing.mean, *preprocessing.std],
        "stage": end or "features",
        "weights_sha256": weights_sha256,
    }
    known = _recall(about)
    if known is not None:
        return FrozenGraph(part, RUNTIMES.get(known["runtime"]), shape=tuple(known["shape"]))
    trial = _Trial(part, control=control or Control())
    relative = _recall(about, besides=("stage", "weights_sha256"))
    if relative is not None and trial.admits(RUNTIMES.get(relative["runtime"])):
        chosen = str(relative["runtime"])
    else:
        for runtime in runtimes:
            trial.admits(runtime)
        chosen = trial.fastest()
    if asked not in (AUTO, chosen):
        raise UserError(
            f"“{asked}” cannot be used for {backbone.id}: {trial.refused.get(asked, 'it was not tried')}.",
            mend="Set the runtime to auto.",
        )
    result = {"runtime": chosen, "shape": trial.shape()}
    _remember({**about, **result, "milliseconds": trial.milliseconds(), "refused": trial.refused})
    return FrozenGraph(part, RUNTIMES.get(chosen), shape=trial.shape(), compute=trial.admitted[chosen])


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
    """Builds runtimes, compares each with the reference on one batch, and times those that agree."""

    def __init__(self, part: FrozenPart, *, control: Control) -> None:
        self._part, self._control = part, control
        # One graph serves all runtimes that want one, and is forgotten with the trial.
        self._onnx = functools.cache(part.onnx)
        self._images = probe_images(part.batch_size, size=part.preprocessing.input_size)
        self._turned = self._images.roll(part.batch_size // 3, dims=0)
        self._wanted: Tensor | None = None
        self._seconds: dict[str, list[float]] = {}
        self.admitted: dict[str, Compute] = {}
        self.refused: dict[str, str] = {}

    def admits(self, runtime: Runtime) -> bool:
        """Whether a runtime works here and agrees."""
        if runtime.id not in self.admitted and runtime.id not in self.refused:
            self._control.check()
            try:
                reason = self._try(runtime)
            except Exception as error:
                log.info("the runtime %s cannot be used", runtime.id, exc_info=True)
                reason = f"it failed ({type(error).__name__})"
            if reason:
                self.admitted.pop(runtime.id, None)
                self._seconds.pop(runtime.id, None)
                self.refused[runtime.id] = reason
        return runtime.id in self.admitted

    def _try(self, runtime: Runtime) -> str:
        """Compute two batches; returns why not, or nothing."""
        compute = runtime.build(self._part, onnx=self._onnx)
        if runtime.id == REFERENCE:
            self.admitted[REFERENCE] = compute
            return ""
        first = compute(self._images)
        agreement = compare(first, self._wanted_activations())
        if not agreement.within(bounds_for(self._part.end)):
            return (
                f"its activations differ from float32 (cosine {agreement.mean_cosine:.6f} in the mean, "
                f"{agreement.worst_cosine:.6f} at worst)"
            )
        self.admitted[runtime.id] = compute
        turned = self._timed(runtime.id, self._turned)
        if not torch.equal(turned, first.roll(self._part.batch_size // 3, dims=0)):
            return "an image's activations depend on the others of its batch"
        return ""

    def _wanted_activations(self) -> Tensor:
        if self._wanted is None:
            reference = RUNTIMES.get(REFERENCE).build(self._part, onnx=self._onnx)
            self._wanted = reference(self._images)
        return self._wanted

    def shape(self) -> tuple[int, ...]:
        """Of one image's activations."""
        return tuple(self._wanted_activations().shape[1:])

    def _timed(self, runtime_id: str, images: Tensor) -> Tensor:
        started = time.perf_counter()
        activations = self.admitted[runtime_id](images)
        if self._part.device == "cuda":
            torch.cuda.synchronize()
        self._seconds.setdefault(runtime_id, []).append(time.perf_counter() - started)
        return activations

    def fastest(self) -> str:
        """The fastest of the admitted, by medians; the reference unless another is clearly faster.

        They take turns, so that other work on the computer disturbs all alike.
        """
        if REFERENCE not in self.admitted:
            # One runtime was insisted on.
            return next(iter(self.admitted), REFERENCE)
        if len(self.admitted) == 1:
            return REFERENCE
        self._timed(REFERENCE, self._images)
        started = time.perf_counter()
        for _ in range(LARGEST_ROUNDS):
            best = min(self._median(runtime_id) for runtime_id in self._seconds)
            for runtime_id in [name for name in self._seconds if self._median(name) <= HOPELESS * best]:
                self._control.check()
                self._timed(runtime_id, self._images)
            if time.perf_counter() - started > PROBE_SECONDS:
                break
        fastest = min(self._seconds, key=self._median)
        return fastest if self._median(fastest) < WORTHWHILE * self._median(REFERENCE) else REFERENCE

    def _median(self, runtime_id: str) -> float:
        return statistics.median_low(self._seconds[runtime_id])

    def milliseconds(self) -> dict[str, float]:
        """Medians per image."""
        scale = 1000 / self._part.batch_size
        return {runtime_id: round(scale * self._median(runtime_id), 3) for runtime_id in self._seconds}


def memory_file() -> Path:
    """Where choices are remembered."""
    return cache_dir() / "runtimes.json"


def _entries() -> list[dict[str, Any]]:
    try:
        entries = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _recall(about: Mapping[str, Any], *, besides: Iterable[str] = ()) -> dict[str, Any] | None:
    """What was remembered last for what `about` says, in all but some respects."""
    asked = {name: value for name, value in about.items() if name not in set(besides)}
    entry: dict[str, Any]
    for entry in reversed(_entries()):
        whole = entry.get("runtime") in about["versions"] and isinstance(entry.get("shape"), list)
        if whole and all(entry.get(name) == value for name, value in asked.items()):
            return entry
    return None


def _remember(entry: Mapping[str, Any]) -> None:
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(memory_file().with_name("runtimes.lock")):
        write_json(memory_file(), [*_entries(), entry][-REMEMBERED:])
