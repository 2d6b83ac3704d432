"""The images behind a finding on the Evaluate page are shown on the Data page."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.made_runs import make_run
from tests.gui.robots.evaluate import EvaluateRobot
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.pages.evaluate.page import EvaluatePage


def shown(opened, qtbot, *, paths: tuple[str, ...]) -> EvaluateRobot:
    """The page of a run with a finding about these images."""
    by_class: dict[str, list[str]] = {}
    for image in opened.images():
        by_class.setdefault(image.label(), []).append(image.path)
    run = make_run(opened.project.runs_folder / "run-1", paths=by_class)
    values = json.loads(run.metrics.read_text(encoding="utf-8"))
    finding = Finding(check="label-noise", severity="warning", message="Labels look wrong.", paths=paths)
    values["test"]["findings"] = [finding.as_values()]
    write_json(run.metrics, values)
    opened.select_run(run)
    return EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()


def test_pressing_a_finding_shows_its_images_on_the_data_page(opened, qtbot):
    data = DataPage(opened)
    qtbot.addWidget(data)
    paths = tuple(image.path for image in opened.images()[:2])
    robot = shown(opened, qtbot, paths=paths)
    button = next(button for button in robot.page.view.findings.list.buttons if button.is_pressable)
    with qtbot.waitSignal(robot.page.go_to) as went:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert went.args == ["data"]
    assert [item.key for item in data.view.grid.items()] == list(paths)


def test_a_finding_whose_images_are_not_in_the_project_offers_none(opened, qtbot):
    robot = shown(opened, qtbot, paths=("elsewhere.jpg",))
    assert not any(button.is_pressable for button in robot.page.view.findings.list.buttons)
