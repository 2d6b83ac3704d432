"""The top of the Train page: which run, how far it is, and the buttons that steer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from tlstudio.core.events import JobCancelled, JobFailed, JobSucceeded
from tlstudio.core.messages import Command
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.train.text import (
    epoch_word,
    is_trying,
    progress_in_words,
    result_in_words,
    stage_in_words,
    start_returned,
    strategy_in_words,
)
from tlstudio.gui.widgets.basics.buttons import primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip, Kind
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.basics.folding import FoldingRow
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.project.history import RunHistory

STEPS = 1000
LEAVING: tuple[Command, ...] = ("stop", "cancel")
PROGRESS_TIP = "Time left, images that are processed per second, and the memory in use."
TIPS = {
    "epoch": "How far the run is.",
    "setting": "Each setting is one strength of the regularisation: how strongly the head is kept from "
    "memorising single images. The one that does best is taken.",
}


class TrainHeadline(Card):
    """Shows a run's name, strategy and progress, with buttons to control it.

    Signals:
        command_requested: A `Command` for the running job.
        resume_requested: Resume this interrupted run.
        evaluate_requested: Show the Evaluate page.
        settings_requested: Show the Model page.
    """

    command_requested = Signal(str)
    resume_requested = Signal()
    evaluate_requested = Signal()
    settings_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._requested: Command | None = None
        self.name = ElidedLabel()
        self.name.setProperty("title", True)
        self.chip = Chip("")
        self.pause = quiet_button(
            "&Pause", tip="Pause the run; meanwhile the computer is free for other work."
        )
        self.stop = quiet_button(
            "&Stop and keep it",
            tip="End trying or training now and finish the run with what it has learnt so far.",
        )
        self.cancel = quiet_button(
            "&Cancel", tip="Stop without a result. Nothing is lost: the run can be resumed later."
        )
        self.resume = primary_button("&Resume", tip="Continue from the last checkpoint.")
        self.settings = primary_button(
            "Change the se&ttings", tip="This run cannot go on with its settings: open the Model page."
        )
        self.evaluate = primary_button("See where it &errs →", tip="Open the Evaluate page for this run.")
        title, buttons = QWidget(), QWidget()
        # A long stage goes below the name instead of cutting it.
        words = FlowLayout(title, spacing=8, centred=True)
        words.addWidget(self.name)
        words.addWidget(self.chip)
        flow = FlowLayout(buttons, spacing=8, centred=True)
        for button in (self.pause, self.stop, self.cancel, self.resume, self.settings, self.evaluate):
            flow.addWidget(button)
        self._top = FoldingRow(title, buttons)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the run")
        self.figures = QLabel()
        self.figures.setProperty("muted", True)
        bottom = QHBoxLayout()
        bottom.setSpacing(10)
        bottom.addWidget(self.bar, 1)
        bottom.addWidget(self.figures)
        self.body.addWidget(self._top)
        self.body.addLayout(bottom)
        self.pause.clicked.connect(self._pause_pressed)
        self.stop.clicked.connect(self._stop_pressed)
        self.cancel.clicked.connect(self._cancel_pressed)
        self.resume.clicked.connect(self.resume_requested)
        self.settings.clicked.connect(self.settings_requested)
        self.evaluate.clicked.connect(self.evaluate_requested)

    def start_over(self) -> None:
        """Forget the command that was sent to another job or run."""
        self._requested = None

    def note_leaving(self, command: Command) -> None:
        """Note that the run was told to leave elsewhere: in the footer, or when the window was to close."""
        if command == self._requested:
            return
        self._requested = command
        if command == "stop" and (self.pause.hasFocus() or self.stop.hasFocus()):
            self.setFocus()  # see `_stop_pressed`

    def show_run(
        self,
        name: str,
        recipe: Mapping[str, Any],
        history: RunHistory,
        *,
        running: bool,
        finished: bool,
        can_resume: bool,
        is_refused: bool = False,
        is_waiting: bool = False,
    ) -> None:
        """Show a run as it is now.

        Args:
            name: Folder name.
            recipe: Settings, plain values.
            history: After the newest event.
            running: Whether it is being trained right now.
            finished: It has its final metrics.
            can_resume: Whether nothing else is being trained.
            is_refused: Whether it can only fail again with its settings.
            is_waiting: Whether another job has to end first.
        """
        words = f" · {strategy_in_words(recipe, start_returned=start_returned(history))}" if recipe else ""
        self.name.setText(run_title(name) + words)
        word = epoch_word(history, recipe)
        text, kind = self._state_in_words(history, word, running=running, finished=finished)
        if is_waiting and self._requested not in LEAVING:
            text, kind = "waiting", "plain"
        self.chip.setText(text)
        self.chip.set_kind(kind)
        self.chip.set_tip(TIPS[word])
        self._show_progress(history, running=running, finished=finished)
        self._show_buttons(history, running=running, finished=finished)
        self.settings.setVisible(is_refused and not running)
        self.resume.setVisible(not (running or finished or is_refused))
        self._top.fold()
        self.resume.setEnabled(can_resume)
        self.resume.setToolTip(
            "Continue from the last checkpoint." if can_resume else "Another run is being trained."
        )

    def _show_progress(self, history: RunHistory, *, running: bool, finished: bool) -> None:
        fraction = 1.0 if finished else history.fraction
        if fraction is None and running:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, STEPS)
            self.bar.setValue(round(STEPS * (fraction or 0.0)))
        # The time left is that of a run that goes on.
        progress = "" if self._requested in LEAVING else progress_in_words(history)
        learns = running and history.evaluated is None
        self.figures.setText(progress if learns else result_in_words(history))
        tip = PROGRESS_TIP if learns else ""
        self.figures.setToolTip(with_terms(tip, text=self.figures.text()))
        self.figures.setVisible(bool(self.figures.text()))
        self.bar.setAccessibleDescription(", ".join(filter(None, (self.chip.text(), self.figures.text()))))

    def _show_buttons(self, history: RunHistory, *, running: bool, finished: bool) -> None:
        leaving = self._requested in LEAVING
        held = any(part.hasFocus() for part in (self, self.pause, self.stop, self.cancel))
        self.pause.setText("&Resume" if self._requested == "pause" or history.paused else "&Pause")
        self.pause.setAccessibleName(self.pause.text().replace("&", ""))
        self.evaluate.setVisible(not running and finished)
        if held and not running:
            # Before the button with the keyboard is hidden: the focus would go on to the confusion matrix.
            # It waits here until the end of the run is read.
            (self.evaluate if finished else self).setFocus()
        self.pause.setVisible(running)
        self.pause.setEnabled(not leaving)
        self.stop.setVisible(running)
        self.stop.setEnabled(not leaving and history.has_learned)
        self.cancel.setVisible(running)
        self.cancel.setEnabled(self._requested != "cancel")

    def _state_in_words(
        self, history: RunHistory, word: str, *, running: bool, finished: bool
    ) -> tuple[str, Kind]:
        epoch = history.epoch_now if running else history.epoch
        epochs = f"{word} {epoch} of {history.planned}" if history.planned else ""
        if not running:
            if finished or isinstance(history.final, JobSucceeded):
                # A linear head has settings to choose from, not a distance to go.
                return f"finished · {epochs}" if epochs and word == "epoch" else "finished", "ok"
            how = "failed" if isinstance(history.final, JobFailed) else "interrupted"
            how = "cancelled" if isinstance(history.final, JobCancelled) else how
            return f"{how} · {epochs}" if epochs else how, "warn"
        if self._requested == "cancel":
            return "cancelling …", "warn"
        if self._requested == "stop":
            return "stopping …", "warn"
        if history.paused:
            return f"paused · {epochs}" if epochs else "paused", "warn"
        if self._requested == "pause":
            return "pausing …", "warn"
        if history.is_learning:
            return epochs or "training", "fire"
        if is_trying(history):
            return stage_in_words(history), "fire"
        if history.stage is not None and history.stage.stage == "features":
            return stage_in_words(history), "ice"
        return stage_in_words(history), "plain"

    def _pause_pressed(self) -> None:
        resume = self.pause.text() == "&Resume"
        self._requested = None if resume else "pause"
        self.command_requested.emit("resume" if resume else "pause")

    def _stop_pressed(self) -> None:
        self._requested = "stop"
        # Before the button is switched off: the focus would go on to "Cancel", and a further key would end
        # without a result what is to be kept.
        self.setFocus()
        self.command_requested.emit("stop")

    def _cancel_pressed(self) -> None:
        self._requested = "cancel"
        self.command_requested.emit("cancel")
