"""A classifier of 16-bit images answers the same from its run and from each export."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from tests.conftest import Once
from tests.training.tiny import train
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import PredictedImage
from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export.export import export_run
from tlstudio.export.onnx import files
from tlstudio.export.opening import open_exported
from tlstudio.export.sample_program import decode
from tlstudio.inference.predict import predict_images
from tlstudio.inference.predictor import predict_files
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.stages import Backbone
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe
from tlstudio.training.run import assembly, look_back


@dataclass(frozen=True)
class Made:
    images: Path
    run: RunFolder
    portable: Path
    tensor: Path

    @property
    def classifier(self) -> Classifier:
        return load_classifier(self.run.best_checkpoint)


def specimen(level: float, *, seed: int) -> np.ndarray:
    """Spots of one brightness on a dark ground."""
    rng = np.random.default_rng(seed)
    values = rng.normal(110, 6, (60, 72))
    for y, x in rng.integers(5, 45, (5, 2)):
        values[y : y + 9, x : x + 9] += level
    return np.clip(values, 0, 65535).astype(np.uint16)


def backbone(*_args: object, **_options: object) -> Backbone:
    torch.manual_seed(0)
    return load_backbone("test_efficientnet", pretrained=False)


def make(folder: Path) -> None:
    for name, low, high in (("negative", 180, 320), ("positive", 1400, 2600)):
        (folder / "images" / name).mkdir(parents=True)
        for number, level in enumerate(np.linspace(low, high, 12)):
            values = specimen(level, seed=number)
            Image.fromarray(values).save(folder / "images" / name / f"{number:02}.tif")
    traced: list[bytes] = []
    network_model = files.network_model

    def traced_once(classifier: Classifier) -> onnx.ModelProto:
        if not traced:
            traced.append(network_model(classifier).SerializeToString())
        return onnx.load_from_string(traced[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_back, "load_backbone", backbone)
        patch.setattr(assembly, "load_backbone", backbone)
        patch.setattr(files, "network_model", traced_once)
        patch.setenv("TLSTUDIO_CACHE", str(folder / "cache"))
        train(folder / "images", folder / "run", split={"validation": 0.2, "test": 0.2})
        run = RunFolder(folder / "run")
        for format_id, name in (("portable", "portable"), ("onnx-tensor", "tensor.onnx")):
            result = export_run(run, format_id=format_id, out=folder / name)
            assert result.parity.same_class == result.parity.n > 10


@pytest.fixture(scope="module")
def made(once: Once) -> Made:
    folder = once("deep-exports", make)
    run = RunFolder(folder / "run")
    return Made(folder / "images", run, folder / "portable", folder / "tensor.onnx")


@pytest.fixture(scope="module")
def odd(made: Made, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files whose values lie in and beyond those that were trained on."""
    folder = tmp_path_factory.mktemp("odd")
    hot = specimen(250, seed=40)
    hot[3, 3] = 65535
    Image.fromarray(hot).save(folder / "hot.tif")
    Image.fromarray(specimen(250, seed=40)).save(folder / "not-hot.tif")
    Image.fromarray(specimen(30_000, seed=41)).save(folder / "glaring.png")
    Image.fromarray(specimen(1, seed=42)).save(folder / "faint.png")
    with_gaps = specimen(2000, seed=43)
    with_gaps[:9] = 65535
    Image.fromarray(with_gaps).save(folder / "gaps.tif", tiffinfo={42113: "65535"})
    Image.fromarray((specimen(250, seed=44) // 2).astype(np.uint8)).save(folder / "ordinary.png")
    return sorted(folder.iterdir())


def answers(predictions: list[PredictedImage]) -> np.ndarray:
    assert all(prediction.error is None for prediction in predictions)
    return np.array([list(prediction.probabilities.values()) for prediction in predictions])


def test_the_window_is_in_recipe_checkpoint_exports_and_card(made: Made) -> None:
    (window,) = read_recipe(made.run.recipe).values.found or ()
    assert 80 < window.low[0] < 110
    assert 2000 < window.high[0] < 9000
    assert made.classifier.preprocessing.values == (window,)
    for place in (made.portable / "preprocessing.json", made.portable / "card.json"):
        (kept,) = json.loads(place.read_text(encoding="utf-8"))["values"]
        assert read_dataclass(ValueWindow, kept) == window
    readme = (made.portable / "README.md").read_text(encoding="utf-8")
    assert "must be scaled so" in readme
    assert f"values {window.low[0]:.5g} to {window.high[0]:.5g}" in readme


def test_exports_answer_as_the_run_does(made: Made, odd: list[Path]) -> None:
    paths = [*sorted(made.images.rglob("*.tif")), *odd]
    of_run = answers(list(predict_images(made.classifier, paths)))
    exported = open_exported(made.portable)
    predicted = list(predict_files(exported, paths, run_id="", emit=ignore, control=Control()))
    np.testing.assert_allclose(answers(predicted), of_run, atol=1e-3)
    assert of_run[:, 0].std() > 0.05


def test_the_graph_for_tensors_answers_as_the_run_does(made: Made, odd: list[Path]) -> None:
    preprocessing = made.classifier.preprocessing
    session = onnxruntime.InferenceSession(made.tensor, providers=["CPUExecutionProvider"])
    pixels = [decode_rgb(path, values=preprocessing.values).pixels for path in odd]
    batch = normalise(torch.stack([to_input(each, preprocessing) for each in pixels]), preprocessing)
    rows = session.run(None, {"prepared": batch.numpy()})[0]
    np.testing.assert_allclose(rows, answers(list(predict_images(made.classifier, odd))), atol=1e-3)


def test_the_sample_program_reads_deep_images_as_the_app_does(made: Made, odd: list[Path]) -> None:
    windows = json.loads((made.portable / "preprocessing.json").read_text(encoding="utf-8"))["values"]
    for path in odd:
        expected = decode_rgb(path, values=made.classifier.preprocessing.values).pixels
        np.testing.assert_array_equal(decode(path, windows), expected, err_msg=path.name)
    printed = subprocess.run(
        [sys.executable, "-I", made.portable / "predict.py", *odd], capture_output=True, text=True, check=True
    )
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    for row, answer in zip(rows, predict_images(made.classifier, odd), strict=True):
        assert row["class"] == answer.class_name
        assert float(row["probability"]) == pytest.approx(answer.probability, abs=1e-3)


def test_a_hot_pixel_changes_no_answer(made: Made, odd: list[Path]) -> None:
    hot, clean = (next(path for path in odd if path.stem == stem) for stem in ("hot", "not-hot"))
    one, other = answers(list(predict_images(made.classifier, [hot, clean])))
    np.testing.assert_allclose(one, other, atol=0.02)


def test_sixteen_bit_colours_are_refused_by_the_sample_program_where_a_window_was_chosen(
    made: Made, tmp_path: Path
) -> None:
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9, 3), np.uint16), photometric="rgb")
    window = {"layout": "colour, whole numbers", "channels": [1, 2, 3], "low": [0] * 3, "high": [9] * 3}
    with pytest.raises(ValueError, match="read by tlstudio only"):
        decode(tmp_path / "a.tif", [window])
