"""A folder that holds everything, and a short program that shows how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tlstudio.core.files import write_bytes, write_json, write_text
from tlstudio.export.card import card_markdown
from tlstudio.export.formats import FORMATS
from tlstudio.export.formats.onnx_image import OnnxImage
from tlstudio.export.predictor import MODEL_FILE
from tlstudio.models.classifier import Classifier

SAMPLE = Path(__file__).parent.parent / "sample.py"


class Portable:
    """Weights, ONNX model, classes, preprocessing, model card, and `predict.py`."""

    id = "portable"
    title = "Portable folder with a sample program"
    audience = "Anyone with Python, or who wants to keep everything together"
    suffix = ""

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `core.contracts.ExportFormat`; `out` is the folder, made here."""
        out.mkdir(parents=True, exist_ok=True)
        OnnxImage().write(classifier, out / MODEL_FILE, card=card)
        classifier.save(out / "classifier.safetensors")
        write_json(out / "classes.json", list(classifier.classes))
        write_json(out / "preprocessing.json", asdict(classifier.preprocessing))
        write_json(out / "card.json", dict(card))
        write_text(out / "README.md", card_markdown(card))
        write_bytes(out / "predict.py", SAMPLE.read_bytes())


FORMATS.register(Portable())
