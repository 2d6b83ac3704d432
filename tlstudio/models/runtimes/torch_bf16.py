"""PyTorch in bfloat16 on processors that have instructions for it.

Twice as fast as float32 for large plain convolutions and for transformers. Its 8 bits of precision are
enough for some backbones (cosine 0.99999 for ResNet-18) and not for others (0.9976 for EfficientNet-Lite0,
on photos): the comparison with float32 decides.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.compute.device import has_bfloat16
from tlstudio.models.runtimes import RUNTIMES, Compute, FrozenStages


class TorchBFloat16:
    """A copy of the stages in half the bytes."""

    id = "torch-bf16"
    concurrent = False
    full_precision = False

    def version(self) -> str:
        """See `Runtime`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """On processors with such instructions: without them it works too, many times slower."""
        return device == "cpu" and has_bfloat16()

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime`."""
        backbone = copy.deepcopy(part.backbone).to(torch.bfloat16)

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            x = part.prepared(images).to(torch.bfloat16)
            return backbone.run_stages(x, end=part.end).float()

        return compute


RUNTIMES.register(TorchBFloat16())
