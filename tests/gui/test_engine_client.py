import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread, Slot

from tlstudio.core.events import (
    BatchEnded,
    JobSucceeded,
    StageProgress,
    StageStarted,
    WarningRaised,
)
from tlstudio.gui.engine_client import Background, EngineClient, EngineEnded, _coalesced

LONG = 20_000


def progress(done: int, *, job: str = "job-1", stage: str = "scan") -> StageProgress:
    return StageProgress(run_id=job, stage=stage, done=done, total=10)


def batch(step: int) -> BatchEnded:
    return BatchEnded(
        run_id="job-1", epoch=1, epochs=2, step=step, steps=9, train_loss=1.0, images_per_second=1.0
    )


def test_events_of_a_job_are_emitted_in_order_on_the_gui_thread(engine, qtbot):
    events, threads = [], set()

    class Listener(QObject):
        @Slot(object)
        def hear(self, event):
            events.append(event)
            threads.add(QThread.currentThread())

    listener = Listener()
    job = engine.submit("download-weights", backbone="resnet18")
    job.event_received.connect(listener.hear)
    with qtbot.waitSignals([job.succeeded, job.ended], order="strict", timeout=LONG):
        pass
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[-1], JobSucceeded)
    assert events[-1].result == {"path": "resnet18.safetensors"}
    assert threads == {QCoreApplication.instance().thread()}


def test_jobs_run_in_order_and_busy_changed_is_emitted(engine, qtbot):
    states, ended = [], []
    engine.busy_changed.connect(states.append)
    jobs = [engine.submit("wait", seconds=0.02) for _ in range(3)]
    for number, job in enumerate(jobs):
        job.ended.connect(lambda number=number: ended.append(number))
    qtbot.waitUntil(lambda: ended == [0, 1, 2], timeout=LONG)
    assert states == [True, False]
    assert engine.open_jobs() == []


def test_a_user_error_arrives_with_its_three_sentences(engine, qtbot):
    with qtbot.waitSignal(engine.submit("sample", sample="broken").failed, timeout=LONG) as failed:
        pass
    event = failed.args[0]
    assert (event.what, event.work, event.mend) == (
        "The sample is broken.",
        "Nothing was lost.",
        "Try the other one.",
    )
    assert not event.fault


def test_running_and_waiting_jobs_can_be_cancelled(engine, qtbot):
    running, waiting = engine.submit("wait", seconds=60), engine.submit("wait", seconds=60)
    with qtbot.waitSignals([waiting.cancelled, running.cancelled], timeout=LONG):
        waiting.command("cancel")
        running.command("cancel")
    assert not running.is_open
    running.command("cancel")  # too late: nothing happens


def test_a_killed_engine_fails_its_jobs_and_is_started_again(engine, qtbot):
    failures = []
    for job in (engine.submit("sample", sample="crash"), engine.submit("wait", seconds=0.01)):
        job.failed.connect(failures.append)
    qtbot.waitUntil(lambda: len(failures) == 2, timeout=LONG)
    for event in failures:
        assert isinstance(event, EngineEnded)
        assert "code 9" in event.what
        assert "Nothing was lost" in event.work
    with qtbot.waitSignal(engine.submit("wait", seconds=0.01).succeeded, timeout=LONG):
        pass


def test_an_engine_that_cannot_start_fails_the_job(qapp, qtbot):
    engine = EngineClient(command=("/no/such/program",))
    engine.start()
    with qtbot.waitSignal(engine.submit("wait", seconds=1).failed, timeout=LONG):
        pass
    engine.close()


def test_closing_during_a_job_is_quick(engine, qtbot):
    job = engine.submit("wait", seconds=60)
    with qtbot.waitSignal(job.event_received, timeout=LONG):
        pass
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 4


def test_only_adjacent_progress_of_one_stage_is_coalesced():
    warning = WarningRaised(run_id="job-1", code="x", message="y")
    events = [
        progress(1),
        progress(2),
        progress(3),
        warning,
        progress(4),
        progress(5, stage="other"),
        progress(6, job="job-2"),
        batch(1),
        batch(2),
        warning,
        warning,
        9,
    ]
    assert _coalesced(events) == [
        progress(3),
        warning,
        progress(4),
        progress(5, stage="other"),
        progress(6, job="job-2"),
        batch(2),
        warning,
        warning,
        9,
    ]


@pytest.fixture
def background(qapp):
    background = Background()
    yield background
    background.close()


def test_results_of_background_tasks_arrive_on_the_gui_thread(background, qtbot):
    worked_in = []

    def work():
        worked_in.append(threading.get_ident())
        return 42

    with qtbot.waitSignal(background.done) as done:
        background.submit("answer", work)
    assert done.args == ["answer", 42]
    assert worked_in != [threading.get_ident()]


def test_the_exception_of_a_background_task_arrives_as_its_result(background, qtbot):
    with qtbot.waitSignal(background.done) as done:
        background.submit("bad", lambda: 1 / 0)
    assert isinstance(done.args[1], ZeroDivisionError)


def test_the_newest_background_task_runs_first(background, qtbot):
    gate, order = threading.Event(), []
    background.done.connect(lambda key, _result: order.append(key))
    background.submit("first", gate.wait)
    qtbot.wait(30)  # it runs and holds the only thread
    for key in ("old", "newer", "newest"):
        background.submit(key, lambda: None)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 4)
    assert order == ["first", "newest", "newer", "old"]
