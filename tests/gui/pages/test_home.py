from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from tlstudio.core.events import EpochEnded, JobCancelled
from tlstudio.core.files import write_json
from tlstudio.gui.pages.home import page as page_module
from tlstudio.gui.pages.home.missing_project import MissingProjectBox
from tlstudio.gui.pages.home.page import HomePage
from tlstudio.gui.pages.home.recent_projects import accuracy_text, day, earlier_work, run_title
from tlstudio.project.recent import RecentProject, recent_projects, remember_project
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import Project

LONG = 20_000
EPOCH = {
    "train_loss": 1.0, "train_accuracy": 0.5, "validation_loss": None, "validation_accuracy": None,
    "validation_interval": None, "validation_n": 0, "confusion": (), "best_epoch": 2,
    "learning_rate": None, "elapsed_seconds": 1.0,
}  # fmt: skip


@pytest.fixture
def home(app_state, qtbot):
    """The page, shown."""
    page = HomePage(app_state)
    qtbot.addWidget(page)
    page.resize(1100, 640)
    page.show()
    return page


def project(
    folder: Path, *, name: str, images_root: Path, images: int = 8, best: float | None = None
) -> Path:
    Project.create(folder, name=name, images_root=images_root).close()
    interval = (best - 0.05, best + 0.02) if best is not None else None
    remember_project(
        RecentProject(name=name, folder=str(folder), images=images, best=best, best_interval=interval)
    )
    return folder


def interrupt(folder: Path, name: str, *, epoch: int) -> RunFolder:
    """Make a run as a killed training leaves it."""
    run = RunFolder(folder / "runs" / name)
    run.create()
    write_json(run.recipe, {"epochs": 20})
    run.last_checkpoint.write_bytes(b"x")
    line = f'{{"event":"CheckpointSaved","run_id":"x","kind":"last","epoch":{epoch},"path":"x"}}\n'
    run.events.write_text(line, encoding="utf-8")
    return run


def test_without_recent_projects_the_page_says_so(home, qtbot):
    qtbot.wait(50)
    assert home.no_recent.isVisible()
    assert not home.recent.isVisible()
    assert not home.interrupted.isVisible()


def test_recent_projects_are_listed_with_interval_and_day(home, photos, tmp_path, qtbot):
    project(tmp_path / "one", name="Weld seams", images_root=photos(), images=1204, best=0.9476)
    project(tmp_path / "two", name="Wild flowers", images_root=tmp_path)
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 2)
    rows = [[home.recent.model().index(row, column).data() for column in range(4)] for row in range(2)]
    assert rows == [
        ["Wild flowers", "8", "–", "today"],
        ["Weld seams", "1\u202f204", "94.8 % (90–97)", "today"],
    ]


def test_many_projects_are_all_listed_and_can_be_searched(home, photos, tmp_path, qtbot):
    root = photos(per_class=1)
    for number in range(15):
        project(tmp_path / str(number), name=f"Weld seams {number}", images_root=root)
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 15)
    assert home.search.isVisible()
    home.search.setText("SEAMS 14")
    assert [home.recent.model().index(row, 0).data() for row in range(home.recent.model().rowCount())] == [
        "Weld seams 14"
    ]
    home.search.setText("bees")
    assert not home.recent.isVisible()
    assert home.no_recent.text() == "No project has these words in its name."
    home.search.clear()
    assert home.recent.model().rowCount() == 15


def test_few_projects_need_no_search(home, photos, tmp_path, qtbot):
    project(tmp_path / "one", name="Weld seams", images_root=photos(per_class=1))
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    assert not home.search.isVisible()


def test_a_project_is_renamed_from_the_list(home, app_state, photos, tmp_path, qtbot):
    folder = project(tmp_path / "one", name="train", images_root=photos(per_class=1))
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    with qtbot.waitSignal(app_state.project_renamed):
        home.recent.renamed.emit(str(folder), "Weld seams")
    qtbot.waitUntil(lambda: home.recent.model().index(0, 0).data() == "Weld seams")
    with Project(folder) as opened:
        assert opened.name == "Weld seams"


def test_a_project_is_removed_from_the_list_and_stays_on_disk(home, app_state, photos, tmp_path, qtbot):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos(per_class=1))
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    with qtbot.waitSignal(app_state.status_message) as said:
        home.recent.removed.emit(str(folder))
    assert str(folder) in said.args[0]
    qtbot.waitUntil(lambda: home.no_recent.isVisible())
    with Project(folder) as opened:
        assert opened.name == "Weld seams"


def test_the_folder_of_a_project_is_shown(home, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(page_module, "show_in_folder", shown.append)
    home.recent.folder_wanted.emit(str(tmp_path))
    assert shown == [tmp_path]


def test_a_project_whose_drive_is_missing_stays_listed(home, photos, tmp_path, qtbot):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos(per_class=1))
    folder.rename(tmp_path / "elsewhere")
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    assert home.recent.model().index(0, 0).data() == "Weld seams (not found)"


def test_each_press_of_del_removes_another_project(home, photos, tmp_path, qtbot):
    root = photos(per_class=1)
    for number in range(4):
        project(tmp_path / str(number), name=f"Weld seams {number}", images_root=root)
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 4)
    home.recent.setCurrentIndex(home.recent.model().index(0, 0))
    for _ in range(3):  # faster than the list is read again
        qtbot.keyClick(home.recent, Qt.Key.Key_Delete)
    assert [entry.name for entry in recent_projects()] == ["Weld seams 0"]
    qtbot.wait(50)
    assert home.recent.model().rowCount() == 1


