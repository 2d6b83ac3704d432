"""ONNX files on disk: one self-contained file that names nothing of the computer it was made on."""

from pathlib import Path

import onnx
import pytest
import torch

from tlstudio.core.errors import UserError
from tlstudio.export.onnx import files
from tlstudio.models.classifier import Classifier


def test_the_file_names_nothing_of_this_computer(tensor_export, onnx_export) -> None:
    for export in (tensor_export, onnx_export):
        content = export.file.read_bytes()
        assert str(Path(torch.__file__).parent).encode() not in content
        assert str(Path.home()).encode() not in content
        model = onnx.load(export.file)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
        assert model.producer_name == "tlstudio"


def test_a_model_too_large_for_one_file_is_an_error(
    tensor_export, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "network_model", lambda _: onnx.load(tensor_export.file))
    monkeypatch.setattr(files, "LARGEST_FILE_BYTES", 1000)
    with pytest.raises(UserError, match="too large"):
        files.write_tensor_model(classifier, tmp_path / "m.onnx", card={})
    assert not (tmp_path / "m.onnx").exists()
