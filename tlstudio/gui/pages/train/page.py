"""The Train page: watch a run learn, steer it, and read it again later."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.events import JobSucceeded
from tlstudio.core.percent import percent
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.train.cards import (
    AccuracyCard,
    LearningCard,
    LossCard,
    MapCard,
    MatrixCard,
    TrialsCard,
)
from tlstudio.gui.pages.train.follower import RunFollower
from tlstudio.gui.pages.train.headline import TrainHeadline
from tlstudio.gui.pages.train.text import is_trying, result_accuracy, run_findings, story, waiting_in_words
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.folding import FoldingPage, Part
from tlstudio.gui.widgets.basics.text_box import TextBox
from tlstudio.gui.widgets.figures.curve_area import CurveArea
from tlstudio.gui.widgets.lists.finding_list import FindingList, window_finding
from tlstudio.report.history_values import curve_values

REFRESH_MS = 100
CLOCK_MS = 1000

LEAST_CHECKS_PIXELS = 112
"""A finding of a few lines is whole."""


class TrainPage(QWidget):
    """Shows live curves, the validation matrix, progress and findings.

    Args:
        app_state: State of the window.

    Signals:
        go_to: Id of the page to show.
        summary_changed: The small line below the page's name is another one.
    """

    go_to = Signal(str)
    summary_changed = Signal()
    title = "Train"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.follower = RunFollower(app_state, self)
        self._curves_changed = False
        self._was_learning = False
        self._ahead: Job | None = None
        self._summary = ""
        # Before the first epoch nothing else may change for a while, and a still page looks dead.
        self._clock = QTimer(self, interval=CLOCK_MS)
        self._clock.timeout.connect(self._show_waiting)
        self._timer = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._timer.timeout.connect(self._refresh)
        self._build()
        self._job = self.follower.job
        self.follower.run_changed.connect(self._run_changed)
        self.follower.read.connect(self._show_all)
        self.follower.event_added.connect(self._event_added)
        self.follower.follow()

    def summary(self) -> str:
        """The small line below the page's name."""
        follower, history = self.follower, self.follower.history
        if follower.run is None:
            return "no run yet"
        name = run_title(follower.run.path.name)
        if follower.job is not None:
            if is_trying(history) and history.stage is not None:
                # Counted, because this line is renewed when a try ends, not when the next begins.
                total = history.stage.title.partition(":")[0].rpartition(" ")[2]
                return f"{name} · try {len(history.trials) + 1} of {total}"
            if follower.waits_for:
                return f"{name} · waiting"
            if (accuracy := result_accuracy(history)) is not None:
                return f"{name} · {percent(accuracy, digits=1)}"
            if not history.is_learning:
                return f"{name} · finishing" if history.epochs else f"{name} · getting ready"
            return f"{name} · {follower.epoch_word} {history.epoch_now} of {history.planned}"
        accuracy = result_accuracy(history)
        has_ended = follower.is_finished or isinstance(history.final, JobSucceeded)
        if follower.stored is not None and not has_ended:
            return f"{name} · not finished"
        if accuracy is None and history.best is not None:
            accuracy = history.best.validation_accuracy
        return name if accuracy is None else f"{name} · {percent(accuracy, digits=1)}"

    # Following

    @Slot()
    def _run_changed(self) -> None:
        has_run = self.follower.run is not None
        self._stack.setCurrentWidget(self._page if has_run else self._empty)
        if self.follower.job is not self._job:
            self._job = self.follower.job
            self._headline.start_over()
            if self._job is not None:
                self._job.cancelling.connect(self._refresh)
        self._show_all()

    @Slot(bool)
    def _event_added(self, curves_changed: bool) -> None:
        self._curves_changed |= curves_changed
        if not self._timer.isActive():
            self._timer.start()

    # Showing

    @Slot()
    def _show_all(self) -> None:
        self._curves_changed = True
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        follower = self.follower
        if self._summary != (summary := self.summary()):
            self._summary = summary
            self.summary_changed.emit()
        if follower.run is None:
            return
        history, recipe, running = follower.history, follower.recipe, follower.is_running
        if follower.job is not None and follower.job.leaving is not None:
            self._headline.note_leaving(follower.job.leaving)
        self._headline.show_run(
            follower.run.path.name,
            recipe,
            history,
            running=running,
            finished=follower.is_finished,
            can_resume=self._app_state.training is None,
            is_refused=follower.is_refused,
            is_waiting=bool(follower.waits_for),
        )
        is_known = follower.stored is not None or running
        self._story.set_text(story(history, recipe, running=running) if is_known else "Reading the run …")
        if (ahead := follower.ahead) is not None:
            if ahead is not self._ahead:
                self._ahead = ahead
                ahead.cancelling.connect(self._refresh)
                ahead.ended.connect(self._refresh)
            # An estimate is told to stop when a training starts; the footer's Cancel then is the training's.
            mend = "" if ahead.is_cancelling else " Cancel that below to start at once."
            self._story.set_text(f"{follower.waits_for}{mend}")
        if self._curves_changed or self._was_learning != history.is_learning:
            self._curves_changed, self._was_learning = False, history.is_learning
            self._show_curves()
        self._show_waiting()
        nothing_yet = [window_finding("note", f"The checks start after the first {follower.epoch_word}.")]
        findings = run_findings(history, follower.classes, evaluation=follower.evaluation)
        self._checks.set_findings(findings or (nothing_yet if running else []))

    def _show_curves(self) -> None:
        follower, history, unit = self.follower, self.follower.history, self.follower.epoch_word
        values = curve_values(history, planned=history.planned)
        self._loss.show_curve(history, values)
        self._accuracy.show_curve(history, values)
        has_trials = bool(history.trials) or follower.is_choosing
        above = {
            self._trials: has_trials,
            self._learning: history.learning_curve is not None,
            self._map: history.domain_map is not None,
        }
        self._curves.show_top(next((card for card, has_content in above.items() if has_content), None))
        self._learning.show_learning(history)
        self._map.show_map(history)
        if has_trials:
            self._trials.show_trials(history, is_choosing=follower.is_choosing and history.final is None)
        self._matrix.show_matrix(
            history, follower.classes, unit=unit, running=follower.is_running, final=follower.check_images
        )

    @Slot()
    def _show_waiting(self) -> None:
        """Show what is done before the first point in place of the curves, while they have none."""
        follower, history = self.follower, self.follower.history
        waits = follower.is_running and not history.epochs
        if waits != self._clock.isActive():
            self._clock.start() if waits else self._clock.stop()
        if history.epochs:
            return
        words = waiting_in_words(
            history,
            word=follower.epoch_word,
            running=follower.is_running,
            seconds=time.monotonic() - follower.began,
        )
        words = follower.waits_for or words
        self._loss.figure.clear(words)
        self._accuracy.figure.clear(words)

    # Commands

    @Slot()
    def _empty_action(self) -> None:
        self.go_to.emit("model" if self._app_state.project is not None else "home")

    @Slot(str)
    def _send(self, command: str) -> None:
        if self.follower.job is not None:
            self.follower.job.command(command)  # type: ignore[arg-type]  # the headline emits commands only
        self._refresh()

    @Slot()
    def _resume(self) -> None:
        if self.follower.run is not None:
            self._app_state.resume(self.follower.run)

    @Slot()
    def _evaluate(self) -> None:
        self.go_to.emit("evaluate")

    @Slot()
    def _change_settings(self) -> None:
        self.go_to.emit("model")

    # Building

    def _build(self) -> None:
        self._empty = EmptyState(
            "No run yet",
            "Choose what to train on the Model page, then press Train. Here you can watch it learn.",
            action="Go to Model",
        )
        self._empty.action_requested.connect(self._empty_action)
        self._headline = TrainHeadline()
        self._headline.command_requested.connect(self._send)
        self._headline.resume_requested.connect(self._resume)
        self._headline.evaluate_requested.connect(self._evaluate)
        self._headline.settings_requested.connect(self._change_settings)
        background = self._app_state.background
        self._trials, self._loss = TrialsCard(background), LossCard(background)
        self._accuracy, self._matrix = AccuracyCard(background), MatrixCard()
        self._learning, self._map = LearningCard(background), MapCard(background)
        self._curves = CurveArea((self._trials, self._learning, self._map), self._loss, self._accuracy)
        self._page = QWidget()
        rows = QVBoxLayout(self._page)
        rows.setContentsMargins(16, 16, 16, 16)
        rows.setSpacing(14)
        rows.addWidget(self._headline)
        rows.addWidget(
            FoldingPage(
                Part(widget=self._curves, share=7, least_width=380, least_height=340),
                Part(widget=self._build_right_column(), share=4, least_width=260, least_height=580),
                name="Curves and checks",
            ),
            1,
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)

    def _build_right_column(self) -> QWidget:
        happening = Card("What is happening")
        self._story = TextBox(name="What is happening")
        happening.body.addWidget(self._story)
        checks_card = Card("Checks")
        self._checks = FindingList(name="Checks of this run")
        self._checks.setMinimumHeight(LEAST_CHECKS_PIXELS)
        checks_card.body.addWidget(self._checks, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._matrix, 8)
        column.addWidget(happening)
        column.addWidget(checks_card, 3)
        return right
