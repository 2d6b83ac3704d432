"""The dialog that finds a learning rate: progress, the curve, what it shows, a button to take the rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QVBoxLayout, QWidget

from tlstudio.core.events import Event, JobFailed, StageProgress, StageStarted
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.theme import theme
from tlstudio.gui.waiting import waiting_words
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.term_tips import TermTips, wrapped
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.specs.operations import find_rate_project
from tlstudio.specs.views import rate_curve

SIZE = QSize(640, 540)
TITLE = "Find a learning rate"
INTRO = (
    "A short training is tried on your training images, with a rate that rises at each step. Where the loss "
    "falls, a rate is of use; where it shoots up, it is too high. Nothing of this training is kept. Check "
    "and test images have no part in it."
)
STARTING, CANCELLING = "Starting…", "Cancelling…"
CANCELLED = "Cancelled. Nothing was changed."
NO_CURVE = "The curve appears when all rates were tried."
FIGURE_TIP = (
    "Points: the loss after a step at each rate, on a batch of training images, compared with the same batch "
    "before any step. Line: the same, smoothed. Shaded: the rates between which it falls. The dotted line is "
    "the loss before any step."
)


class RateDialog(QDialog):
    """Runs the search when it is made; closing it cancels the search.

    Args:
        app_state: Runs the job.
        recipe: Plain values of the recipe.

    Signals:
        taken: Rates that the person takes, as changes of the recipe.
    """

    taken = Signal(dict)

    def __init__(
        self, app_state: AppState, recipe: Mapping[str, Any], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self._app_state, self._recipe = app_state, dict(recipe)
        self._job: Job | None = None
        self._ahead: Job | None = None
        self._suggestion: Mapping[str, float] | None = None
        self._stage = STARTING
        intro = _words(INTRO)
        intro.setProperty("muted", True)
        self.words = _words("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName("What the search found")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the search")
        self.figure = FigureView(app_state.background, name="Loss by learning rate")
        self.figure.setToolTip(wrapped(FIGURE_TIP))
        self.take = primary_button("&Take it", tip="Set this rate, and that of the head along with it")
        self.again = quiet_button("Try &again", tip="Look for a rate once more")
        self.cancel = quiet_button("Cancel", tip="Stop looking for a rate; nothing is changed")
        self.close_button = quiet_button("Close", tip="Keep the rate as it is")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 18)
        layout.setSpacing(10)
        layout.addWidget(intro)
        layout.addWidget(self.figure, 1)
        layout.addWidget(self.words)
        layout.addWidget(self.bar)
        layout.addLayout(button_row(self.again, self.cancel, self.close_button, self.take))
        TermTips(self)
        wanted = SIZE * theme().text_scale
        self.resize(wanted.boundedTo(self.screen().availableGeometry().size() - FRAME))
        self.take.clicked.connect(self._take)
        self.again.clicked.connect(self._start)
        self.cancel.clicked.connect(self._cancel)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._cancel)
        self._start()

    @Slot()
    def _start(self) -> None:
        project = self._app_state.project
        if project is None:
            return
        self._suggestion, self._stage = None, STARTING
        self.figure.clear(NO_CURVE)
        self.bar.setRange(0, 0)
        self._job = self._app_state.submit(
            find_rate_project.SPEC.id, project=str(project.folder), recipe=self._recipe
        )
        self._job.event_received.connect(self._event_received)
        self._job.cancelling.connect(self._show_state)
        self._job.succeeded.connect(self._succeeded)
        self._job.failed.connect(self._failed)
        self._job.cancelled.connect(self._cancelled)
        self._show_state()
        self.cancel.setFocus()

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.command("cancel")

    @Slot(object)
    def _event_received(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._stage = f"{event.title}…"
            self.bar.setRange(0, event.total or 0)
        elif isinstance(event, StageProgress) and event.total:
            self.bar.setRange(0, event.total)
            self.bar.setValue(event.done)
        else:
            return
        self._show_state()

    @Slot(dict)
    def _succeeded(self, found: dict[str, Any]) -> None:
        self._job, self._suggestion = None, found["suggestion"]
        self.figure.show_view(rate_curve.SPEC.id, found, description=found["sentence"])
        self.words.setText(found["sentence"])
        if self._suggestion is not None:
            self.take.setText(f"&Take {_written(self._suggestion['stages'])}")
            self.take.setAccessibleName(self.take.text().replace("&", ""))
        self._show_state()
        (self.take if self._suggestion is not None else self.close_button).setFocus()

    @Slot(object)
    def _failed(self, failure: JobFailed) -> None:
        self._job = None
        self.figure.clear("There is no curve.")
        self.words.setText(" ".join(filter(None, (failure.what, failure.work, failure.mend))))
        self._app_state.explained.emit(find_rate_project.SPEC.id)  # here, not also in the window behind
        self._show_state()
        self.close_button.setFocus()

    @Slot()
    def _cancelled(self) -> None:
        self._job = None
        self.figure.clear("There is no curve.")
        self.words.setText(CANCELLED)
        self._show_state()
        self.close_button.setFocus()

    @Slot()
    def _show_state(self) -> None:
        job = self._job
        self.bar.setVisible(job is not None)
        self.cancel.setVisible(job is not None)
        self.close_button.setVisible(job is None)
        self.take.setVisible(self._suggestion is not None)
        self.again.setVisible(job is None and self.figure.is_empty)
        if job is None:
            return
        ahead = self._app_state.engine.ahead_of(job)
        self.cancel.setEnabled(not job.is_cancelling)
        if job.is_cancelling:
            self.words.setText(CANCELLING)
        elif ahead is not None:
            if ahead is not self._ahead:
                self._ahead = ahead
                ahead.ended.connect(self._show_state)
            self.words.setText(waiting_words(ahead))
        else:
            self.words.setText(self._stage)

    @Slot()
    def _take(self) -> None:
        if self._suggestion is not None:
            rates = {f"learning_rate_{part}": rate for part, rate in self._suggestion.items()}
            self.taken.emit({"optimiser": rates})
        self.accept()


def _written(rate: float) -> str:
    return f"{rate:.5f}".rstrip("0").rstrip(".")


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
