"""ONNX for tools that prepare the images themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tlstudio.export.formats import FORMATS
from tlstudio.export.network import network_model, save_model
from tlstudio.models.classifier import Classifier


class OnnxTensor:
    """Input "prepared": float32 [batch, 3, S, S], normalised. Output "probabilities": float32 [batch, K]."""

    id = "onnx-tensor"
    title = "ONNX model for prepared images"
    audience = "Tools that insist on preparing the images themselves"
    suffix = ".onnx"

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `core.contracts.ExportFormat`."""
        save_model(network_model(classifier), out, classifier=classifier, takes="tensor", card=card)


FORMATS.register(OnnxTensor())
