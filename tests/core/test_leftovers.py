"""Temporary files of processes that ended are removed by the next one; those in use stay."""

import os
import subprocess
import sys
import time

import pytest

from tlstudio.core.files import atomic_path, write_text
from tlstudio.core.leftovers import remove_leftovers, remove_old

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask for a process")


def left_by_a_killed_process(file):
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tlstudio.core.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=False)


def test_the_next_writer_removes_what_a_kill_left(tmp_path):
    file = tmp_path / "metrics.json"
    left_by_a_killed_process(file)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".metrics.json.")
    write_text(file, "whole")
    assert list(tmp_path.iterdir()) == [file]


def test_the_files_of_a_running_process_stay(tmp_path):
    file = tmp_path / "a.json"
    with atomic_path(file) as first:
        first.write_text("first")
        with atomic_path(file) as second:
            second.write_text("second")
        assert first.exists()
    assert file.read_text() == "first"


def test_files_of_others_are_removed_only_when_they_are_old(tmp_path):
    untagged, other_computer = tmp_path / ".a.x1y2.tmp", tmp_path / ".a.00000000-1.x.tmp"
    for file in (untagged, other_computer):
        file.touch()
    remove_leftovers(tmp_path / "a")
    assert untagged.exists()
    assert other_computer.exists()
    long_ago = time.time() - 2 * 24 * 3600
    for file in (untagged, other_computer):
        os.utime(file, (long_ago, long_ago))
    remove_leftovers(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_folders_are_removed_too_and_other_names_stay(tmp_path):
    folder = tmp_path / ".export.old"
    (folder / "deep").mkdir(parents=True)
    os.utime(folder, (0, 0))
    (tmp_path / ".exported").touch()
    os.utime(tmp_path / ".exported", (0, 0))
    remove_old(tmp_path, prefix=".export.")
    assert [place.name for place in tmp_path.iterdir()] == [".exported"]


def test_a_folder_that_is_not_there_is_no_error(tmp_path):
    remove_leftovers(tmp_path / "nowhere" / "a")
