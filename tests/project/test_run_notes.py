"""A person's words about runs."""

from __future__ import annotations

from pathlib import Path

from tlstudio.project.run_notes import RunNote, notes_values, read_notes
from tlstudio.project.store import Project


def test_notes_survive_in_the_project(tmp_path: Path):
    note = RunNote(title="the good one", text="more crops", is_starred=True)
    with Project.create(tmp_path / "project", name="Insects", images_root=tmp_path) as project:
        assert project.run_notes() == {}
        project.save_run_note("run-1", note)
        project.save_run_note("run-2", RunNote(text="x"))
        project.save_run_note("run-2", RunNote())
    with Project(tmp_path / "project") as project:
        assert project.run_notes() == {"run-1": note}


def test_damaged_notes_are_left_out():
    good = {"run-2": RunNote(is_starred=True)}
    assert read_notes({"run-1": {"title": 3}, "run-3": [], **notes_values(good)}) == good
