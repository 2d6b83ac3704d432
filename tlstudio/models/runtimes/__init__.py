"""What can compute the frozen stages: one registered file each.

The reference is plain PyTorch in float32, as the trained classifier computes. All others must agree with it
(see `runtime_choice`) and be worth it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
"""From images uint8 [batch_size, 3, S, S] on the CPU to activations float32 [batch_size, …] on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenStages:
    """The stages to compute, and how.

    Attributes:
        backbone: In eval mode, on `device`; its stages up to `end` stay as they are.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        batch_size: Of every batch.
        device: torch's name.
        threads: To compute with on a processor, all batches together.
    """

    backbone: Backbone
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
        return self.backbone.run_stages(x, end=self.end)

    def prepared(self, images: Tensor) -> Tensor:
        """Images as given to `Compute`, normalised, on the device."""
        x = normalise(images.to(self.device), self.preprocessing)
        return x.contiguous(memory_format=torch.channels_last)

    def onnx(self) -> bytes:
        """The same as a graph, from images to activations; takes up to a second.

        Raises:
            UntranslatableError: There is no such graph.
        """
        size = self.preprocessing.input_size
        example = torch.zeros(self.batch_size, 3, size, size, dtype=torch.uint8)
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
