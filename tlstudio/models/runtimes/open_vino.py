"""OpenVINO, where the extra `openvino` is installed: float32, and bfloat16 where that agrees."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec

import torch
from torch import Tensor

from tlstudio.compute.device import has_bfloat16
from tlstudio.models.runtimes import RUNTIMES, Compute, FrozenStages


class OpenVino:
    """On processors.

    Args:
        precision: "f32" or "bf16". OpenVINO lowers it by itself where the processor allows, unless told.
    """

    concurrent = False
    """One request computes one batch, with all threads."""

    def __init__(self, precision: str) -> None:
        self.id = f"openvino-{precision}"
        self._precision = precision
        self.full_precision = precision == "f32"

    def version(self) -> str:
        """See `Runtime`."""
        return metadata.version("openvino")

    def usable(self, device: str) -> bool:
        """On processors, with the extra; bfloat16 as for `torch-bf16`."""
        if device != "cpu" or find_spec("openvino") is None:
            return False
        return self._precision == "f32" or has_bfloat16()

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime`."""
        import openvino

        # Read from memory by the core: OpenVINO's converters would report their use over the network.
        core = openvino.Core()
        compiled = core.compile_model(
            core.read_model(onnx()),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": self._precision,
                "INFERENCE_NUM_THREADS": part.threads,
                "PERFORMANCE_HINT": "LATENCY",
            },
        )
        request = compiled.create_infer_request()

        def compute(images: Tensor) -> Tensor:
            # The result lies in the request's own memory, which the next batch overwrites.
            return torch.from_numpy(request.infer([images.contiguous().numpy()])[0].copy())

        return compute


RUNTIMES.register(OpenVino("f32"))
RUNTIMES.register(OpenVino("bf16"))
