"""Training on a project."""

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError


def test_training_uses_the_split_and_the_current_labels(project, do, tmp_path):
    (project.images_root / "loose.jpg").write_bytes(
        (project.images_root / "ants" / "photo-000.jpg").read_bytes() + b"\0"
    )
    do("scan-project", project=project.folder)
    do("split-project", project=project.folder, validation=0.25, test=0.25, seed=5)
    assert "loose.jpg" not in project.split().assignment
    project.set_label(["loose.jpg"], class_name="ants")
    run = tmp_path / "run"
    result = do("train-project", project=project.folder, run=run, recipe=CHEAP)
    assert result["images"] == {"train": 13, "validation": 6, "test": 6, "skipped": 0}
    assert "loose.jpg" in (run / "split.csv").read_text(encoding="utf-8")
    assert do("train-project", project=project.folder, run=run, recipe={}, resume=True) == result


def test_wrong_settings_start_no_run(scanned, do, tmp_path):
    with pytest.raises(UserError, match="epochs"):
        do("train-project", project=scanned.folder, run=tmp_path / "run", recipe={"epochs": 0})
    assert not (tmp_path / "run").exists()
