"""ONNX Runtime in float32: fuses convolution, normalisation and activation into one pass over memory."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec

import torch
from torch import Tensor

from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs.runtimes.onnx_runtime import SPEC


class OnnxRuntime:
    """Computes on CPUs; agrees with torch to six digits."""

    id = SPEC.id
    concurrent = True
    full_precision = True

    def version(self) -> str:
        """See `Runtime.version`."""
        return metadata.version("onnxruntime")

    def usable(self, device: str) -> bool:
        """Return whether the device is a CPU and ONNX Runtime is installed."""
        return device == "cpu" and find_spec("onnxruntime") is not None

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime.build`."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, stages.threads // stages.workers)
        # Threads that spin while they wait take the cores away from those that decode images.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(onnx(), options, providers=["CPUExecutionProvider"])
        (entering,) = session.get_inputs()

        def compute(images: Tensor) -> Tensor:
            (activations,) = session.run(None, {entering.name: images.contiguous().numpy()})
            return torch.from_numpy(activations)

        return compute


IMPLEMENTATION = OnnxRuntime()
