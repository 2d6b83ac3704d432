"""PyTorch in float32: the reference, and what is left where nothing else agrees or pays."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.models.runtimes import REFERENCE, RUNTIMES, Compute, FrozenStages


class TorchFloat32:
    """The backbone's own stages, channels last."""

    id = REFERENCE
    concurrent = False
    full_precision = True

    def version(self) -> str:
        """See `Runtime`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """Everywhere."""
        return True

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime`; takes no time and shares the backbone's weights."""

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            return part.run(part.prepared(images))

        return compute


RUNTIMES.register(TorchFloat32())
