"""Exports written by version 0.1.0 still open and predict what the run predicted then."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import REPOSITORY
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export.formats import export_format
from tlstudio.export.onnx.metadata import ModelMetadata
from tlstudio.export.onnx.predictor import OnnxPredictor
from tlstudio.export.opening import open_exported
from tlstudio.inference.predictor import Predictor
from tlstudio.specs import EXPORTS

FIXTURES = REPOSITORY / "tests" / "fixtures"
EXPORTED = FIXTURES / "exported_by_0.1"
RUN = FIXTURES / "made_by_0.1" / "project" / "runs" / "run-1"
CLASSES = ("blue", "green", "red")


@pytest.fixture
def recorded() -> dict[Path, list[float]]:
    """Probabilities that the run recorded when it was made, by image."""
    with (RUN / "predictions.csv").open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["split"] == "test"]
    images = FIXTURES / "made_by_0.1" / "images"
    return {images / row["path"]: [float(row[f"P({name})"]) for name in CLASSES] for row in rows}


@pytest.mark.parametrize("path", [EXPORTED / "portable", EXPORTED / "portable" / "model.onnx"])
def test_a_model_for_whole_images_opens_by_its_path(path: Path, recorded: dict[Path, list[float]]):
    model: Predictor = open_exported(path)
    assert (model.columns[0].classes, model.takes) == (CLASSES, "decoded")
    for image, expected in recorded.items():
        np.testing.assert_allclose(model.output(decode_rgb(image).pixels).probabilities, expected, atol=1e-4)


def test_a_model_for_prepared_images_opens_in_its_format(recorded: dict[Path, list[float]]):
    model = export_format(EXPORTS.get("onnx-tensor")).open(EXPORTED / "prepared.onnx")
    assert isinstance(model, OnnxPredictor)
    assert (model.columns[0].classes, model.takes) == (CLASSES, "prepared")
    metadata: ModelMetadata = model.metadata
    for image, expected in recorded.items():
        pixels = to_input(decode_rgb(image).pixels, metadata.preprocessing)[None]
        prepared = normalise(pixels, metadata.preprocessing)[0].numpy()
        np.testing.assert_allclose(model.output(prepared).probabilities, expected, atol=1e-4)
