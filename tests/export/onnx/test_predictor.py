from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tlstudio.core.errors import UserError
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export.onnx.predictor import open_onnx
from tlstudio.models.classifier import Classifier


def test_probabilities_are_those_of_the_classifier(
    onnx_export, image_folder: Path, classifier: Classifier
) -> None:
    model = open_onnx(onnx_export.file)
    assert (model.columns, model.takes) == (classifier.columns, "decoded")
    for file in sorted(image_folder.rglob("*.png"))[::5]:
        pixels = decode_rgb(file).pixels
        expected = classifier.probabilities(to_input(pixels, classifier.preprocessing)[None])[0].numpy()
        probabilities = model.output(pixels).probabilities
        assert probabilities.dtype == np.float64
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_a_model_without_preprocessing_takes_prepared_images(
    tensor_export, image_folder: Path, classifier: Classifier
) -> None:
    model = open_onnx(tensor_export.file)
    assert (model.columns, model.takes) == (classifier.columns, "prepared")
    image = to_input(decode_rgb(next(image_folder.rglob("*.png"))).pixels, classifier.preprocessing)[None]
    prepared = normalise(image, classifier.preprocessing)[0].numpy()
    expected = classifier.probabilities(image)[0].numpy()
    np.testing.assert_allclose(model.output(prepared).probabilities, expected, atol=1e-5)


def test_models_of_other_programs_are_refused(tmp_path: Path) -> None:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "foreign.onnx")
    with pytest.raises(UserError, match="not exported by tlstudio"):
        open_onnx(tmp_path / "foreign.onnx")


def test_truncated_and_missing_files_are_refused(tmp_path: Path, onnx_export) -> None:
    truncated = tmp_path / "cut.onnx"
    truncated.write_bytes(onnx_export.file.read_bytes()[:-1000])
    with pytest.raises(UserError, match="damaged"):
        open_onnx(truncated)
    with pytest.raises(UserError, match="no exported model"):
        open_onnx(tmp_path / "missing.onnx")


def test_a_model_that_does_not_fit_its_metadata_is_refused(tmp_path: Path, onnx_export) -> None:
    model = onnx.load(onnx_export.file)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    fewer = {**properties, "classes": '["only"]'}
    other_input = {**properties, "input": "tensor"}
    for number, changed in enumerate((fewer, other_input)):
        onnx.helper.set_model_props(model, changed)
        onnx.save(model, tmp_path / f"{number}.onnx")
        with pytest.raises(UserError, match="does not fit what the file says about it"):
            open_onnx(tmp_path / f"{number}.onnx")
