"""The file of a table is tried before work begins."""

import errno
import os
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.inference.table_target import choose_target

TABLE = "\ufeffpath,class,probability,ants,bees,error,date,model\r\n"


def test_a_free_name_is_taken_and_nothing_is_left_there(tmp_path):
    requested = tmp_path / "new folder" / "table.csv"
    target = choose_target(requested)
    assert (target.file, target.note) == (requested, "")
    assert list(requested.parent.iterdir()) == []


@pytest.mark.parametrize("content", ["", TABLE, "path,class,probability,ants,error\na.jpg,ants,1,1,\n"])
def test_a_table_of_predictions_of_any_version_is_continued(tmp_path, content):
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8", newline="")
    assert choose_target(file).file == file
    assert file.read_bytes() == content.encode()


@pytest.mark.parametrize("content", ["image,label\na.jpg,ants\n", "notes", '"a\n'])
def test_another_file_is_left_alone_unless_told_otherwise(tmp_path, content):
    file = tmp_path / "labels.csv"
    file.write_text(content)
    target = choose_target(file)
    assert target.file == tmp_path / "labels-2.csv"
    assert str(file) in target.note
    assert str(target.file) in target.note
    assert file.read_text() == content
    assert choose_target(file, restart=True).file == file


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_a_table_that_is_open_in_another_program_gets_a_name_beside_it(tmp_path, monkeypatch, number):
    file = tmp_path / "table.csv"
    file.write_text(TABLE)
    opened = Path.open

    def refuse(self, mode="r", *rest, **more):
        if self == file and mode == "r+b":
            raise OSError(number, os.strerror(number), str(self))
        return opened(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)
    target = choose_target(file)
    assert target.file == tmp_path / "table-2.csv"
    assert "open in another program" in target.note
    # The next call continues what the first one began.
    target.file.write_text(TABLE)
    assert choose_target(file).file == target.file


def test_a_folder_of_that_name_is_refused(tmp_path):
    with pytest.raises(UserError, match="is a folder") as caught:
        choose_target(tmp_path)
    assert "predictions.csv" in caught.value.mend


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        choose_target(tmp_path / "file" / "table.csv")


def test_a_device_is_taken_as_it_is():
    assert choose_target(Path(os.devnull)).file == Path(os.devnull)


def test_leftovers_of_killed_jobs_are_removed(tmp_path):
    file = tmp_path / "table.csv"
    leftover = tmp_path / ".table.csv.old.tmp"
    leftover.write_text("x")
    os.utime(leftover, (0, 0))
    choose_target(file)
    assert not leftover.exists()
