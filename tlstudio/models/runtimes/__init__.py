"""What can compute the frozen stages: one registered file each.

The reference is plain PyTorch in float32, as the trained classifier computes. All others must agree with it
(see `runtime_choice`) and be worth it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from tlstudio.core.registry import Registry
from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise
from tlstudio.models.onnx.graph import frozen_onnx
from tlstudio.models.stages import Backbone

MOST_WORKERS = 4
"""Batches computed at the same time at most: each needs memory for its activations."""

Compute: TypeAlias = Callable[[Tensor], Tensor]
"""From images uint8 [batch_size, 3, S, S] on the CPU (or activations float16 [batch_size, …], where the part
starts at a stage) to activations float32 [batch_size, …] on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenStages:
    """The stages to compute, and how.

    Attributes:
        backbone: In eval mode, on `device`; its stages up to `end` stay as they are.
        start: First stage, entered by its activations; None is the first of all, entered by images.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        batch_size: Of every batch.
        device: torch's name.
        threads: To compute with on a processor, all batches together.
    """

    backbone: Backbone
    start: str | None = None
    end: str | None
    preprocessing: Preprocessing
    batch_size: int
    device: str
    threads: int

    @property
    def workers(self) -> int:
        """Batches at the same time, for a runtime that can; threads that share one wait for each other."""
        return max(1, min(self.threads, MOST_WORKERS))

    def run(self, x: Tensor) -> Tensor:
        """Activations of what `prepared` gives, by the backbone itself."""
        return self.backbone.run_stages(x, start=self.start, end=self.end)

    def prepared(self, given: Tensor) -> Tensor:
        """Images or activations as given to `Compute`, as the stages take them, on the device."""
        given = given.to(self.device)
        x = normalise(given, self.preprocessing) if self.start is None else given.float()
        return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x

    def given(self, images: Tensor) -> Tensor:
        """What `Compute` is to be given for images uint8 [N, 3, S, S]: these, or their activations."""
        if self.start is None:
            return images
        lower = replace(self, start=None, end=self.start)
        with torch.inference_mode():
            return lower.run(lower.prepared(images)).half().cpu().contiguous()

    def onnx(self) -> bytes:
        """The same as a graph, from what `Compute` is given to activations; takes up to a second.

        Raises:
            UntranslatableError: There is no such graph.
        """
        size = self.preprocessing.input_size
        example = self.given(torch.zeros(self.batch_size, 3, size, size, dtype=torch.uint8))
        return frozen_onnx(self.run, example=example, preprocessing=self.preprocessing)


class Runtime(Protocol):
    """A way of computing the frozen stages."""

    @property
    def id(self) -> str:
        """Name in settings and in the keys of cached activations."""
        ...

    @property
    def concurrent(self) -> bool:
        """Whether `part.workers` threads may use what is built at once; its weights are its own then."""
        ...

    @property
    def full_precision(self) -> bool:
        """Whether it computes in float32 throughout."""
        ...

    def version(self) -> str:
        """Of the library that computes; called only where `usable`."""
        ...

    def usable(self, device: str) -> bool:
        """Whether it is installed and made for this device; looks without importing anything."""
        ...

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """Make ready to compute.

        Args:
            part: What to compute.
            onnx: `part.onnx`, or the same made once for several runtimes.

        Raises:
            Exception: Of any kind, where it cannot.
        """
        ...


REFERENCE = "torch-fp32"
RUNTIMES: Registry[Runtime] = Registry("tlstudio.models.runtimes")
