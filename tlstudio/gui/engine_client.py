"""Talks to the engine process, and runs small tasks in the background; the only threading code of the window.

A QThread owns the engine process: it writes requests and reads event lines into a queue. A timer on the GUI
thread drains the queue; it runs only while a job is open.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QProcess,
    QRunnable,
    Qt,
    QThread,
    QThreadPool,
    QTimer,
    Signal,
    Slot,
)

from tlstudio.core.events import (
    FINAL_EVENTS,
    BatchEnded,
    Event,
    JobCancelled,
    JobFailed,
    JobSucceeded,
    StageProgress,
    from_json,
)
from tlstudio.core.messages import Command, JobCommand, JobRequest, message_to_json

DRAIN_MS = 50
SWITCH_SECONDS = 0.0005
"""Longest time that a background thread may hold Python's lock while the GUI thread waits for it. With the
usual 5 ms, several such waits in a row held the window for 20 ms."""
ENGINE_COMMAND = (sys.executable, "-m", "tlstudio.engine")


def prioritise_gui_thread() -> None:
    """Let Python switch back to the GUI thread sooner; applies to the whole process."""
    sys.setswitchinterval(SWITCH_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEnded(JobFailed):
    """The engine ended unexpectedly, and the job with it."""


class Job(QObject):
    """A job requested from the engine. All signals are emitted on the GUI thread.

    Attributes:
        is_open: Whether it has not ended.
        leaving: Command by which it was told to leave: "cancel", or "stop" to keep what it has; else None.

    Signals:
        event_received: Every event of the job (core/events.py), the final one included.
        cancelling: It was told to leave (see `leaving`), which it does at its next safe point.
        succeeded: The result's plain values.
        failed: The `JobFailed` event.
        cancelled: The person cancelled it.
        ended: After any of the three.
    """

    event_received = Signal(object)
    cancelling = Signal()
    succeeded = Signal(dict)
    failed = Signal(object)
    cancelled = Signal()
    ended = Signal()

    def __init__(self, engine: EngineClient, request: JobRequest) -> None:
        super().__init__(engine)
        self._engine = engine
        self.request = request
        self.is_open = True
        self.leaving: Command | None = None

    @property
    def is_cancelling(self) -> bool:
        """True once it was told to leave without a result."""
        return self.leaving == "cancel"

    @property
    def operation(self) -> str:
        """Id of the operation that it runs."""
        return self.request.operation

    def command(self, command: Command) -> None:
        """Send a command (cancel, stop, pause or resume); ignored once the job has ended."""
        if self.is_open:
            if command in ("cancel", "stop") and self.leaving not in (command, "cancel"):
                self.leaving = command
                self.cancelling.emit()
            self._engine.send(JobCommand(job_id=self.request.job_id, command=command))

    def take(self, event: Event) -> None:
        """Emit the signals of an event."""
        self.event_received.emit(event)
        if not isinstance(event, FINAL_EVENTS):
            return
        self.is_open = False
        if isinstance(event, JobSucceeded):
            self.succeeded.emit(dict(event.result))
        elif isinstance(event, JobCancelled):
            self.cancelled.emit()
        else:
            self.failed.emit(event)
        self.ended.emit()


class _EngineProcess(QObject):
    """Owns the engine process, on its own QThread; hands events to the GUI thread through a deque."""

    def __init__(self, inbox: deque[Event | int], command: tuple[str, ...]) -> None:
        super().__init__()
        self._inbox = inbox
        self._command = command
        self._process: QProcess | None = None
        self._incomplete_line = b""

    @Slot()
    def start(self) -> None:
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed_to_start)
        self._process.start(self._command[0], list(self._command[1:]))

    @Slot(str)
    def write(self, line: str) -> None:
        if self._process is None or self._process.state() == QProcess.ProcessState.NotRunning:
            self.start()
        assert self._process is not None
        self._process.write(line.encode("utf-8") + b"\n")

    @Slot()
    def close(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.finished.disconnect(self._finished)
        process.readyReadStandardOutput.disconnect(self._read)
        process.closeWriteChannel()
        # The engine leaves at its next safe point; checkpoints are in order even if it has to be killed.
        if process.state() != QProcess.ProcessState.NotRunning and not process.waitForFinished(5000):
            process.kill()
            process.waitForFinished(2000)

    @Slot()
    def _read(self) -> None:
        assert self._process is not None
        *lines, self._incomplete_line = (
            self._incomplete_line + self._process.readAllStandardOutput().data()
        ).split(b"\n")
        for line in lines:
            try:
                self._inbox.append(from_json(line.decode("utf-8")))
            except (ValueError, TypeError):
                print(f"not an event: {line[:200]!r}", file=sys.stderr)  # noqa: T201

    @Slot(QProcess.ProcessError)
    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # the one error after which no `finished` comes
            self._inbox.append(-1)

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._incomplete_line = b""
        self._inbox.append(code)


class EngineClient(QObject):
    """Starts the engine process, submits jobs to it, and emits their events on the GUI thread.

    A killed engine fails its open jobs with "nothing was lost" and comes back with the next job.

    Signals:
        busy_changed: Whether any job is open.
    """

    busy_changed = Signal(bool)
    _write = Signal(str)
    _close = Signal()

    def __init__(self, parent: QObject | None = None, *, command: tuple[str, ...] = ENGINE_COMMAND) -> None:
        super().__init__(parent)
        self._inbox: deque[Event | int] = deque()
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._engine_process = _EngineProcess(self._inbox, command)
        self._thread = QThread(self)
        self._thread.setObjectName("engine conversation")
        self._engine_process.moveToThread(self._thread)
        self._thread.started.connect(self._engine_process.start)
        self._write.connect(self._engine_process.write, Qt.ConnectionType.QueuedConnection)
        # Blocking, so that the process has ended before the thread is to end.
        self._close.connect(self._engine_process.close, Qt.ConnectionType.BlockingQueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)

    def start(self) -> None:
        """Start the process; returns at once."""
        self._thread.start(QThread.Priority.LowPriority)

    def submit(self, operation: str, **arguments: Any) -> Job:
        """Request a job. Connect to its signals before returning to the event loop.

        Args:
            operation: Id of an operation.
            arguments: Plain JSON values.
        """
        request = JobRequest(job_id=f"job-{next(self._numbers)}", operation=operation, arguments=arguments)
        job = Job(self, request)
        self._jobs[request.job_id] = job
        self.send(request)
        self._timer.start()
        if len(self._jobs) == 1:
            self.busy_changed.emit(True)
        return job

    def send(self, message: JobRequest | JobCommand) -> None:
        """Write one message to the process."""
        self._write.emit(message_to_json(message))

    def open_jobs(self) -> list[Job]:
        """Jobs that have not ended, oldest first."""
        return list(self._jobs.values())

    def ahead_of(self, job: Job) -> Job | None:
        """The job that runs while this one waits for its turn; None when none does."""
        first = next(iter(self._jobs.values()), None)
        return first if job.is_open and first is not job else None

    def close(self) -> None:
        """End the process and the thread; open jobs are cancelled, their checkpoints stay."""
        self._timer.stop()
        if self._thread.isRunning():
            self._close.emit()
            self._thread.quit()
            self._thread.wait()
        # An ended job that still waits for its deletion must go before its parent does: both would free it.
        for job in self.findChildren(Job):
            if not job.is_open:
                QCoreApplication.sendPostedEvents(job, QEvent.Type.DeferredDelete.value)

    @Slot()
    def _drain(self) -> None:
        events: list[Event | int] = []
        while self._inbox:
            events.append(self._inbox.popleft())
        ready = _coalesced(events)
        # Slow slots and many events must not block the window: the rest waits for the next tick.
        deadline = time.monotonic() + 0.02
        for number, event in enumerate(ready, start=1):
            if isinstance(event, int):
                self._fail_open_jobs(event)
            else:
                self._deliver(event)
            if time.monotonic() > deadline:
                self._inbox.extendleft(reversed(ready[number:]))
                break
        if not self._jobs and not self._inbox:
            self._timer.stop()

    def _deliver(self, event: Event) -> None:
        job = self._jobs.get(event.run_id)
        if job is None:
            return
        if isinstance(event, FINAL_EVENTS):
            del self._jobs[event.run_id]
        job.take(event)
        if isinstance(event, FINAL_EVENTS):
            job.deleteLater()
            if not self._jobs:
                self.busy_changed.emit(False)

    def _fail_open_jobs(self, code: int) -> None:
        for job_id in list(self._jobs):
            self._deliver(
                EngineEnded(
                    run_id=job_id,
                    what=f"The engine ended unexpectedly (code {code}).",
                    work="Nothing was lost: labels and checkpoints are on disk.",
                    mend="Start it again: a training goes on by Resume on the Train page.",
                    fault=True,
                )
            )


def _coalesced(events: list[Event | int]) -> list[Event | int]:
    """Keep only the newest of adjacent progress events of one kind and job; drop nothing else."""
    kept: list[Event | int] = []
    for event in events:
        previous = kept[-1] if kept else None
        if (
            isinstance(event, StageProgress | BatchEnded)
            and type(previous) is type(event)
            and previous.run_id == event.run_id
            and getattr(previous, "stage", None) == getattr(event, "stage", None)
        ):
            kept[-1] = event
        else:
            kept.append(event)
    return kept


class _Task(QRunnable):
    def __init__(self, work: Callable[[], Any], key: object, done: Callable[[object, object], None]) -> None:
        super().__init__()
        self._work, self._key, self._done = work, key, done

    def run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - handed to the GUI thread as a value
            result = error
        with contextlib.suppress(RuntimeError):  # the window closed meanwhile; the result is not needed
            self._done(self._key, result)


class Background(QObject):
    """Runs small tasks off the GUI thread (thumbnails, figures), the newest first.

    Signals:
        done: `(key, result)` on the GUI thread; the result is the exception when the work raised.
    """

    done = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 1) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._pool.setThreadPriority(QThread.Priority.LowPriority)
        self._numbers = itertools.count()

    def submit(self, key: object, work: Callable[[], Any]) -> None:
        """Run `work` soon; `done` brings its result with this key."""
        self._pool.start(_Task(work, key, self.done.emit), next(self._numbers))

    def close(self) -> None:
        """Drop waiting tasks and wait for the running ones."""
        self._pool.clear()
        self._pool.waitForDone()
