"""The parts around a page: banner, sidebar, header, footer."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tlstudio.core.events import (
    BatchEnded,
    EpochEnded,
    JobFailed,
    JobSucceeded,
    Paused,
    StageProgress,
    StageStarted,
)
from tlstudio.core.messages import JobRequest
from tlstudio.gui.engine_client import EngineClient, EngineEnded, Job
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.frame.banner import Banner
from tlstudio.gui.widgets.frame.header import Header, RunEntry
from tlstudio.gui.widgets.frame.sidebar import Sidebar, Step
from tlstudio.gui.widgets.frame.status_bar import StatusBar, _Progress

STEPS = (Step(page="data", title="Data", tip="Look"), Step(page="model", title="Model", tip="Pick"))


def failure(what: str, *, fault: bool = False) -> JobFailed:
    return JobFailed(run_id="x", what=what, work="Kept.", mend="Mend.", fault=fault, detail="ValueError()")


@pytest.fixture
def banner(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    return banner


def test_the_same_failure_is_shown_once(banner):
    banner.show_failure(failure("One."))
    banner.show_failure(failure("Two."))
    banner.show_failure(failure("One."))
    assert banner.what.text() == "One."
    assert "1 more message below" in banner.rest.text()
    banner.dismiss()
    assert banner.what.text() == "Two."
    banner.dismiss()
    assert banner.isHidden()
    banner.dismiss()  # nothing left: nothing happens


def test_a_fault_is_over_once_what_failed_is_resumed(banner):
    banner.show_failure(failure("The disk is full."))
    banner.follow(Job(None, JobRequest(job_id="x", operation="train-project", arguments={})))
    banner.show_failure(failure("The engine ended unexpectedly.", fault=True))
    again = JobRequest(job_id="y", operation="train-project", arguments={"resume": False})
    banner.follow(Job(None, again))
    assert banner.what.text() == "The engine ended unexpectedly."
    resumed = JobRequest(job_id="z", operation="train-project", arguments={"resume": True})
    banner.follow(Job(None, resumed))
    assert banner.what.text() == "The disk is full."


def test_that_the_engine_ended_is_over_once_any_job_succeeds(banner):
    banner.show_failure(failure("Something went wrong.", fault=True))
    banner.show_failure(
        EngineEnded(run_id="x", what="The engine ended (code 9).", work="", mend="", fault=True)
    )
    job = Job(None, JobRequest(job_id="y", operation="scan-project", arguments={}))
    banner.follow(job)
    job.take(JobSucceeded(run_id="y"))
    assert banner.what.text() == "Something went wrong."


def test_only_a_fault_of_ours_offers_its_details(banner):
    banner.show_failure(failure("The disk is full."))
    assert banner.copy_button.isHidden()
    banner.show_failure(failure("Something went wrong.", fault=True))
    banner.copy_button.click()
    assert QGuiApplication.clipboard().text() == "Something went wrong.\nValueError()"


def test_file_names_that_look_like_markup_are_shown_as_they_are(banner):
    banner.show_failure(failure("<b>photo</b>.jpg cannot be read."))
    assert banner.what.textFormat() == Qt.TextFormat.PlainText


def test_a_step_tells_its_state_to_a_screen_reader(qtbot):
    sidebar = Sidebar(STEPS)
    qtbot.addWidget(sidebar)
    sidebar.set_step("data", summary="318 images, 5 classes", done=True)
    assert sidebar.button("data").accessibleName() == "Step 1: Data, 318 images, 5 classes, done"
    assert "318 images" in sidebar.button("data").toolTip()


def test_a_done_step_shows_a_check_mark_instead_of_its_number(qtbot):
    sidebar = Sidebar(STEPS)
    qtbot.addWidget(sidebar)
    sidebar.show()
    before = sidebar.button("data").grab().toImage()
    sidebar.set_step("data", summary="", done=True)
    assert sidebar.button("data").grab().toImage() != before


def test_steps_are_chosen_by_mouse_and_keyboard(qtbot):
    sidebar = Sidebar(STEPS)
    qtbot.addWidget(sidebar)
    sidebar.show()
    with qtbot.waitSignal(sidebar.chosen) as chosen:
        qtbot.mouseClick(sidebar.button("model"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["model"]
    with qtbot.waitSignal(sidebar.chosen) as chosen:
        qtbot.keyClick(sidebar.button("data"), Qt.Key.Key_Space)
    assert chosen.args == ["data"]
    sidebar.set_current("home")
    assert not any(sidebar.button(page).isChecked() for page in ("data", "model"))


def test_a_long_summary_takes_two_lines_and_never_more_width(qtbot):
    sidebar = Sidebar(STEPS)
    qtbot.addWidget(sidebar)
    short = sidebar.button("data").sizeHint().height()
    sidebar.set_step("data", summary="10 420 images, 40 classes, 3 problems", done=False)
    assert sidebar.button("data").sizeHint().height() > short
    assert sidebar.width() == 184


def test_the_header_lists_runs_newest_first(qtbot):
    header = Header(threads=2)
    qtbot.addWidget(header)
    header.set_project("Wild flowers")
    assert header.device.text() == "CPU · 2 threads"
    assert not header.run.isEnabled() or header.run.text() == "No run yet ▾"
    entries = [
        RunEntry(path=f"/p/run-{number}", title=f"Run {number}", details="90.0 %") for number in (1, 2, 3)
    ]
    header.set_runs(entries, current="/p/run-2")
    actions = header.run_menu.actions()
    assert [action.text().split()[1] for action in actions] == ["3", "2", "1"]
    assert [action.isChecked() for action in actions] == [False, True, False]
    with qtbot.waitSignal(header.run_chosen) as chosen:
        actions[2].trigger()
    assert chosen.args == ["/p/run-1"]


def epoch_ended(epoch: int, *, epochs: int) -> EpochEnded:
    return EpochEnded(
        run_id="x",
        epoch=epoch,
        epochs=epochs,
        train_loss=None,
        train_accuracy=None,
        validation_loss=None,
        validation_accuracy=None,
        validation_interval=None,
        validation_n=0,
        confusion=(),
        best_epoch=epoch,
        learning_rate=None,
        elapsed_seconds=1.0,
    )


def batch(epoch: int, step: int) -> BatchEnded:
    return BatchEnded(
        run_id="x",
        epoch=epoch,
        epochs=30,
        step=step,
        steps=4,
        train_loss=1.0,
        images_per_second=1.0,
        seconds_left=22,
    )


@pytest.mark.parametrize("text_scale", [1.0, 1.3])
@pytest.mark.parametrize("width", [760, 960, 1100, 1280])
def test_the_header_says_less_where_room_is_short_and_cuts_nothing_but_a_long_name(
    width, text_scale, qtbot, qapp
):
    theme().apply(qapp, "light", text_scale=text_scale)
    header = Header(threads=2)
    qtbot.addWidget(header)
    header.set_project("Wild flowers of the northern meadows, survey of 2026")
    header.set_runs([RunEntry(path="/p/run-12", title="Run 12", details="")], current="/p/run-12")
    header.resize(width, 44)
    header.show()
    chips = (header.saved, header.run, header.device, header.offline, header.help)
    qtbot.waitUntil(lambda: all(chip.isHidden() or chip.width() >= chip.sizeHint().width() for chip in chips))
    assert header.offline.text().startswith("Offline")
    assert not header.device.isHidden() or header.offline.text() == "Offline"
    header.resize(2400, 44)
    qtbot.waitUntil(lambda: header.offline.text().endswith("leaves this computer"))
    assert header.device.isVisible()


def test_progress_in_words():
    progress = _Progress()
    progress.take(StageStarted(run_id="x", stage="scan", title="Looking for near-duplicates", total=1318))
    assert (progress.title, progress.done, progress.total) == ("Looking for near-duplicates", 0, 1318)
    progress.take(StageProgress(run_id="x", stage="scan", done=1204, total=1318, seconds_left=2))
    assert progress.details == "1\u202f204 / 1\u202f318 · 2 s left"
    progress.take(StageProgress(run_id="x", stage="scan", done=12))
    assert (progress.details, progress.total) == ("12", None)
    progress.take(batch(19, 2))
    assert (progress.details, progress.done, progress.total) == ("epoch 19 of 30 · 22 s left", 74, 120)
    progress.take(Paused(run_id="x"))
    assert progress.details == "paused"
    progress.take(epoch_ended(19, epochs=30))
    assert progress.details == "epoch 19 of 30"


def test_settings_that_are_tried_have_a_bar_of_their_own():
    progress = _Progress()
    progress.take(StageStarted(run_id="x", stage="features", title="Looking at the images", total=24))
    progress.take(StageProgress(run_id="x", stage="features", done=24, total=24, seconds_left=0))
    progress.take(epoch_ended(2, epochs=10))
    assert (progress.title, progress.done, progress.total, progress.details) == ("", 2, 10, "2 of 10")


def test_a_message_is_shown_for_a_while(qtbot):
    status = StatusBar()
    qtbot.addWidget(status)
    status._message_timer.setInterval(30)
    status.show_message("Exported flowers.onnx")
    assert status.title.text() == "Exported flowers.onnx"
    qtbot.waitUntil(lambda: status.title.text() == "Ready")


def bar_that_shows_a_job(qtbot, operation: str) -> tuple[StatusBar, Job]:
    """A status bar, and the job "j" that it shows."""
    status = StatusBar()
    qtbot.addWidget(status)
    status._quiet.setInterval(0)
    job = Job(EngineClient(status), JobRequest(job_id="j", operation=operation, arguments={}))
    status.follow(job)
    qtbot.waitUntil(lambda: status.is_showing_job)
    return status, job


def test_what_a_job_ended_with_is_shown_when_its_progress_is_gone(qtbot):
    status, job = bar_that_shows_a_job(qtbot, "report")
    # Before the bar hears that the job has ended, as a page does that is told its result.
    status.show_message("The report is in r.html.")
    job.take(JobSucceeded(run_id="j"))
    assert not status.is_showing_job
    assert status.title.text() == "The report is in r.html."


def test_a_message_is_shown_beside_the_progress_of_a_job_and_makes_way_for_it(qtbot):
    status, job = bar_that_shows_a_job(qtbot, "train-project")
    job.take(StageStarted(run_id="j", stage="features", title="Looking at new images"))
    status._message_timer.setInterval(30)
    status.show_message("Undone: 1 image labelled bees.")
    assert status.title.text() == "Undone: 1 image labelled bees."
    assert status.is_showing_job
    qtbot.waitUntil(lambda: status.title.text() == "Looking at new images")


def test_a_cancelled_job_says_so_at_once(qtbot):
    status, job = bar_that_shows_a_job(qtbot, "export")
    job.take(StageStarted(run_id="j", stage="export", title="Writing the model"))
    job.command("cancel")
    assert status.title.text() == "Cancelling… Writing the model"
    assert not status.cancel.isEnabled()


def test_the_status_bar_is_updated_ten_times_a_second_at_most(qtbot, monkeypatch):
    status, job = bar_that_shows_a_job(qtbot, "train-project")
    written = []
    monkeypatch.setattr(status.details, "setText", written.append)
    for done in range(1, 501):
        job.take(StageProgress(run_id="j", stage="features", done=done, total=500))
    qtbot.waitUntil(lambda: bool(written))
    assert written == ["500 / 500"]
