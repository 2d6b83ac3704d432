"""An odd image is said to be odd before its class is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.made_runs import make_run
from tests.gui.robots.use import UseRobot
from tlstudio.gui.pages.use.page import UsePage

PATHS = {name: [f"{name}/photo-{n:03d}.jpg" for n in range(8)] for name in ("ants", "bees", "leaves")}


@pytest.fixture
def robot(opened, qtbot) -> UseRobot:
    opened.select_run(make_run(opened.project.runs_folder / "run-1", paths=PATHS))
    return UseRobot(UsePage(opened), qtbot).show().wait_until_ready()


def a_photo(app_state) -> Path:
    return app_state.project.images_root / app_state.images()[0].path


@pytest.mark.parametrize(
    ("name", "severity", "beginning"),
    [
        ("odd", "warning", "Odd: "),
        ("far", "warning", "Unlike anything"),
        ("silent", "note", "This model cannot"),
    ],
)
def test_an_odd_image_is_said_to_be_odd_above_its_class(
    robot, opened, qtbot, tmp_path, name: str, severity: str, beginning: str
):
    shutil.copy(a_photo(opened), tmp_path / f"{name}.jpg")
    robot.drop(tmp_path / f"{name}.jpg")
    robot.wait_for_predictions(1)
    card = robot.page._try
    assert card.odd.isVisible()
    assert card.odd.finding.severity == severity
    assert card.odd.finding.message.startswith(beginning)
    assert robot.verdict == "bees  90.0 %"
    qtbot.waitUntil(lambda: 0 < card.odd.geometry().bottom() < card.verdict.geometry().top(), timeout=5_000)


def test_nothing_is_said_above_the_class_of_a_familiar_image(robot, opened, tmp_path):
    shutil.copy(a_photo(opened), tmp_path / "odd.jpg")
    robot.drop(a_photo(opened), tmp_path / "odd.jpg")
    robot.wait_for_predictions(2)
    grid = robot.page._try.grid
    assert [item.caption for item in grid.items()] == ["bees 90 %", "odd: bees 90 %"]
    assert not robot.page._try.odd.isVisible()
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert robot.page._try.odd.isVisible()
