import json
from dataclasses import replace

import pytest

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing
from tlstudio.evaluation.class_sets import ClassSets
from tlstudio.export.onnx.metadata import ModelMetadata, read_metadata

METADATA = ModelMetadata(
    takes="tensor",
    columns=(LabelColumn(classes=("a", "ß<&>", '"')),),
    preprocessing=Preprocessing(input_size=299, fit="pad", interpolation="bilinear"),
    card={"limits": ["one", "two"], "figures": {"test": {"n": 5}}},
)


def test_metadata_are_read_as_written() -> None:
    assert read_metadata(METADATA.as_strings(), source="m.onnx") == METADATA


def test_several_label_columns_are_read_as_written_with_the_names_of_their_outputs() -> None:
    health = LabelColumn(name="health", classes=("ill", "well"))
    metadata = replace(METADATA, columns=(*METADATA.columns, health))
    strings = metadata.as_strings()
    assert read_metadata(strings, source="m.onnx") == metadata
    outputs = [column["output"] for column in json.loads(strings["columns"])]
    assert outputs == ["probabilities", "probabilities_health"]
    with pytest.raises(UserError, match="is damaged"):
        read_metadata({**strings, "classes": '["b"]'}, source="m.onnx")


def test_files_of_other_programs_are_refused() -> None:
    with pytest.raises(UserError, match=r"m\.onnx was not exported by tlstudio"):
        read_metadata({"classes": "cat,dog"}, source="m.onnx")


def test_newer_files_are_refused() -> None:
    with pytest.raises(UserError, match="newer tlstudio"):
        read_metadata({**METADATA.as_strings(), "tlstudio_format": "5"}, source="m.onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"tlstudio_format": "one"},
        {"classes": "cat,dog"},
        {"classes": "3"},
        {"preprocessing": "{}"},
        {"preprocessing": '{"mean": 1}'},
        {"card": ""},
        {"card": '{"asking": {"label": {"threshold": 2}}}'},
        {"card": '{"asking": {"label": 0.8}}'},
        {"card": '{"class_sets": {"label": {"coverage": 2, "least": {}}}}'},
    ],
)
def test_damaged_metadata_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(UserError, match=r"m\.onnx says about its classes and preprocessing is damaged"):
        read_metadata({**METADATA.as_strings(), **change}, source="m.onnx")


def test_incomplete_metadata_are_refused() -> None:
    strings = METADATA.as_strings()
    del strings["classes"]
    with pytest.raises(UserError, match="is damaged"):
        read_metadata(strings, source="m.onnx")


def test_the_threshold_below_which_a_person_is_asked_travels_in_the_card() -> None:
    assert METADATA.ask_below == {}
    asking = {"label": {"threshold": 0.8, "n": 40}}
    metadata = replace(METADATA, card={**METADATA.card, "asking": asking})
    assert read_metadata(metadata.as_strings(), source="m.onnx").ask_below == {"label": AskBelow(0.8)}
    asking["label"]["classes"] = {"a": {"threshold": 0.6, "n": 20}}
    assert read_metadata(metadata.as_strings(), source="m.onnx").ask_below == {
        "label": AskBelow(0.8, {"a": 0.6})
    }
    asking["label"]["classes"] = {"a": {"threshold": 6}}
    with pytest.raises(UserError, match="is damaged"):
        read_metadata(metadata.as_strings(), source="m.onnx")


def test_the_classes_that_are_named_travel_in_the_card() -> None:
    sets = {"label": {"coverage": 0.9, "least": {"a": 0.2}}}
    metadata = replace(METADATA, card={**METADATA.card, "class_sets": sets})
    found = read_metadata(metadata.as_strings(), source="m.onnx").class_sets
    assert found == {"label": ClassSets(coverage=0.9, least={"a": 0.2})}
