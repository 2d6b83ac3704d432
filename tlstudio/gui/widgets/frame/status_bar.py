"""The bar at the bottom: the running job with its progress, time left and a Cancel button."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from tlstudio.core.events import BatchEnded, EpochEnded, Event, Paused, StageProgress, StageStarted
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import duration, grouped
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel

QUIET_MS = 500
"""Work that ends sooner than this is not shown: it would only flash."""
MESSAGE_MS = 8000
REFRESH_MS = 100
READY = "Ready"


class StatusBar(QFrame):
    """Follows jobs; shows the oldest that is open.

    Signals:
        cancel_requested: The `Job` shown, when Cancel was pressed.
    """

    cancel_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "footer")
        self.setFixedHeight(34)
        self._jobs: list[Job] = []
        self._progress: dict[Job, _Progress] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(14)
        self.title = ElidedLabel(READY)
        self.title.setProperty("muted", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(280)
        self.bar.setAccessibleName("Progress")
        self.details = QLabel()
        self.details.setProperty("muted", True)
        self.cancel: QPushButton = link_button("Cancel", tip="Stop this; what is on disk stays")
        self.cancel.clicked.connect(self._cancel)
        row.addWidget(self.title)
        row.addWidget(self.bar)
        row.addWidget(self.details)
        row.addWidget(self.cancel)
        row.addStretch(1)
        self._quiet = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self._reveal)
        self._refresh = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._refresh.timeout.connect(self._write)
        self._message = ""
        self._message_timer = QTimer(self, interval=MESSAGE_MS, singleShot=True)
        self._message_timer.timeout.connect(self._show_ready)
        self._show_job(visible=False)

    @property
    def is_showing_job(self) -> bool:
        """True while a job is visible."""
        return not self.bar.isHidden()

    @Slot(object)
    def follow(self, job: Job) -> None:
        """Show this job's progress if it takes longer than a moment."""
        self._jobs.append(job)
        self._progress[job] = _Progress()
        job.event_received.connect(self._event_received)
        job.cancelling.connect(self._write)
        job.ended.connect(self._ended)
        if not self.is_showing_job:
            self._quiet.start()

    @Slot(str)
    def show_message(self, sentence: str) -> None:
        """Show a sentence for a while, e.g. the outcome of a job; beside the progress of another one."""
        self._message = sentence
        self._message_timer.start()
        self.title.setText(sentence)

    @Slot(object)
    def _event_received(self, event: Event) -> None:
        for job in self._jobs:
            if job.request.job_id == event.run_id:
                self._progress[job].take(event)
                if not self._refresh.isActive():
                    self._refresh.start()
                return

    @Slot()
    def _ended(self) -> None:
        for job in [job for job in self._jobs if not job.is_open]:
            self._jobs.remove(job)
            del self._progress[job]
        if self._jobs:
            self._write()
            return
        self._quiet.stop()
        if self.is_showing_job:
            self._show_job(visible=False)
            if self._message:
                self.show_message(self._message)
            else:
                self._show_ready()

    @Slot()
    def _reveal(self) -> None:
        if self._jobs:
            self._show_job(visible=True)
            self._write()

    @Slot()
    def _show_ready(self) -> None:
        self._message = ""
        if self.is_showing_job:
            self._write()
        else:
            self.title.setText(READY)

    @Slot()
    def _cancel(self) -> None:
        if self._jobs:
            self.cancel_requested.emit(self._jobs[0])

    def _show_job(self, *, visible: bool) -> None:
        for widget in (self.bar, self.details, self.cancel):
            widget.setVisible(visible)

    @Slot()
    def _write(self) -> None:
        if not self._jobs or not self.is_showing_job:
            return
        job, progress = self._jobs[0], self._progress[self._jobs[0]]
        # Specs bring in pydantic, which would delay the first window.
        from tlstudio.specs import OPERATIONS

        spec = OPERATIONS.get(job.operation)
        title, details, total = progress.title or spec.title, progress.details, progress.total or 0
        if job.is_cancelling:
            title, details, total = f"Cancelling… {title}", "", 0
        waiting = f" (then {len(self._jobs) - 1} more)" if len(self._jobs) > 1 else ""
        self.title.setText(self._message or title + waiting)
        self.bar.setRange(0, total)
        self.bar.setValue(min(progress.done, total))
        self.details.setText(details)
        self.bar.setAccessibleDescription(f"{title}: {details}")
        self.cancel.setEnabled(not job.is_cancelling)
        self.cancel.setToolTip(
            "Stop this training; it can be resumed later"
            if spec.resumable
            else "Stop this; what is on disk stays"
        )


class _Progress:
    """Progress of one job, gathered from its events."""

    def __init__(self) -> None:
        self.title = ""
        self.done = 0
        self.total: int | None = None
        self.details = ""
        self._steps = False

    def take(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self.title, self.done, self.total, self.details = event.title, 0, event.total, ""
        elif isinstance(event, StageProgress):
            self.done, self.total = event.done, event.total
            counted = grouped(event.done) + (f" / {grouped(event.total)}" if event.total else "")
            self.details = _joined(counted, event.seconds_left)
        elif isinstance(event, BatchEnded):
            self.done = max(0, event.epoch - 1) * event.steps + event.step
            self.total = event.epochs * event.steps
            self.details = _joined(f"epoch {event.epoch} of {event.epochs}", event.seconds_left)
            self._steps = True
        elif isinstance(event, EpochEnded) and event.epoch:
            # A head that is solved at once tries settings instead: the number alone is right for both.
            if not self._steps:
                self.title, self.done, self.total = "", event.epoch, event.epochs
            counted = f"{event.epoch} of {event.epochs}"
            self.details = _joined(f"epoch {counted}" if self._steps else counted, event.seconds_left)
        elif isinstance(event, Paused):
            self.details = "paused"


def _joined(counted: str, seconds_left: float | None) -> str:
    return counted if seconds_left is None else f"{counted} · {duration(seconds_left)} left"
