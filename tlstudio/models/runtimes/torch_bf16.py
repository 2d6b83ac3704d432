"""PyTorch in bfloat16 on CPUs that have instructions for it.

Twice as fast as float32 for large plain convolutions and for transformers. Its 8 bits of precision are enough
for some backbones (cosine 0.99999 for ResNet-18) and too few for others (0.9976 for EfficientNet-Lite0, on
photos); the comparison with float32 decides.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.compute.device import has_bfloat16
from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs.runtimes.torch_bf16 import SPEC


class TorchBFloat16:
    """A copy of the stages with bfloat16 weights."""

    id = SPEC.id
    concurrent = False
    full_precision = False

    def version(self) -> str:
        """See `Runtime.version`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """Return whether the device is a CPU with bfloat16 instructions, without which float32 is faster."""
        return device == "cpu" and has_bfloat16()

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime.build`."""
        backbone = copy.deepcopy(stages.backbone).to(torch.bfloat16)

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            x = stages.prepared(images).to(torch.bfloat16)
            return backbone.run_stages(x, end=stages.end).float()

        return compute


IMPLEMENTATION = TorchBFloat16()
