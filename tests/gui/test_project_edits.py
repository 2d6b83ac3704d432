"""Changes of the open project are on disk, undone step by step, and said."""

from __future__ import annotations

import pytest

from tlstudio.project.store import Project


@pytest.fixture
def said(opened):
    said: list[str] = []
    opened.edits.said.connect(said.append)
    return said


def test_each_change_is_on_disk_and_undone_in_turn(opened, said):
    path = opened.images()[0].path
    undone: list[list[str]] = []
    opened.edits.undone.connect(undone.append)
    opened.edits.set_colour("bees", "#00ff00")
    opened.edits.leave_out([path])
    opened.edits.delete_class("leaves")
    with Project(opened.project.folder) as again:
        assert again.image(path).left_out
        assert again.classes() == ["ants", "bees"]
        assert again.class_colours() == {"bees": "#00ff00"}
    assert [image.path for image in opened.images_left_out()] == [path]
    assert opened.image(path).left_out
    assert len(opened.images()) == 23
    for _ in range(3):
        opened.edits.undo()
    assert said[-3:] == [
        "Undone: the class leaves deleted.",
        f"Undone: 1 image left out ({path.rpartition('/')[2]}).",
        "Undone: the colour of bees.",
    ]
    assert [len(paths) for paths in undone] == [8, 1, 0]
    assert len(opened.images()) == 24
    assert opened.project.class_colours() == {}
    assert opened.project.classes() == ["ants", "bees", "leaves"]
    opened.edits.undo()
    assert said[-1] == "There is nothing to undo."


def test_a_change_that_cannot_be_saved_is_shown_and_nothing_changes(opened):
    failures: list[object] = []
    opened.failed.connect(failures.append)
    opened.edits.rename_class("ants", "  ")
    assert failures[0].what == "A class needs a name."
    assert opened.project.classes() == ["ants", "bees", "leaves"]


def test_without_a_project_nothing_happens(app_state):
    app_state.edits.set_label(["a"], class_name="b")
    app_state.edits.undo()
    assert app_state.edits.looks() == ()


def test_a_class_that_is_there_already_is_said(opened, said):
    before = opened.project.last_step()
    opened.edits.add_class(" bees")
    assert said == ["There is a class bees already."]
    assert opened.project.last_step() == before
