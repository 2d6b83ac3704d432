"""Computes frozen stages with OpenVINO; the runtimes of each precision share it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from typing import Literal

import torch
from torch import Tensor

from tlstudio.compute.device import has_bfloat16
from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs.spec import RuntimeSpec


class OpenVino:
    """A runtime for CPUs. See `Runtime`.

    Args:
        spec: Of the runtime.
        precision: To compute in. OpenVINO would lower it by itself where the CPU allows.
    """

    concurrent = False  # one request computes one batch, with all threads

    def __init__(self, spec: RuntimeSpec, *, precision: Literal["f32", "bf16"]) -> None:
        self.id = spec.id
        self._precision = precision
        self.full_precision = precision == "f32"

    def version(self) -> str:
        """See `Runtime.version`."""
        return metadata.version("openvino")

    def usable(self, device: str) -> bool:
        """Return whether the device is a CPU and OpenVINO is installed.

        The bfloat16 runtime also needs a processor with bfloat16 instructions.
        """
        if device != "cpu" or find_spec("openvino") is None:
            return False
        return self.full_precision or has_bfloat16()

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime.build`."""
        import openvino

        # Read from memory by the core: OpenVINO's converters would report their use over the network.
        core = openvino.Core()
        compiled = core.compile_model(
            core.read_model(onnx()),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": self._precision,
                "INFERENCE_NUM_THREADS": stages.threads,
                "PERFORMANCE_HINT": "LATENCY",
            },
        )
        request = compiled.create_infer_request()

        def compute(images: Tensor) -> Tensor:
            # The result lies in the request's own memory, which the next batch overwrites.
            return torch.from_numpy(request.infer([images.contiguous().numpy()])[0].copy())

        return compute
