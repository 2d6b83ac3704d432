"""ONNX Runtime in float32: joins convolution, normalisation and activation into one pass over memory."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec

import torch
from torch import Tensor

from tlstudio.models.onnx.graph import GIVEN
from tlstudio.models.runtimes import RUNTIMES, Compute, FrozenStages


class OnnxRuntime:
    """On processors; agrees with torch to the sixth digit."""

    id = "onnx-runtime"
    concurrent = True
    full_precision = True

    def version(self) -> str:
        """See `Runtime`."""
        return metadata.version("onnxruntime")

    def usable(self, device: str) -> bool:
        """On processors."""
        return device == "cpu" and find_spec("onnxruntime") is not None

    def build(self, part: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """See `Runtime`."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, part.threads // part.workers)
        # Threads that wait by turning in circles take the cores from those that decode images.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(onnx(), options, providers=["CPUExecutionProvider"])

        def compute(images: Tensor) -> Tensor:
            (activations,) = session.run(None, {GIVEN: images.contiguous().numpy()})
            return torch.from_numpy(activations)

        return compute


RUNTIMES.register(OnnxRuntime())
