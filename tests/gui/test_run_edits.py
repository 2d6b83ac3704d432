"""Notes about runs, and runs that go to the trash."""

from __future__ import annotations

import shutil

import pytest

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.gui.run_edits import RunEdits
from tlstudio.project.run_notes import RunNote


@pytest.fixture
def edits(opened):
    edits = RunEdits(opened)
    yield edits
    edits.deleteLater()


def test_a_note_is_saved_and_told(edits, opened, qtbot):
    run = make_tested_run(opened.project.runs_folder / "run-1", answers(3, 1))
    with qtbot.waitSignals([edits.changed, opened.runs_changed]):
        edits.save(run, RunNote(text="x"))
    assert edits.notes() == {"run-1": RunNote(text="x")}


def test_a_run_that_cannot_be_trashed_stays_with_a_sentence(edits, opened, qtbot, monkeypatch):
    def refuse(_path: str) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    run = make_tested_run(opened.project.runs_folder / "run-1", answers(3, 1))
    with qtbot.waitSignal(opened.failed) as failed:
        edits.delete(run)
    assert "no trash here" in failed.args[0].what
    assert str(run.path) in failed.args[0].mend
    assert run.path.exists()


def test_a_run_that_is_being_trained_elsewhere_stays(edits, opened, qtbot):
    run = make_tested_run(opened.project.runs_folder / "run-1", answers(3, 1))
    with run.lock(), qtbot.waitSignal(opened.failed) as failed:
        edits.delete(run)
    assert "working on the run" in failed.args[0].what
    assert run.path.exists()


def test_deleting_the_run_that_is_shown_shows_another(edits, opened, qtbot, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", shutil.rmtree)
    first, second = (
        make_tested_run(opened.project.runs_folder / name, answers(3, 1)) for name in ("run-1", "run-2")
    )
    edits.save(second, RunNote(title="gone soon"))
    opened.select_run(second)
    with qtbot.waitSignal(edits.changed):
        edits.delete(second)
    assert opened.run == first
    assert edits.notes() == {}, "the next run of this name is another one"