@pytest.mark.parametrize("answer", ["find", "remove"])
def test_a_project_that_was_moved_is_looked_for_or_taken_off_the_list(
    home, app_state, photos, tmp_path, qtbot, monkeypatch, answer
):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos(per_class=1))
    moved = folder.rename(tmp_path / "elsewhere")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    home.recent.project_chosen.emit(str(folder))
    (box,) = home.findChildren(MissingProjectBox)
    assert "“Weld seams” is not in its place" in box.text()
    if answer == "find":
        with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
            qtbot.mouseClick(box.find_button, Qt.MouseButton.LeftButton)
        assert app_state.project.folder == moved
        qtbot.waitUntil(lambda: [entry.folder for entry in recent_projects()] == [str(moved)])
    else:
        qtbot.mouseClick(box.remove_button, Qt.MouseButton.LeftButton)
        assert recent_projects() == []


def test_names_are_kept_where_room_is_short(home, photos, tmp_path, qtbot):
    project(tmp_path / "one", name="Weld seams", images_root=photos(), images=1204, best=0.9476)
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    assert not any(home.recent.isColumnHidden(column) for column in range(4))
    home.recent.setFixedWidth(260)
    qtbot.waitUntil(lambda: home.recent.isColumnHidden(3))
    assert not home.recent.isColumnHidden(2)
    assert home.recent.columnWidth(0) >= 110


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_recent_project_is_opened(home, app_state, photos, tmp_path, qtbot, by):
    folder = project(tmp_path / "one", name="Insects", images_root=photos())
    home.refresh()
    qtbot.waitUntil(lambda: home.recent.model().rowCount() == 1)
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        if by == "mouse":
            spot = home.recent.visualRect(home.recent.model().index(0, 0)).center()
            qtbot.mouseClick(home.recent.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        else:
            home.recent.setCurrentIndex(home.recent.model().index(0, 0))
            qtbot.keyClick(home.recent, Qt.Key.Key_Return)
    assert app_state.project.folder == folder


def test_an_interrupted_run_is_resumed(home, app_state, photos, tmp_path, qtbot):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos())
    run = interrupt(folder, "run-7", epoch=11)
    home.refresh()
    qtbot.waitUntil(home.interrupted.isVisible)
    assert home.interrupted_text.text() == "“Weld seams”, run 7, epoch 11 of 20: nothing was lost."
    with qtbot.waitSignal(home.go_to) as gone:
        home.resume.click()
    assert gone.args == ["train"]
    qtbot.waitUntil(lambda: run.finished, timeout=LONG)
    qtbot.waitUntil(lambda: app_state.training is None)


def test_a_run_that_another_window_trains_is_not_offered_for_resuming(photos, tmp_path):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos())
    run = interrupt(folder, "run-1", epoch=3)
    with run.lock():
        assert earlier_work().interrupted is None
    assert earlier_work().interrupted.run.epoch == 3


def test_the_newest_interrupted_run_is_offered(photos, tmp_path):
    import os

    folder = project(tmp_path / "one", name="Weld seams", images_root=photos())
    older = interrupt(folder, "run-1", epoch=3)
    interrupt(folder, "run-2", epoch=5)
    os.utime(older.last_checkpoint, (1, 1))
    assert earlier_work().interrupted.run.name == "run-2"


def test_a_run_that_was_cut_off_before_its_first_checkpoint_is_offered_unless_it_was_cancelled(
    photos, tmp_path
):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos())
    run = interrupt(folder, "run-1", epoch=0)
    run.last_checkpoint.unlink()
    assert earlier_work().interrupted.done == "it had only just begun"
    run.append_event(JobCancelled(run_id="run-1"))
    assert earlier_work().interrupted is None


def test_settings_that_were_tried_are_not_called_epochs(photos, tmp_path):
    folder = project(tmp_path / "one", name="Weld seams", images_root=photos())
    run = interrupt(folder, "run-1", epoch=0)
    run.append_event(EpochEnded(run_id="run-1", epoch=2, epochs=9, axis="setting", **EPOCH))
    assert earlier_work().interrupted.done == "setting 2 of 9: nothing was lost"


def test_home_says_which_sample_is_a_lesson(home):
    texts = [label.text() for label in home.drop_zone.findChildren(QLabel)]
    assert any("Take the first lesson" in text for text in texts)


def test_a_sample_is_made_and_opened(home, app_state, qtbot):
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        home.drop_zone.samples[0].click()
    assert app_state.project.name == "Nuts and bolts"
    assert len(app_state.images()) == 28


def test_the_drop_zone_is_highlighted_during_a_drag(home):
    home.set_drop_active(True)
    assert home.drop_zone.property("active") is True
    home.set_drop_active(False)
    assert home.drop_zone.property("active") is False


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-21T09:00:00+00:00", "today"),
        ("2026-11-20T12:00:00+00:00", "yesterday"),
        ("2026-11-03T12:00:00+00:00", "3 Nov"),
        ("2024-02-29T12:00:00+00:00", "29 Feb 2024"),
        ("no date", ""),
    ],
)
def test_days_in_words(moment, words):
    assert day(moment, today=date(2026, 11, 21)) == words


def test_accuracies_in_words():
    assert accuracy_text(0.947, (0.86, 0.99)) == "94.7 % (86–99)"
    assert accuracy_text(0.947, None) == "94.7 %"
    assert accuracy_text(None, None) == "–"
    assert run_title("run-12") == "Run 12"
    assert run_title("my run") == "my run"
