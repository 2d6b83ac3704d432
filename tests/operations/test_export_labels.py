"""Labels to a table, and back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.operations.tables import truth, write
from tlstudio.core.errors import UserError
from tlstudio.project.store import Project


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


def test_nothing_is_written_among_the_images(unlabelled: Path, do):
    with Project(unlabelled) as project:
        root = project.images_root
    with pytest.raises(UserError, match="inside the folder of images"):
        do("export-labels", project=unlabelled, table=root / "labels.csv")
    assert not (root / "labels.csv").exists()
