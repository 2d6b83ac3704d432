"""When the images' folder is read, and what is said about it."""

from __future__ import annotations

import shutil

import pytest

LONG = 20_000


@pytest.fixture
def said(opened):
    said: list[str] = []
    opened.folder.said.connect(said.append)
    return said


def copy_one(app_state) -> None:
    root = app_state.project.images_root
    shutil.copy(root / "ants" / "photo-000.jpg", root / "ants" / "new.jpg")


def test_nothing_new_is_said_only_to_those_who_asked(opened, said, qtbot):
    with qtbot.waitSignal(opened.folder.was_read):
        opened.folder.read_new()
    assert said == []
    with qtbot.waitSignal(opened.folder.was_read):
        opened.folder.look_again()
    assert said == ["There is nothing new in the folder."]


def test_while_a_training_runs_the_folder_waits_and_says_so(opened, said, qtbot, monkeypatch):
    opened.update_recipe({"epochs": 3})
    opened.train()
    opened.folder.watch.close()
    copy_one(opened)
    opened.folder.read_new()
    assert said == ["Files of this project came or went; they are read when the training ends."]
    assert [job.operation for job in opened.engine.open_jobs()] == ["train-project"]
    qtbot.waitUntil(lambda: len(opened.images()) == 25, timeout=LONG)
    assert opened.training is None
    assert said[-1] == "1 more image in the project."


def test_another_project_ends_the_reading_of_the_last_one(opened, tmp_path):
    reading = opened.rescan()
    commands = []
    reading.command = commands.append
    opened.folder.set_project(None)
    assert commands == ["cancel"]


def test_a_file_that_is_put_into_the_folder_is_read_without_a_key(opened, said, qtbot):
    qtbot.waitUntil(lambda: opened.folder.watch._read is not None)
    copy_one(opened)
    qtbot.waitUntil(lambda: len(opened.images()) == 25, timeout=LONG)
    assert opened.image("ants/new.jpg").label() == "ants"
