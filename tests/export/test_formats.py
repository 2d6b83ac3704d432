import json

import onnx
import onnxruntime
import pytest

from tlstudio.export.card import build_card
from tlstudio.export.onnx.metadata import read_metadata
from tlstudio.models.classifier import Classifier, load_classifier


def test_onnx_takes_one_image_of_any_size(onnx_export) -> None:
    session = onnxruntime.InferenceSession(onnx_export.file, providers=["CPUExecutionProvider"])
    (image,), (probabilities,) = session.get_inputs(), session.get_outputs()
    assert (image.name, image.type, image.shape) == ("image", "tensor(uint8)", ["height", "width", 3])
    assert (probabilities.name, probabilities.shape) == ("probabilities", [1, 3])


def test_onnx_tensor_takes_any_number(tensor_export, classifier: Classifier) -> None:
    session = onnxruntime.InferenceSession(tensor_export.file, providers=["CPUExecutionProvider"])
    (prepared,), (probabilities,) = session.get_inputs(), session.get_outputs()
    size = classifier.preprocessing.input_size
    assert (prepared.name, prepared.type) == ("prepared", "tensor(float)")
    assert prepared.shape == ["batch", 3, size, size]
    assert probabilities.shape == ["batch", 3]


@pytest.mark.parametrize("kind", ["onnx_export", "tensor_export"])
def test_an_onnx_export_is_one_valid_file_with_all_metadata(
    kind: str, request: pytest.FixtureRequest, classifier: Classifier, session_run
) -> None:
    file = request.getfixturevalue(kind).file
    model = onnx.load(file, load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    assert all(not tensor.external_data for tensor in model.graph.initializer)
    metadata = read_metadata({entry.key: entry.value for entry in model.metadata_props}, source="x")
    assert metadata.columns == classifier.columns
    assert metadata.preprocessing == classifier.preprocessing
    assert metadata.card == json.loads(json.dumps(build_card(session_run, classifier)))


def test_the_portable_folder_holds_everything(portable_export, classifier: Classifier) -> None:
    folder = portable_export.file
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "card.json",
        "classes.json",
        "classifier.safetensors",
        "model.onnx",
        "predict.py",
        "preprocessing.json",
    ]
    assert json.loads((folder / "classes.json").read_text(encoding="utf-8")) == list(classifier.classes)
    assert json.loads((folder / "preprocessing.json").read_text())["input_size"] == 160
    assert load_classifier(folder / "classifier.safetensors").classes == classifier.classes
    assert json.loads((folder / "card.json").read_text(encoding="utf-8"))["name"] == "run-1"
    assert "## Limits" in (folder / "README.md").read_text(encoding="utf-8")
    assert portable_export.bytes == sum(file.stat().st_size for file in folder.iterdir())
