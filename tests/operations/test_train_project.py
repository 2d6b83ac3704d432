"""Training on a project."""

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split


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
    assert result["images"] == {"train": 12, "validation": 7, "test": 6, "skipped": 0}
    sides = read_split(run / "split.csv").assignment
    assert sides["loose.jpg"] == sides["ants/photo-000.jpg"]  # it shows the same
    assert do("train-project", project=project.folder, run=run, recipe={}, resume=True) == result


def test_wrong_settings_start_no_run(scanned, do, tmp_path):
    with pytest.raises(UserError, match="epochs"):
        do("train-project", project=scanned.folder, run=tmp_path / "run", recipe={"epochs": 0})
    assert not (tmp_path / "run").exists()
