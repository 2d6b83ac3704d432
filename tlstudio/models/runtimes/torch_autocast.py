"""PyTorch with automatic mixed precision, on GPUs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs.runtimes.torch_autocast import SPEC


class TorchAutocast:
    """The backbone's own stages; torch decides which operations run in half precision."""

    id = SPEC.id
    concurrent = False
    full_precision = False

    def version(self) -> str:
        """See `Runtime.version`."""
        return str(torch.__version__)

    def usable(self, device: str) -> bool:
        """Return whether the device is a GPU; for CPUs there is a bfloat16 runtime."""
        return device in ("cuda", "mps")

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime.build`; shares the backbone's weights."""
        # float16 has three more bits of precision than bfloat16, but is slow on CPUs.
        dtype = torch.bfloat16 if stages.device == "cpu" else torch.float16

        @torch.inference_mode()
        def compute(images: Tensor) -> Tensor:
            with torch.autocast(stages.device, dtype=dtype):
                activations = stages.run(stages.prepared(images))
            return activations.float()

        return compute


IMPLEMENTATION = TorchAutocast()
