import pytest

from tlstudio.core.events import JobFailed, StageProgress, StageStarted
from tlstudio.gui.pages.train.headline import TrainHeadline
from tlstudio.gui.theme import theme
from tlstudio.project.history import RunHistory

RECIPE = {"strategy": "fine-tune", "freeze": "blocks.4"}
STATE = {"running": True, "finished": False, "can_resume": False}


@pytest.fixture
def headline(qtbot) -> TrainHeadline:
    headline = TrainHeadline()
    qtbot.addWidget(headline)
    headline.resize(640, 160)
    headline.show()
    return headline


@pytest.fixture
def history() -> RunHistory:
    history = RunHistory()
    history.add(StageStarted(run_id="run-1", stage="near-hashes", title="Noting what the images look like"))
    progress = {"done": 84, "total": 84, "seconds_left": 30.0}
    history.add(StageProgress(run_id="run-1", stage="near-hashes", **progress))
    return history


def test_a_long_stage_goes_below_the_name_instead_of_cutting_it(headline, history, qtbot, qapp):
    theme().apply(qapp, "dark", text_scale=1.3)
    headline.show_run("run-1", RECIPE, history, **STATE)
    qtbot.waitUntil(lambda: headline.chip.y() >= headline.name.geometry().bottom())
    assert headline.name.width() >= headline.name.sizeHint().width()
    headline.resize(1600, 160)
    qtbot.waitUntil(lambda: headline.chip.x() > headline.name.geometry().right())

    def middle(widget) -> float:
        return widget.mapTo(headline, widget.rect().center()).y()

    qtbot.waitUntil(lambda: abs(middle(headline.name) - middle(headline.pause)) <= 2)


def test_no_time_is_left_once_the_run_was_told_to_stop(headline, history):
    headline.show_run("run-1", RECIPE, history, **STATE)
    assert "left" in headline.figures.text()
    headline.stop.setEnabled(True)
    headline.stop.click()
    headline.show_run("run-1", RECIPE, history, **STATE)
    assert headline.chip.text() == "stopping …"
    assert "left" not in headline.figures.text()


def test_the_focus_does_not_go_from_stop_to_cancel(headline, history, qtbot):
    headline.show_run("run-1", RECIPE, history, **STATE)
    headline.stop.setEnabled(True)
    headline.activateWindow()
    headline.stop.setFocus()
    qtbot.waitUntil(headline.stop.hasFocus)
    headline.stop.click()
    headline.show_run("run-1", RECIPE, history, **STATE)
    assert not headline.stop.isEnabled()
    assert headline.cancel.isEnabled()
    assert not headline.cancel.hasFocus()


def test_the_focus_does_not_go_to_cancel_either_when_it_is_told_elsewhere(headline, history, qtbot):
    headline.show_run("run-1", RECIPE, history, **STATE)
    headline.activateWindow()
    headline.pause.setFocus()
    qtbot.waitUntil(headline.pause.hasFocus)
    headline.note_leaving("stop")
    headline.show_run("run-1", RECIPE, history, **STATE)
    assert headline.chip.text() == "stopping …"
    assert not headline.cancel.hasFocus()


def test_at_the_end_the_focus_goes_to_what_comes_next(headline, history, qtbot):
    headline.show_run("run-1", RECIPE, history, **STATE)
    headline.activateWindow()
    headline.pause.setFocus()
    qtbot.waitUntil(headline.pause.hasFocus)
    for finished in (False, True):  # its end is read a moment later
        headline.show_run("run-1", RECIPE, history, running=False, finished=finished, can_resume=True)
    assert headline.evaluate.hasFocus()


def test_a_run_that_its_settings_keep_from_beginning_is_not_resumed(headline, history, qtbot):
    failed = {"running": False, "finished": False, "can_resume": True}
    history.add(JobFailed(run_id="run-1", what="No such column.", work="", mend="Choose another."))
    headline.show_run("run-1", RECIPE, history, **failed, is_refused=True)
    assert (headline.resume.isVisible(), headline.settings.isVisible()) == (False, True)
    with qtbot.waitSignal(headline.settings_requested):
        headline.settings.click()
    headline.show_run("run-1", RECIPE, history, **failed)
    assert (headline.resume.isVisible(), headline.settings.isVisible()) == (True, False)
