"""The Train page, driven as a person drives it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.made_runs import epoch_event, make_run
from tests.gui.robots.train import TrainRobot
from tlstudio.core.events import DomainMap, LearningCurve, LearningPoint, MapPanel, TrialEnded
from tlstudio.core.files import write_text
from tlstudio.gui.pages.train import follower
from tlstudio.gui.pages.train.follower import RunFollower
from tlstudio.gui.pages.train.page import TrainPage
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import curve_values

PATHS = {name: [f"{name}/photo-{n:03d}.jpg" for n in range(8)] for name in ("ants", "bees", "leaves")}


@pytest.fixture
def slow_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs of a tenth of a second; the engine process reads this when it starts."""
    monkeypatch.setenv("TLSTUDIO_FAKE_EPOCH_SECONDS", "0.1")


def robot_for(app_state, qtbot) -> TrainRobot:
    return TrainRobot(TrainPage(app_state), qtbot).show()


def made(app_state, name: str = "run-1", **settings):
    run = make_run(app_state.project.runs_folder / name, paths=PATHS, **settings)
    app_state.select_run(run)
    return run


def test_without_a_run_says_what_to_do_next(opened, qtbot):
    robot = robot_for(opened, qtbot)
    assert robot.is_empty()
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        QTest.mouseClick(robot.page._empty.button, Qt.MouseButton.LeftButton)
    assert emitted.args == ["model"]
    assert robot.page.summary() == "no run yet"


