"""Exported files that another program changed or a copy damaged are refused in one sentence."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.export.onnx.metadata import read_metadata
from tlstudio.export.onnx.predictor import open_onnx
from tlstudio.inference.predictor import predict_files

KEYS = ["tlstudio_format", "classes", "preprocessing", "card"]
WRONG = [
    None,
    "",
    "x",
    "null",
    "3",
    "[]x",
    "[" * 200_000,
    '"\\ud800"',
    '["a", "a"]',
    '["a", ""]',
    '{"mean": 3}',
]


@pytest.fixture
def properties(onnx_export) -> dict[str, str]:
    model = onnx.load(onnx_export.file)
    return {entry.key: entry.value for entry in model.metadata_props}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", WRONG, ids=lambda value: str(value)[:12])
def test_damaged_metadata_are_refused(key: str, value: str | None, properties: dict[str, str]) -> None:
    damaged = {name: text for name, text in properties.items() if name != key}
    if value is not None:
        damaged[key] = value
    if (key, value) in (("tlstudio_format", "3"), ("card", '{"mean": 3}')):
        pytest.skip("a version that is known, and a card, which may hold anything")
    with pytest.raises(UserError, match=r"damaged|not exported by tlstudio"):
        read_metadata(damaged, source="model.onnx")


@pytest.mark.parametrize(
    "text",
    [
        '{"input_size": -1}',
        '{"input_size": 1e9}',
        '{"input_size": 999999}',
        '{"std": [0, 1, 1]}',
        '{"mean": [1, 2]}',
        '{"interpolation": "nearest"}',
        '{"fit": NaN}',
    ],
)
def test_a_preprocessing_that_is_none_is_refused(text: str, properties: dict[str, str]) -> None:
    with pytest.raises(UserError, match="damaged"):
        read_metadata({**properties, "preprocessing": text}, source="model.onnx")


def small_model(
    folder: Path, properties: dict[str, str], value: float, *, outputs: int, inputs: int = 1
) -> Path:
    """A model with the metadata of a real one that gives the same number for every class."""
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["h", "w", 3])
    more = [helper.make_tensor_value_info(f"more{n}", TensorProto.FLOAT, [1]) for n in range(1, inputs)]
    given = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, outputs])
    constant = numpy_helper.from_array(np.full((1, outputs), value, np.float32), "constant")
    graph = helper.make_graph(
        [helper.make_node("Identity", ["constant"], ["probabilities"])],
        "g",
        [image, *more] if inputs else [],
        [given],
        initializer=[constant],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, properties)
    onnx.save(model, folder / "small.onnx")
    return folder / "small.onnx"


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 0.0, 0.9])
def test_answers_that_are_no_probabilities_are_refused(
    value: float, properties: dict[str, str], image_folder: Path, tmp_path: Path
) -> None:
    count = len(read_metadata(properties, source="").columns[0].classes)
    model = open_onnx(small_model(tmp_path, properties, value, outputs=count))
    photo = next(image_folder.rglob("*.png"))
    with pytest.raises(UserError, match="gives no probabilities") as caught:
        list(predict_files(model, [photo], run_id="job", emit=ignore, control=Control()))
    assert "nan" not in str(caught.value)


@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (7, 1), (3, 0), (3, 2)])
def test_another_number_of_outputs_or_inputs_is_refused(
    outputs: int, inputs: int, properties: dict[str, str], tmp_path: Path
) -> None:
    assert len(read_metadata(properties, source="").columns[0].classes) == 3
    file = small_model(tmp_path, properties, 1 / outputs, outputs=outputs, inputs=inputs)
    with pytest.raises(UserError, match="does not fit"):
        open_onnx(file)


def test_a_sound_model_of_that_kind_is_opened(
    properties: dict[str, str], image_folder: Path, tmp_path: Path
) -> None:
    model = open_onnx(small_model(tmp_path, properties, 1 / 3, outputs=3))
    photo = next(image_folder.rglob("*.png"))
    (found,) = predict_files(model, [photo], run_id="job", emit=ignore, control=Control())
    assert found.probability == pytest.approx(1 / 3)
