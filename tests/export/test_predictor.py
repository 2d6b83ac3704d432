from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, ignore
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import to_input
from tlstudio.export.predictor import is_exported, load_exported, open_model
from tlstudio.models.classifier import Classifier


@pytest.mark.parametrize("kind", ["onnx_export", "portable_export"])
def test_answers_are_the_classifiers(
    kind: str, request: pytest.FixtureRequest, image_folder: Path, classifier: Classifier
) -> None:
    path = request.getfixturevalue(kind).file
    assert is_exported(path)
    model = load_exported(path)
    assert model.classes == classifier.classes
    for file in sorted(image_folder.rglob("*.png"))[::5]:
        pixels = decode_rgb(file).pixels
        expected = classifier.probabilities(to_input(pixels, classifier.preprocessing)[None])[0].numpy()
        answer = model.probabilities(pixels)
        assert answer.dtype == np.float64
        np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_predict_names_bad_files_and_goes_on(onnx_export, image_folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image at all")
    good = next(image_folder.rglob("*.png"))
    events: list[Event] = []
    answers = list(
        load_exported(onnx_export.file).predict(
            [good, bad, good], run_id="job", emit=events.append, control=Control()
        )
    )
    assert [answer.path for answer in answers] == [str(good), str(bad), str(good)]
    assert [answer.error is None for answer in answers] == [True, False, True]
    assert sum(answers[0].probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert answers[0] == answers[2]
    assert not answers[1].probabilities
    assert [event.done for event in events if isinstance(event, StageProgress)] == [1, 2, 3]


def test_predict_can_be_cancelled(onnx_export, image_folder: Path) -> None:
    control = Control()
    files = sorted(image_folder.rglob("*.png"))
    answers = load_exported(onnx_export.file).predict(files, run_id="j", emit=ignore, control=control)
    next(answers)
    control.cancel()
    with pytest.raises(Cancelled):
        next(answers)


def test_prepared_images_model_is_refused_for_files(tensor_export) -> None:
    assert open_model(tensor_export.file).metadata.takes == "tensor"
    with pytest.raises(UserError, match="prepared images only"):
        load_exported(tensor_export.file)


def test_foreign_models_are_refused(tmp_path: Path) -> None:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "foreign.onnx")
    with pytest.raises(UserError, match="not exported by tlstudio"):
        load_exported(tmp_path / "foreign.onnx")


def test_damaged_and_missing_files_are_refused(tmp_path: Path, onnx_export) -> None:
    damaged = tmp_path / "cut.onnx"
    damaged.write_bytes(onnx_export.file.read_bytes()[:-1000])
    with pytest.raises(UserError, match="damaged"):
        load_exported(damaged)
    assert is_exported(tmp_path / "missing.onnx")
    with pytest.raises(UserError, match="no exported model"):
        load_exported(tmp_path / "missing.onnx")
    assert not is_exported(tmp_path)
