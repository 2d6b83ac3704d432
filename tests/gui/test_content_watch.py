"""New files are noticed once they have come to rest."""

from __future__ import annotations

import pytest

from tlstudio.gui.content_watch import ContentWatch
from tlstudio.gui.engine_client import Background


@pytest.fixture
def watch(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("tlstudio.gui.content_watch.SETTLE_MS", 80)
    background = Background()
    watch = ContentWatch(background)
    (tmp_path / "photos" / "ants").mkdir(parents=True)
    (tmp_path / "photos" / "ants" / "1.jpg").write_bytes(b"1")
    watch.set_root(str(tmp_path / "photos"))
    watch.reading_begins()
    qtbot.waitUntil(lambda: watch._read is not None)
    yield watch
    watch.close()
    background.close()


@pytest.fixture
def changes(watch):
    changes: list[bool] = []
    watch.changed.connect(lambda: changes.append(True))
    return changes


def test_a_new_file_a_new_folder_and_a_missing_file_are_noticed(watch, changes, tmp_path, qtbot):
    (tmp_path / "photos" / "ants" / "2.jpg").write_bytes(b"2")
    qtbot.waitUntil(lambda: len(changes) == 1)
    (tmp_path / "photos" / "bees").mkdir()
    (tmp_path / "photos" / "bees" / "3.jpg").write_bytes(b"3")
    qtbot.waitUntil(lambda: len(changes) == 2)
    (tmp_path / "photos" / "bees" / "4.jpg").write_bytes(b"4")
    qtbot.waitUntil(lambda: len(changes) == 3)
    (tmp_path / "photos" / "ants" / "1.jpg").unlink()
    qtbot.waitUntil(lambda: len(changes) == 4)


def test_hidden_files_and_a_look_at_the_same_files_are_no_change(watch, changes, tmp_path, qtbot):
    (tmp_path / "photos" / "ants" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "photos" / "ants" / "Thumbs.db").write_bytes(b"x")
    watch.check()
    qtbot.wait(400)
    assert changes == []


def test_a_file_that_is_still_growing_is_waited_for(watch, changes, tmp_path, qtbot):
    file = tmp_path / "photos" / "ants" / "large.jpg"
    with file.open("wb") as copy:
        for _ in range(8):
            copy.write(b"x" * 1000)
            copy.flush()
            qtbot.wait(50)
            assert changes == []
    qtbot.waitUntil(lambda: changes == [True])


def test_a_folder_that_disappears_is_no_change(watch, changes, tmp_path, qtbot):
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    watch.check()
    qtbot.wait(300)
    assert changes == []
