"""Describes the frozen stages of a backbone to the runtimes that compute them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise
from tlstudio.models.stages import Backbone

MOST_WORKERS = 4
"""Batches computed at the same time at most; each needs memory for its activations."""

Compute: TypeAlias = Callable[[Tensor], Tensor]
"""Function from images uint8 [batch_size, 3, S, S] on the CPU to float32 [batch_size, …] on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenStages:
    """The frozen stages to compute, and how.

    Attributes:
        backbone: In eval mode, on `device`; its stages before `end` must not change.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        batch_size: Of every batch.
        device: torch's name of the device.
        threads: CPU threads to compute with, for all concurrent batches together.
    """

    backbone: Backbone
    end: str | None
    preprocessing: Preprocessing
    batch_size: int
    device: str
    threads: int

    @property
    def workers(self) -> int:
        """Number of batches that a concurrent runtime computes at the same time."""
        return max(1, min(self.threads, MOST_WORKERS))

    def run(self, x: Tensor) -> Tensor:
        """Compute the activations of prepared images with the backbone itself."""
        return self.backbone.run_stages(x, end=self.end)

    def prepared(self, images: Tensor) -> Tensor:
        """Normalise images as given to `Compute` and move them to the device."""
        x = normalise(images.to(self.device), self.preprocessing)
        return x.contiguous(memory_format=torch.channels_last)

    def onnx(self) -> bytes:
        """Translate the stages to an ONNX graph from images to activations; takes up to a second.

        Raises:
            UntranslatableError: The stages use an operation that cannot be translated.
        """
        # The reference runtime, which is enough for a few images, does without onnx.
        from tlstudio.models.onnx.graph import frozen_onnx

        size = self.preprocessing.input_size
        example = torch.zeros(self.batch_size, 3, size, size, dtype=torch.uint8)
        return frozen_onnx(self.run, example=example, preprocessing=self.preprocessing)
