"""The images of a project, read in batches while the window is idle."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.gui.project_images import BATCH
from tlstudio.project.store import Project


def many(folder: Path, count: int) -> None:
    """A project of so many images, without their files."""
    images = tuple(
        Image(path=f"c{n % 10}/img_{n:05}.jpg", sha256=f"{n:064}", labels=labels_of(f"c{n % 10}"))
        for n in range(count)
    )
    with Project.create(folder, name="many", images_root=folder) as project:
        classes = tuple(f"c{n}" for n in range(10))
        project.apply_scan(Dataset.of_folder(folder, images=images, classes=classes))


@pytest.fixture
def twenty_thousand(app_state, tmp_path, monkeypatch):
    """An app state that begins to open a project of 20 000 images."""
    many(tmp_path / "many", 20_000)
    monkeypatch.setattr(app_state, "rescan", lambda: None)
    app_state.open_project(tmp_path / "many")
    return app_state


def test_many_images_are_read_in_batches_while_the_window_answers(twenty_thousand, qtbot, monkeypatch):
    app_state = twenty_thousand
    assert app_state.is_reading_images
    assert app_state.images() == []
    monkeypatch.setattr("tlstudio.gui.project_images.READING_SECONDS", 0)
    pauses = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: pauses.append(len(app_state.images())))
    timer.start()
    with qtbot.waitSignal(app_state.images_changed):
        pass
    timer.stop()
    # The window could answer after each batch, and once more before the pages show what is there.
    assert pauses.count(0) > 20_000 // BATCH // 2
    assert pauses[-1] == 20_000
    assert not app_state.is_reading_images
    assert [image.path for image in app_state.images()] == sorted(
        f"c{n % 10}/img_{n:05}.jpg" for n in range(20_000)
    )
    assert app_state.image("c7/img_00007.jpg").label() == "c7"


def test_a_label_set_while_images_are_read_is_kept(twenty_thousand, qtbot):
    app_state = twenty_thousand
    app_state.edits.set_label(["c0/img_00000.jpg"], class_name="c9")
    with qtbot.waitSignal(app_state.images_changed):
        pass
    assert app_state.image("c0/img_00000.jpg").label() == "c9"
    assert len(app_state.images()) == 20_000


def test_a_project_closed_while_its_images_are_read_is_not_read_on(twenty_thousand, qtbot):
    app_state = twenty_thousand
    app_state.close_project()
    qtbot.wait(50)
    assert app_state.images() == []
    assert not app_state.is_reading_images
