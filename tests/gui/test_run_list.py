import pytest

from tests.gui.made_runs import make_run
from tlstudio.gui.run_list import RunList
from tlstudio.project.run_notes import RunNote
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import Project

PATHS = {name: [f"{name}/{number}.jpg" for number in range(12)] for name in ("ants", "bees")}


@pytest.fixture
def project(app_state, tmp_path):
    """Opens a project with a finished run and one that was interrupted."""
    folder = tmp_path / "project"
    (tmp_path / "images").mkdir()
    Project.create(folder, name="Insects", images_root=tmp_path / "images").close()
    make_run(folder / "runs" / "run-1", paths=PATHS)
    make_run(folder / "runs" / "run-2", paths=PATHS, done=4, finished=False)
    app_state.open_project(folder)
    return folder


@pytest.fixture
def runs(app_state):
    runs = RunList(app_state)
    yield runs
    runs.deleteLater()


def test_run_entries_show_title_and_result(runs, project, qtbot):
    runs.refresh()
    qtbot.waitUntil(lambda: bool(runs.entries))
    assert [entry.title for entry in runs.entries] == ["Run 1", "Run 2"]
    assert runs.entries[1].details == "interrupted at epoch 4"
    assert "%" in runs.entries[0].details
    assert runs.entries[0].path == str(project / "runs" / "run-1")


def test_without_a_project_there_are_no_runs(runs, project, app_state, qtbot):
    runs.refresh()
    qtbot.waitUntil(lambda: bool(runs.entries))
    app_state.close_project()
    runs.refresh()
    assert runs.entries == ()


def test_an_answer_about_another_project_is_dropped(runs, project, app_state, qtbot):
    runs.refresh()
    qtbot.waitUntil(lambda: bool(runs.entries))
    before = runs.entries
    app_state.background.done.emit(("runs", "/somewhere/else/runs"), ())
    assert runs.entries == before


def test_the_running_run_is_marked(runs, project, app_state, qtbot):
    app_state.training_run = RunFolder(project / "runs" / "run-2")
    runs.refresh()
    qtbot.waitUntil(lambda: [run.details == "training now" for run in runs.entries] == [False, True])


def test_names_and_stars_that_a_person_gave_are_shown(runs, project, app_state, qtbot):
    app_state.project.save_run_note("run-1", RunNote(title="the good one", is_starred=True))
    runs.refresh()
    qtbot.waitUntil(lambda: bool(runs.entries))
    assert [entry.title for entry in runs.entries] == ["★ the good one", "Run 2"]
