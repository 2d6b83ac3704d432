"""ONNX that takes whole images: what is between decoding and the answer is inside the graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onnx import compose

from tlstudio.export.formats import FORMATS
from tlstudio.export.network import network_model, save_model
from tlstudio.export.resize import preprocessing_model
from tlstudio.models.classifier import Classifier


class OnnxImage:
    """Input "image": uint8 [height, width, 3], RGB, upright. Output "probabilities": float32 [1, K]."""

    id = "onnx"
    title = "ONNX model for whole images"
    audience = "Programs that run ONNX, on any system"
    suffix = ".onnx"

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `core.contracts.ExportFormat`."""
        model = compose.merge_models(
            preprocessing_model(classifier.preprocessing),
            network_model(classifier),
            io_map=[("prepared", "prepared")],
        )
        # Joining lists the operator set once for each half.
        del model.opset_import[1:]
        # One image goes in, so one row comes out.
        model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1
        save_model(model, out, classifier=classifier, takes="image", card=card)


FORMATS.register(OnnxImage())
