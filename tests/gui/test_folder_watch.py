"""A folder that goes away and comes back is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tlstudio.gui import folder_watch as module
from tlstudio.gui.folder_watch import FolderWatch


@pytest.fixture
def watch(qapp) -> Iterator[FolderWatch]:
    watch = FolderWatch()
    yield watch
    watch.close()


def checked(watch: FolderWatch, qtbot) -> None:
    """Check, and wait until that has ended; the signal of the background comes from another thread."""
    watch.check()
    qtbot.waitUntil(lambda: watch._checking is None)


def test_a_folder_that_is_moved_is_noticed_at_once_without_waiting_for_a_check(watch, tmp_path: Path, qtbot):
    folder = tmp_path / "photos"
    folder.mkdir()
    watch.set_folder(folder)
    qtbot.waitUntil(lambda: bool(watch._watcher.directories()))
    assert watch.is_there
    watch._timer.stop()
    with qtbot.waitSignal(watch.changed) as changed:
        folder.rename(tmp_path / "moved")
    assert changed.args == [False]
    assert not watch.is_there


def test_a_folder_that_comes_back_is_noticed_by_the_next_check(watch, tmp_path: Path, qtbot):
    folder = tmp_path / "drive" / "photos"
    with qtbot.waitSignal(watch.changed) as changed:
        watch.set_folder(folder)
    assert changed.args == [False]
    folder.mkdir(parents=True)
    with qtbot.waitSignal(watch.changed) as changed:
        watch.check()
    assert changed.args == [True]


def test_it_is_checked_from_time_to_time(watch, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch):
    active = module.Qt.ApplicationState.ApplicationActive
    monkeypatch.setattr(module.QGuiApplication, "applicationState", lambda: active)
    folder = tmp_path / "photos"
    with qtbot.waitSignal(watch.changed):
        watch.set_folder(folder)
    folder.mkdir()
    with qtbot.waitSignal(watch.changed) as changed:
        watch._timer.setInterval(10)
    assert changed.args == [True]


def test_a_result_for_the_folder_before_is_ignored(watch, tmp_path: Path, qtbot):
    heard = []
    watch.changed.connect(heard.append)
    watch.set_folder(tmp_path / "missing")
    watch.set_folder(tmp_path)
    checked(watch, qtbot)
    checked(watch, qtbot)
    assert heard == []
    assert watch.is_there


def test_nothing_is_watched_without_a_folder(watch, tmp_path: Path, qtbot):
    watch.set_folder(tmp_path)
    checked(watch, qtbot)
    watch.set_folder(None)
    assert watch._watcher.directories() == []
    assert not watch._timer.isActive()
    watch.check()
    assert watch._checking is None
