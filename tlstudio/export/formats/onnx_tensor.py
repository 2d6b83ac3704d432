"""ONNX for tools that prepare the images themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlstudio.export.onnx.predictor import OnnxPredictor, open_onnx

if TYPE_CHECKING:
    from tlstudio.models.classifier import Classifier


class OnnxForTensors:
    """Input "prepared": float32 [batch, 3, S, S], normalised. Output "probabilities": float32 [batch, K].

    Of several label columns each further one NAME has an output "probabilities_NAME".
    """

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `ExportFormat.write`."""
        from tlstudio.export.onnx.files import write_tensor_model

        write_tensor_model(classifier, out, card=card)

    def open(self, path: Path) -> OnnxPredictor:
        """See `ExportFormat.open`."""
        return open_onnx(path)


IMPLEMENTATION = OnnxForTensors()
