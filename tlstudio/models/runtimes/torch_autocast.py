"""PyTorch with mixed precision, on graphics cards."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.models.runtimes import RUNTIMES, Compute, FrozenStages


class TorchAutocast:
    """The backbone's own stages; torch decides which operations take half precision."""

    id = "torch-autocast"
    concurrent = False
    full_precision = False

    def version(self) -> str:
        """See `Runtime`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """On graphics cards; processors have `torch-bf16`."""
        return device in ("cuda", "mps")

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime`; shares the backbone's weights."""
        # float16 keeps three more bits than bfloat16, and processors have no fast way for it.
        dtype = torch.bfloat16 if part.device == "cpu" else torch.float16

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            with torch.autocast(part.device, dtype=dtype):
                activations = part.run(part.prepared(images))
            return activations.float()

        return compute


RUNTIMES.register(TorchAutocast())
