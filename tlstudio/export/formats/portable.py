"""A folder that holds everything about a classifier, and a short program that shows how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlstudio.core.files import write_bytes, write_json, write_text
from tlstudio.export.onnx.predictor import OnnxPredictor, open_onnx

if TYPE_CHECKING:
    from tlstudio.models.classifier import Classifier

MODEL_FILE = "model.onnx"
SAMPLE_PROGRAM = Path(__file__).parent.parent / "sample_program.py"


class PortableFolder:
    """Weights, ONNX model, class names, preprocessing, model card, and `predict.py`."""

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """See `ExportFormat.write`; makes the folder."""
        from tlstudio.export.card import card_markdown
        from tlstudio.export.hub_card import front_matter
        from tlstudio.export.onnx.files import write_image_model

        out.mkdir(parents=True, exist_ok=True)
        write_image_model(classifier, out / MODEL_FILE, card=card)
        classifier.save(out / "classifier.safetensors")
        write_json(out / "classes.json", list(classifier.classes))
        if len(classifier.columns) > 1:
            columns = {column.name: list(column.classes) for column in classifier.columns}
            write_json(out / "columns.json", columns)
        write_json(out / "preprocessing.json", classifier.preprocessing.as_values())
        write_json(out / "card.json", dict(card))
        write_text(out / "README.md", front_matter(card) + card_markdown(card))
        write_bytes(out / "predict.py", SAMPLE_PROGRAM.read_bytes())

    def open(self, path: Path) -> OnnxPredictor:
        """See `ExportFormat.open`."""
        return open_onnx(path / MODEL_FILE)


IMPLEMENTATION = PortableFolder()
