"""Checks that need features come after the quick ones, and give way to everything else."""

from __future__ import annotations

import pytest

from tests.gui.robots.data import DataRobot
from tlstudio.gui.pages.data import checking
from tlstudio.gui.pages.data.page import DataPage


@pytest.fixture
def started(opened) -> list[str]:
    """Operations of the jobs that were started."""
    operations: list[str] = []
    opened.job_started.connect(lambda job: operations.append(job.operation))
    return operations


@pytest.fixture
def robot(opened, qtbot, started, monkeypatch) -> DataRobot:
    monkeypatch.setattr(checking, "FEATURES_AFTER_MS", 0)
    robot = DataRobot(DataPage(opened), qtbot).show()
    qtbot.waitUntil(lambda: bool(robot.page.health.list.buttons), timeout=10_000)
    return robot


def test_findings_by_features_are_added_to_the_others(robot, opened, started, qtbot):
    quick = len(robot.page.health.list.findings)
    qtbot.waitUntil(lambda: started[-1] == checking.FEATURES and not opened.engine.open_jobs())
    robot.page.checking._features_checked(
        {"findings": [{"check": "x", "severity": "note", "message": "By features."}]}
    )
    assert len(robot.page.health.list.findings) == quick + 1
    robot.page.checking.forget()
    assert robot.page.health.list.findings == []


def test_another_job_stops_the_search_by_features(robot, opened, started, qtbot):
    qtbot.waitUntil(lambda: started[-1] == checking.FEATURES and not opened.engine.open_jobs())
    project = str(opened.project.folder)
    slow = opened.submit(checking.FEATURES, project=project)
    opened.submit("stages", backbone="tf_efficientnet_lite0")
    assert slow.is_cancelling
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())