def test_a_run_is_shown_live_and_then_offers_the_evaluation(slow_epochs, opened, qtbot):
    opened.update_recipe({"epochs": 12, "strategy": "fine-tune", "freeze": "layer2"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(1)
    assert robot.heading == "Run 1 · fine-tuning from layer2 up"
    assert robot.sees("pause")
    assert robot.sees("stop")
    assert not robot.sees("evaluate")
    qtbot.waitUntil(lambda: bool(robot.matrix), timeout=5_000)
    assert 0 < robot.page._headline.bar.value() < robot.page._headline.bar.maximum()
    assert "images/s" in robot.page._headline.figures.text()
    assert robot.page._matrix.about.text().endswith(", live")
    robot.wait_for_curves()
    robot.wait_for_chip("finished", "epoch 12 of 12")
    qtbot.waitUntil(lambda: robot.sees("evaluate"), timeout=5_000)
    assert not robot.sees("pause")
    assert "The last epoch, 12, is kept; it is also the best" in robot.story
    assert robot.page._accuracy.validation.text().startswith("check images 100 %")
    assert robot.matrix == [["8", "·", "·"], ["·", "8", "·"], ["·", "·", "8"]]
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        robot.press("evaluate")
    assert emitted.args == ["evaluate"]


def test_pause_holds_the_run_and_resume_continues_it(slow_epochs, opened, qtbot):
    opened.update_recipe({"epochs": 20, "strategy": "fine-tune"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(1)
    robot.press("pause")
    robot.wait_for_chip("paused")
    assert "Press Resume to continue" in robot.story
    assert robot.page._headline.pause.text() == "&Resume"
    robot.press("pause")
    robot.wait_for_chip("finished")


def test_stop_keeps_the_best(slow_epochs, opened, qtbot):
    opened.update_recipe({"epochs": 60, "strategy": "fine-tune"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(1)
    robot.press("stop")
    assert not robot.page._headline.stop.isEnabled()
    qtbot.waitUntil(lambda: robot.sees("evaluate"), timeout=5_000)
    assert "of 60" in robot.story


def test_cancel_can_be_resumed(slow_epochs, opened, qtbot):
    opened.update_recipe({"epochs": 60, "strategy": "fine-tune"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(2)
    robot.press("cancel")
    robot.wait_for_chip("cancelled")
    assert "Nothing was lost" in robot.story
    qtbot.waitUntil(lambda: robot.sees("resume"), timeout=5_000)
    left_at = robot.history.epoch
    robot.press("resume")
    qtbot.waitUntil(lambda: robot.sees("stop"), timeout=5_000)
    robot.wait_for_epoch(left_at + 1)
    assert [epoch.epoch for epoch in robot.history.epochs][: left_at + 1] == list(range(left_at + 1))
    robot.press("stop")
    robot.wait_for_chip("finished")


@pytest.mark.parametrize(("command", "chip"), [("stop", "stopping …"), ("cancel", "cancelling …")])
def test_a_run_that_is_told_to_leave_elsewhere_says_so_at_once(command, chip, slow_epochs, opened, qtbot):
    """By the footer's Cancel, or by the question at closing."""
    opened.update_recipe({"epochs": 40, "strategy": "fine-tune"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(1)
    opened.training.command(command)
    assert robot.page._headline.chip.text() == chip
    assert not robot.page._headline.stop.isEnabled()
    qtbot.waitUntil(lambda: opened.training is None)


def test_an_end_that_arrives_while_the_run_is_read_is_kept(slow_epochs, opened, qtbot):
    opened.update_recipe({"epochs": 60, "strategy": "fine-tune"})
    opened.train()
    robot = robot_for(opened, qtbot)
    robot.wait_for_epoch(2)
    page, job = robot.page, opened.training
    with qtbot.waitSignal(job.ended, timeout=15_000):
        robot.press("cancel")
        page.follower._is_reading = True  # as after `_read`: events wait for the reading to end
    robot.wait_for_chip("cancelled")


def test_a_run_is_named_by_its_own_settings_also_when_the_draft_is_another(opened, qtbot):
    opened.update_recipe({"strategy": "fine-tune"})
    follower = RunFollower(opened)
    opened.train()
    opened.update_recipe({"strategy": "linear-probe"})
    assert follower.stored is None
    assert follower.recipe["strategy"] == "fine-tune"
    qtbot.waitUntil(lambda: opened.training is None, timeout=15_000)


def test_reopening_replays_the_same_curves(opened, qtbot):
    opened.update_recipe({"epochs": 4, "strategy": "fine-tune"})
    live = robot_for(opened, qtbot)
    opened.train()
    live.wait_for_chip("finished")
    again = robot_for(opened, qtbot)
    again.wait_for_chip("finished")
    assert again.curves == live.curves
    assert again.story == live.story
    assert again.matrix == live.matrix


def test_an_interrupted_run_can_be_resumed(opened, qtbot):
    made(opened, done=6, finished=False)
    robot = robot_for(opened, qtbot)
    robot.wait_for_chip("interrupted", "epoch 6 of 15")
    assert robot.sees("resume")
    assert robot.page._headline.resume.isEnabled()
    assert "interrupted after epoch 6" in robot.story
    robot.wait_for_curves()
    assert robot.page.summary() == "Run 1 · not finished"


def test_the_matrix_of_a_finished_run_is_that_of_the_kept_epoch(opened, qtbot):
    made(opened, epochs=5)
    robot = robot_for(opened, qtbot)
    robot.wait_for_chip("finished")
    assert robot.page._matrix.about.text().endswith("epoch 2")
    assert robot.page._loss.kept.text() == "kept: epoch 2"


def test_where_no_epoch_has_a_matrix_that_of_the_end_is_shown(opened, qtbot):
    """The check images were learned from as well, and were answered by classifiers of folds."""
    run = made(opened, epochs=5)
    events = run.events.read_text(encoding="utf-8")
    write_text(run.events, re.sub(r'"confusion": \[\[.*?\]\]', '"confusion": []', events))
    robot = robot_for(opened, qtbot)
    robot.wait_for_chip("finished")
    assert sum(int(cell) for row in robot.matrix for cell in row if cell != "·") > 0
    assert robot.page._matrix.about.text() == "as evaluated at the end"


def test_warnings_of_the_engine_are_among_the_checks(opened, qtbot):
    made(opened, warnings=["3 files were skipped."])
    robot = robot_for(opened, qtbot)
    qtbot.waitUntil(lambda: "3 files were skipped." in robot.checks, timeout=5_000)


def test_another_run_replaces_the_one_shown(opened, qtbot):
    first = made(opened, "run-1", epochs=5)
    made(opened, "run-2", epochs=9)
    robot = robot_for(opened, qtbot)
    robot.wait_for_chip("of 9")
    opened.select_run(first)
    robot.wait_for_chip("of 5")
    assert robot.heading.startswith("Run 1")


def test_long_event_files_are_read_off_the_gui_thread(opened, qtbot, monkeypatch):
    run = made(opened, epochs=3)
    line = run.events.read_text(encoding="utf-8").splitlines()[-1]
    lines = [line.replace('"epoch": 3', f'"epoch": {n}') for n in range(1, 2001)]
    write_text(run.events, "\n".join(lines) + "\n{torn")
    readers = []

    def read(run):
        readers.append(threading.current_thread())
        return read_stored_run(run)

    read_stored_run = follower.read_stored_run
    monkeypatch.setattr(follower, "read_stored_run", read)
    robot = robot_for(opened, qtbot)
    assert robot.history.epochs == []
    qtbot.waitUntil(lambda: len(robot.history.epochs) == 2000, timeout=15_000)
    assert readers == [reader for reader in readers if reader is not threading.main_thread()]


def test_a_damaged_run_is_shown_without_its_recipe(opened, qtbot):
    run = made(opened, done=4, finished=False)
    write_text(run.recipe, "{")
    robot = robot_for(opened, qtbot)
    robot.wait_for_chip("interrupted")
    assert robot.heading == "Run 1"
    assert robot.matrix == []


def test_what_is_computed_at_once_has_no_curve(opened, qtbot):
    page = TrainPage(opened)
    once = replace(epoch_event(1, epochs=1), axis="setting")
    history = RunHistory([once])
    for card in (page._loss, page._accuracy):
        card.show_curve(history, curve_values(history))
        assert "no curve" in card.figure.accessibleDescription()
    page._matrix.show_matrix(history, ["a", "b", "c"], unit="setting", running=False)
    assert page._matrix.about.text() == ""
    page.deleteLater()


def test_live_events_that_come_while_the_file_is_read_are_not_lost(opened, qtbot, monkeypatch):
    run = made(opened, done=3, finished=False)
    events = run.read_events()
    page = TrainPage(opened)
    robot = TrainRobot(page, qtbot).show()
    page.follower._add(events[-1])
    assert robot.history.epochs == []
    qtbot.waitUntil(lambda: len(robot.history.epochs) == 4, timeout=5_000)
    assert robot.curves == curve_values(RunHistory(events))
    assert robot.heading.startswith("Run 1")


@pytest.fixture
def slow_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time enough to look at a trial, and to press a button before the next one."""
    monkeypatch.setenv("TLSTUDIO_FAKE_EPOCH_SECONDS", "0.6")


AUTO = {"epochs": 2, "strategy": "fine-tune", "freeze": "auto"}


def test_each_freeze_line_that_is_tried_is_a_point(slow_trials, opened, qtbot):
    opened.update_recipe(AUTO)
    robot = robot_for(opened, qtbot)  # built before, so that a slow computer misses no try
    summaries = []
    robot.page.summary_changed.connect(lambda: summaries.append(robot.page.summary()))
    opened.train()
    assert robot.heading == "Run 1 · choosing the freeze line"
    qtbot.waitUntil(lambda: robot.page._headline.chip.text() == "Try 1 of 3: only the head")
    assert "left" in robot.page._headline.figures.text()
    qtbot.waitUntil(lambda: len(robot.history.trials) == 1)
    qtbot.waitUntil(lambda: not robot.page._trials.figure.image.isNull())
    qtbot.waitUntil(lambda: robot.sees("stop") and robot.page._headline.stop.isEnabled())
    qtbot.waitUntil(lambda: len(robot.history.trials) == 2)
    qtbot.waitUntil(lambda: "The choice so far is only the head with 75.0 %" in robot.story)
    qtbot.waitUntil(lambda: opened.training is None)
    qtbot.waitUntil(lambda: "Trained from blocks 6 up: 85.0 % of 100 images" in robot.story)
    assert "10.0 points more, where chance alone makes a difference of up to 6.0 points" in robot.story
    description = robot.page._trials.figure.accessibleDescription()
    assert description in robot.story
    # One figure of how good it is, the one that Evaluate shows.
    assert robot.page._headline.figures.text().startswith("100 % of 6 test images right")
    assert not robot.page._accuracy.validation.isVisible()
    assert robot.page.summary() == "Run 1 · 100 %"
    assert {f"Run 1 · {words}" for words in ("try 1 of 3", "try 2 of 3", "epoch 1 of 2")} <= set(summaries)
    assert robot.heading == "Run 1 · fine-tuning from blocks 6 up"
    assert robot.page._trials.isVisible()


def test_stopping_while_freeze_lines_are_tried_keeps_the_best_so_far(slow_trials, opened, qtbot):
    opened.update_recipe(AUTO)
    opened.train()
    robot = robot_for(opened, qtbot)
    qtbot.waitUntil(lambda: bool(robot.history.trials) and robot.page._headline.stop.isEnabled())
    robot.press("stop")
    qtbot.waitUntil(lambda: opened.training is None)
    qtbot.waitUntil(lambda: robot.story.startswith("Only the head was trained"))
    assert len(robot.history.trials) < 3


def test_the_figure_above_the_curves_is_replayed_and_hidden_for_a_run_without_any(opened, qtbot):
    plain = made(opened)
    robot = robot_for(opened, qtbot)
    robot.wait_for_curves()
    assert not robot.page._trials.isVisible()
    tried = made(opened, name="run-2")
    for freeze, accuracy, best in (("head", 0.7, True), ("blocks.6", 0.69, False)):
        tried.append_event(
            TrialEnded(
                run_id="run-2",
                freeze=freeze,
                accuracy=accuracy,
                interval=(accuracy - 0.1, accuracy + 0.1),
                n=100,
                elapsed_seconds=4.0,
                best=best,
            )
        )
    opened.select_run(plain)
    opened.select_run(tried)
    qtbot.waitUntil(lambda: not robot.page._trials.figure.image.isNull())
    assert "Training more stages was not clearly better: from blocks 6 up it was 69.0 %." in robot.story
    learned = made(opened, name="run-3")
    one, two, four = (
        LearningPoint(images_per_class=number, accuracy=0.5, interval=(0.4, 0.6)) for number in (1, 2, 4)
    )
    learned.append_event(LearningCurve(run_id="run-3", points=(one, two), expected=four))
    opened.select_run(plain)  # its folder may have been read before the event was written
    opened.select_run(learned)
    qtbot.waitUntil(lambda: not robot.page._learning.figure.image.isNull())
    assert robot.page._learning.words.text() == robot.page._learning.figure.accessibleDescription()
    assert not robot.page._trials.isVisible()
    adapted = made(opened, name="run-4")
    panel = MapPanel(here=((0.0, 1.0),), there=((1.0, 0.0),), told_apart=0.9, interval=(0.8, 1.0))
    adapted.append_event(DomainMap(run_id="run-4", before=panel, after=panel))
    opened.select_run(plain)
    opened.select_run(adapted)
    qtbot.waitUntil(lambda: not robot.page._map.figure.image.isNull())
    assert "for 90 % as they are" in robot.page._map.figure.accessibleDescription()
    assert not robot.page._learning.isVisible()
    opened.select_run(plain)
    qtbot.waitUntil(lambda: not robot.page._map.isVisible())
