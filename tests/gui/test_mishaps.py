"""The real window with the real engine when things go wrong: a killed engine, a drive that is unplugged."""

from __future__ import annotations

import os
import signal

import pytest

from tests.gui.robots.train import TrainRobot
from tests.gui.robots.window import WindowRobot
from tlstudio.gui.app_state import AppState

LONG = 120_000


@pytest.fixture
def opened(real_window, photos, qtbot):
    """A project of three classes, read by the engine: (window, folder of images)."""
    images = photos(per_class=10)
    WindowRobot(real_window, qtbot).drop(images)
    app_state = real_window.app_state
    qtbot.waitUntil(lambda: len(app_state.images()) == 30 and not app_state.engine.open_jobs(), timeout=LONG)
    return real_window, images


def kill_engine(app_state: AppState) -> None:
    process = app_state.engine._engine_process._process
    os.kill(process.processId(), signal.SIGKILL)


@pytest.mark.exhaustive
@pytest.mark.timeout(400)
def test_after_a_killed_engine_labels_are_kept_and_the_run_resumes(opened, qtbot):
    window, _images = opened
    person, app_state = WindowRobot(window, qtbot), window.app_state
    app_state.edits.set_label([app_state.images()[0].path], class_name="moss")
    app_state.update_recipe({"strategy": "fine-tune", "freeze": "blocks.6", "epochs": 40})
    app_state.train()
    person.choose_step("train")
    train = TrainRobot(window.page("train"), qtbot)
    qtbot.waitUntil(
        lambda: app_state.run is not None and app_state.run.last_checkpoint.exists(), timeout=LONG
    )

    kill_engine(app_state)
    qtbot.waitUntil(lambda: app_state.training is None, timeout=LONG)
    assert "Nothing was lost" in person.message
    assert app_state.images()[0].label() == "moss"
    person.dismiss_message()

    with qtbot.waitSignal(app_state.rescan().succeeded, timeout=LONG):
        pass  # the next job has an engine again
    qtbot.waitUntil(lambda: train.sees("resume"), timeout=LONG)
    train.press("resume")
    qtbot.waitUntil(lambda: app_state.training is not None, timeout=LONG)
    qtbot.waitUntil(lambda: len(window.page("train").follower.history.epochs) > 1, timeout=LONG)
    app_state.training.command("stop")
    qtbot.waitUntil(lambda: app_state.training is None, timeout=LONG)
    assert app_state.run.finished
    assert person.message == ""


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_labels_survive_a_drive_that_is_unplugged(opened, qtbot, tmp_path):
    window, images = opened
    person, app_state = WindowRobot(window, qtbot), window.app_state
    path = app_state.images()[0].path
    app_state.edits.set_label([path], class_name="moss")
    away = images.rename(tmp_path / "away")
    with qtbot.waitSignal(app_state.rescan().failed, timeout=LONG):
        pass
    assert "plugged in" in person.message
    app_state.train()
    qtbot.waitUntil(lambda: app_state.training is None, timeout=LONG)
    assert len(app_state.images()) == 30

    images.mkdir()  # as an empty place where the drive was
    with qtbot.waitSignal(app_state.rescan().failed, timeout=LONG):
        pass
    (away / "leaves").rename(images / "leaves")  # and as half a drive
    with qtbot.waitSignal(app_state.rescan().succeeded, timeout=LONG):
        pass
    assert len(app_state.images()) == 10

    for rest in away.iterdir():
        rest.rename(images / rest.name)
    with qtbot.waitSignal(app_state.rescan().succeeded, timeout=LONG):
        pass
    assert len(app_state.images()) == 30
    assert app_state.image(path).label() == "moss"
