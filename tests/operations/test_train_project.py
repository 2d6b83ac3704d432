"""Training on a project."""

import pytest

from tests.operations.conftest import CHEAP
from tests.operations.test_evaluate import draw_bytes
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split


def test_training_uses_the_split_and_the_current_labels(project, do, tmp_path):
    (project.images_root / "loose.jpg").write_bytes(draw_bytes(seed=77))
    do("scan-project", project=project.folder)
    do("split-project", project=project.folder, validation=0.25, test=0.25, seed=5)
    assert "loose.jpg" not in project.split().assignment
    project.set_label(["loose.jpg"], class_name="ants")
    run = tmp_path / "run"
    result = do("train-project", project=project.folder, run=run, recipe=CHEAP)
    assert result["images"] == {"train": 13, "validation": 6, "test": 6, "skipped": 0}
    assert "loose.jpg" in read_split(run / "split.csv").assignment
    assert do("train-project", project=project.folder, run=run, recipe={}, resume=True) == result


@pytest.mark.parametrize("is_there_before", [True, False])
@pytest.mark.parametrize("side", ["train", "validation", "test"])
def test_a_copy_that_is_labelled_later_joins_the_side_of_what_it_shows(
    project, do, tmp_path, side, is_there_before
):
    def divide() -> None:
        do("scan-project", project=project.folder)
        do("split-project", project=project.folder, validation=0.25, test=0.25, seed=5)

    divide()
    shown = min(path for path, given in project.split().assignment.items() if given == side)
    # The scan names one of two exact copies alone, so the copy differs by a byte behind the picture.
    (project.images_root / "loose.jpg").write_bytes((project.images_root / shown).read_bytes() + b"\0")
    if is_there_before:
        divide()
        assert "loose.jpg" not in project.split().assignment
    else:
        do("scan-project", project=project.folder)
    project.set_label(["loose.jpg"], class_name=shown.split("/")[0])
    do("train-project", project=project.folder, run=tmp_path / "run", recipe=CHEAP)
    sides = read_split(tmp_path / "run" / "split.csv").assignment
    assert sides["loose.jpg"] == sides[shown]
    assert is_there_before or sides[shown] == side


def test_wrong_settings_start_no_run(scanned, do, tmp_path):
    with pytest.raises(UserError, match="epochs"):
        do("train-project", project=scanned.folder, run=tmp_path / "run", recipe={"epochs": 0})
    assert not (tmp_path / "run").exists()
