from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tlstudio.core.errors import UserError
from tlstudio.data.preprocessing import normalise
from tlstudio.export import network
from tlstudio.export.network import save_model
from tlstudio.models.classifier import Classifier


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_probabilities_at_any_batch_size(tensor_export, classifier: Classifier, batch: int) -> None:
    size = classifier.preprocessing.input_size
    images = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    session = onnxruntime.InferenceSession(tensor_export.file, providers=["CPUExecutionProvider"])
    prepared = normalise(images, classifier.preprocessing).numpy()
    answer = session.run(["probabilities"], {"prepared": prepared})[0]
    assert answer.shape == (batch, len(classifier.classes))
    np.testing.assert_allclose(answer, classifier.probabilities(images).numpy(), atol=1e-5)


def test_nothing_of_this_computer_is_in_the_file(tensor_export, onnx_export) -> None:
    for export in (tensor_export, onnx_export):
        content = export.file.read_bytes()
        assert str(Path(torch.__file__).parent).encode() not in content
        assert str(Path.home()).encode() not in content
        model = onnx.load(export.file)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
        assert model.producer_name == "tlstudio"


def test_too_large_for_one_file_is_said(
    tensor_export, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = onnx.load(tensor_export.file)
    monkeypatch.setattr(network, "LARGEST_FILE_BYTES", 1000)
    with pytest.raises(UserError, match="too large"):
        save_model(model, tmp_path / "m.onnx", classifier=classifier, takes="tensor", card={})
    assert not (tmp_path / "m.onnx").exists()
