import shutil
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.export.opening import is_exported, open_exported
from tlstudio.models.classifier import Classifier


@pytest.mark.parametrize("kind", ["onnx_export", "portable_export"])
def test_the_format_is_found_by_the_path(
    kind: str, request: pytest.FixtureRequest, classifier: Classifier
) -> None:
    path = request.getfixturevalue(kind).file
    assert is_exported(path)
    assert open_exported(path).columns == classifier.columns


def test_runs_checkpoints_and_empty_folders_are_not_exports(session_run, tmp_path: Path) -> None:
    assert not is_exported(session_run.path)
    assert not is_exported(session_run.best_checkpoint)
    assert not is_exported(tmp_path)
    with pytest.raises(UserError, match="no exported model"):
        open_exported(tmp_path)


def test_a_model_for_prepared_images_is_refused_with_another_format_to_choose(tensor_export) -> None:
    with pytest.raises(UserError, match="prepared images only") as caught:
        open_exported(tensor_export.file)
    assert "“onnx”" in caught.value.mend


def test_the_error_of_a_damaged_or_missing_file_is_that_of_its_format(tmp_path: Path, onnx_export) -> None:
    truncated = tmp_path / "cut.onnx"
    truncated.write_bytes(onnx_export.file.read_bytes()[:-1000])
    with pytest.raises(UserError, match="damaged"):
        open_exported(truncated)
    assert is_exported(tmp_path / "missing.onnx")
    with pytest.raises(UserError, match="no exported model"):
        open_exported(tmp_path / "missing.onnx")


def test_a_folder_is_no_single_file_whatever_its_name(tmp_path: Path, portable_export) -> None:
    folder = shutil.copytree(portable_export.file, tmp_path / "folder.onnx")
    assert open_exported(folder).takes == "decoded"
    model = folder / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1000])
    with pytest.raises(UserError, match=r"model\.onnx is damaged"):
        open_exported(folder)
