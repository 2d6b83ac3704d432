"""Labels of a project by the command line: a new project, labels in and out, counted, and what is next."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.project.store import Project


@pytest.fixture
def unlabelled(photos, do, tmp_path: Path) -> Path:
    """A project of 24 photos of three classes, whose folders give no labels."""
    found = do("new-project", folder=photos(), out=tmp_path / "new", ignore_labels=True)
    assert (found["images"], found["labelled"], found["classes"]) == (24, 0, {})
    return Path(found["project"])


def write(file: Path, rows: list[tuple[str, ...]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened, delimiter=delimiter).writerows(rows)
    return file


def truth(project: Path) -> list[tuple[str, ...]]:
    """The class of each image by its folder."""
    with Project(project) as opened:
        return [(image.path, image.path.split("/")[0]) for image in opened.images()]


def test_a_new_project_has_the_labels_of_its_folders(photos, do, tmp_path: Path):
    found = do("new-project", folder=photos(), out=tmp_path / "new")
    assert found["classes"] == {"ants": 8, "bees": 8, "leaves": 8}
    with Project(tmp_path / "new") as project:
        assert project.name == "new"
        assert project.split() is not None


def test_ignored_labels_stay_ignored_when_the_folder_is_read_again(unlabelled: Path, do):
    assert do("scan-project", project=unlabelled)["labelled"] == 0


def test_a_project_is_made_once_and_outside_the_images(photos, do, tmp_path: Path):
    root = photos()
    do("new-project", folder=root, out=tmp_path / "new")
    with pytest.raises(UserError, match="already a project"):
        do("new-project", folder=root, out=tmp_path / "new")
    with pytest.raises(UserError, match="inside the folder of images"):
        do("new-project", folder=root, out=root / "new")
    assert not (root / "new").exists()
    with pytest.raises(UserError, match="no folder of images"):
        do("new-project", folder=root / "no-such", out=tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig")])
def test_labels_that_are_written_can_be_read(unlabelled: Path, do, tmp_path: Path, delimiter, encoding):
    table = write(
        tmp_path / "in.csv",
        [("image", "label"), *truth(unlabelled)[:20]],
        delimiter=delimiter,
        encoding=encoding,
    )
    assert do("import-labels", project=unlabelled, table=table) == {"labelled": 20, "not_found": []}
    written = do("export-labels", project=unlabelled, table=tmp_path / "out.csv")
    assert (written["images"], written["labelled"]) == (24, 20)
    rows = list(csv.reader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["image", "label"]
    assert [tuple(row) for row in rows[1:] if row[1]] == sorted(truth(unlabelled)[:20])
    status = do("label-status", project=unlabelled)
    assert (status["images"], status["labelled"], status["unlabelled"]) == (24, 20, 4)
    assert sum(status["classes"].values()) == 20
    with Project(unlabelled) as project:
        project.undo()
        assert len(project.dataset().labelled()) == 0


def test_a_table_with_faults_changes_nothing_and_says_why(unlabelled: Path, do, tmp_path: Path):
    rows = truth(unlabelled)
    (path, _), *_ = rows
    for name, content, words in (
        ("twice", [("image", "label"), (path, "ants"), (path, "bees")], "more than one label"),
        ("others", [("image", "label"), ("nothing.jpg", "ants")], "names no image"),
        ("empty", [], "no table|is empty|names no image"),
        ("unclear", [("image", "x", "y"), *((one, f"{one}1", "b") for one, _ in rows)], "not clear which"),
    ):
        table = write(tmp_path / f"{name}.csv", content)
        with pytest.raises(UserError, match=words):
            do("import-labels", project=unlabelled, table=table)
    with pytest.raises(UserError, match="no file"):
        do("import-labels", project=unlabelled, table=tmp_path / "absent.csv")
    assert do("label-status", project=unlabelled)["labelled"] == 0


def test_rows_of_other_images_are_named_and_the_rest_is_read(unlabelled: Path, do, tmp_path: Path):
    rows = [("image", "label"), *truth(unlabelled)[:3], ("gone.jpg", "ants")]
    found = do("import-labels", project=unlabelled, table=write(tmp_path / "some.csv", rows))
    assert found == {"labelled": 3, "not_found": ["gone.jpg"]}


def test_nothing_is_written_among_the_images(unlabelled: Path, do):
    with Project(unlabelled) as project:
        root = project.images_root
    with pytest.raises(UserError, match="inside the folder of images"):
        do("export-labels", project=unlabelled, table=root / "labels.csv")
    assert not (root / "labels.csv").exists()


def test_what_is_next_comes_with_suggestions_once_two_classes_have_labels(
    unlabelled: Path, do, tmp_path: Path
):
    first = do("next-labels", project=unlabelled, count=6)["images"]
    assert len(first) == 6
    assert all(row["suggestion"] is row["probability"] is None for row in first)
    classes = dict(truth(unlabelled))
    rows = [("image", "label"), *((path, classes[path]) for path in sorted(classes)[::2])]
    do("import-labels", project=unlabelled, table=write(tmp_path / "half.csv", rows))
    found = do("next-labels", project=unlabelled, count=50)
    assert sorted(row["path"] for row in found["images"]) == sorted(classes)[1::2]
    assert all(0 < row["probability"] <= 1 for row in found["images"])
    assert sum(row["suggestion"] == classes[row["path"]] for row in found["images"]) >= 8
    assert found["n"] == 12
    assert found["interval"][0] <= found["accuracy"] <= found["interval"][1]
    assert do("label-status", project=unlabelled)["labelled"] == 12, "suggestions are no labels"


def test_plain_orders(unlabelled: Path, do):
    by_path = do("next-labels", project=unlabelled, count=3, order="path")["images"]
    assert [row["path"] for row in by_path] == sorted(path for path, _ in truth(unlabelled))[:3]
    draw = {"project": unlabelled, "count": 5, "order": "random"}
    first, again, other = (do("next-labels", **draw, seed=seed)["images"] for seed in (1, 1, 2))
    assert first == again != other


def test_when_all_have_labels_nothing_is_next(photos, do, tmp_path: Path):
    do("new-project", folder=photos(), out=tmp_path / "new")
    assert do("next-labels", project=tmp_path / "new", count=3)["images"] == []
