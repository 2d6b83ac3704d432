"""ONNX that takes whole images: everything between decoding and the probabilities is inside the graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlstudio.export.onnx.predictor import OnnxPredictor, open_onnx

if TYPE_CHECKING:
    from tlstudio.models.classifier import Classifier


class OnnxForImages:
    """Input "image": uint8 [height, width, 3], RGB, upright. Output "probabilities": float32 [1, K].

    Of several label columns each further one NAME has an output "probabilities_NAME".
    """

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `ExportFormat.write`."""
        from tlstudio.export.onnx.files import write_image_model

        write_image_model(classifier, out, card=card)

    def open(self, path: Path) -> OnnxPredictor:
        """See `ExportFormat.open`."""
        return open_onnx(path)


IMPLEMENTATION = OnnxForImages()
