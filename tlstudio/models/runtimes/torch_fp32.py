"""PyTorch in float32: the reference, and the fallback where no other runtime agrees or is faster."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs.runtimes.torch_fp32 import SPEC


class TorchFloat32:
    """The backbone's own stages, in memory format channels-last."""

    id = SPEC.id
    concurrent = False
    full_precision = True

    def version(self) -> str:
        """See `Runtime.version`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """Return True: every device can be used."""
        return True

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime.build`; takes no time and shares the backbone's weights."""

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            return stages.run(stages.prepared(images))

        return compute


IMPLEMENTATION = TorchFloat32()
