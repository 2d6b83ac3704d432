"""The Train page: watch a run learn, steer it, and read it again later."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.events import FINAL_EVENTS, EpochEnded, Event, StageStarted
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import percent
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.train.curve import CurveState, Replay, replay
from tlstudio.gui.pages.train.headline import TrainHeadline
from tlstudio.gui.pages.train.text import (
    checks,
    epoch_word,
    story,
    trials_in_words,
    validation_chip,
    waiting_in_words,
)
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.text_box import TextBox
from tlstudio.gui.widgets.figures.confusion import ConfusionTable
from tlstudio.gui.widgets.figures.curve_area import CurveArea
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.gui.widgets.lists.note_list import Note, NoteList
from tlstudio.project.runs import RunFolder
from tlstudio.report.recipe_text import choice_words

REFRESH_MS = 100
CLOCK_MS = 1000


@dataclass(frozen=True, slots=True)
class _Reading:
    owner: int
    number: int
    run: RunFolder

    def __call__(self) -> Replay:
        return replay(self.run)


class TrainPage(QWidget):
    """Live curves, the validation matrix, what is happening, checks.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Train"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._run: RunFolder | None = None
        self._job: Job | None = None
        self._replay: Replay | None = None
        self._state = CurveState()
        self._number = 0
        self._loading = False
        self._waiting: list[Event] = []
        self._curves_changed = False
        self._began = time.monotonic()
        # Before the first epoch nothing else may change for a while, and a still page looks dead.
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self._show_waiting)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._build()
        app_state.background.done.connect(self._read)
        app_state.project_changed.connect(self._follow)
        app_state.run_changed.connect(self._follow)
        app_state.training_changed.connect(self._follow)
        self._follow()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self._run is None:
            return "no run yet"
        name = run_title(self._run.path.name)
        if self._job is not None:
            state = self._state
            is_known = state.planned and state.is_learning
            return f"{name} · " + (
                f"{self._word()} {state.epoch_now} of {state.planned}" if is_known else "getting ready"
            )
        best = self._state.best
        if best is not None and best.validation_accuracy is not None:
            return f"{name} · {percent(best.validation_accuracy, digits=1)}"
        return name

    # What is looked at

    @Slot()
    def _follow(self) -> None:
        app_state = self._app_state
        run = app_state.run if app_state.project is not None else None
        self._stack.setCurrentWidget(self._empty if run is None else self._page)
        if run is None:
            self._run, self._job, self._replay, self._state = None, None, None, CurveState()
            return
        job = app_state.training if app_state.training_run == run else None
        if job is not self._job:
            if self._job is not None and self._job.is_open:
                self._job.told.disconnect(self._told)
            if job is not None:
                job.told.connect(self._told)
                self._began = time.monotonic()
            self._headline.start_over()
        same_run = run == self._run
        # How a job ended is told live, perhaps while the run is being read; a killed engine cannot write it
        # into the run's events.
        told = [self._state.final, *self._waiting] if same_run and job is None else []
        ending: list[Event] = [event for event in told if isinstance(event, FINAL_EVENTS)]
        self._run, self._job = run, job
        if not same_run:
            self._state, self._replay = CurveState(), None
        self._read_again(ending)
        self._curves_changed = True
        self._refresh()

    def _read_again(self, waiting: list[Event]) -> None:
        assert self._run is not None
        self._number += 1
        self._loading, self._waiting = True, waiting
        reading = _Reading(id(self), self._number, self._run)
        self._app_state.background.submit(reading, reading)

    @Slot(object, object)
    def _read(self, key: object, result: object) -> None:
        if not isinstance(key, _Reading) or key.owner != id(self) or key.number != self._number:
            return
        self._loading = False
        if isinstance(result, Replay):
            self._replay, self._state = result, result.state
        for event in self._waiting:
            self._state.take(event)
        self._waiting = []
        self._curves_changed = True
        self._refresh()

    @Slot(object)
    def _told(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._began = time.monotonic()
        if self._loading:
            self._waiting.append(event)
            return
        self._curves_changed |= self._state.take(event)
        # A new run writes its recipe, with the names of the classes, after the window began to follow it.
        # And again when the freeze line was chosen.
        chosen = self._state.trials and self._recipe().get("freeze") == "auto"
        if isinstance(event, EpochEnded) and (chosen or not self._classes()):
            self._read_again([event])
        if not self._timer.isActive():
            self._timer.start()

    def _classes(self) -> list[str]:
        recipe = self._replay.recipe if self._replay else {}
        return [str(name) for name in recipe.get("classes") or ()]

    def _word(self) -> str:
        return epoch_word(self._recipe())

    def _recipe(self) -> Mapping[str, Any]:
        """Of the run; the draft it is made from as long as the run has not written its own."""
        read = self._replay.recipe if self._replay else {}
        return read or (self._app_state.recipe() if self._job is not None else {})

    # What is shown

    @Slot()
    def _refresh(self) -> None:
        if self._run is None:
            return
        recipe = self._recipe()
        running = self._job is not None and self._job.is_open
        finished = self._replay is not None and self._replay.finished
        self._headline.show_run(
            self._run.path.name,
            recipe,
            self._state,
            running=running,
            finished=finished and not running,
            can_resume=self._app_state.training is None,
        )
        told = story(self._state, recipe, running=running) if self._replay or running else "Reading the run …"
        self._story.set_text(told)
        if self._curves_changed:
            self._curves_changed = False
            self._show_curves()
        else:
            self._show_waiting()
        nothing_yet = [Note("info", f"They begin with the first {self._word()}.")]
        self._checks.set_notes(checks(self._state, self._classes()) or (nothing_yet if running else []))

    def _show_curves(self) -> None:
        state, classes = self._state, self._classes()
        running = self._job is not None and self._job.is_open
        said = validation_chip(state)
        self._validation.setVisible(bool(said))
        # The curves stand side by side then, and there is less room above each.
        self._validation.setText(validation_chip(state, short=True) if state.trials else said)
        has_validation = state.best is not None and state.best.validation_loss is not None
        # Without validation the last epoch is kept; nobody knows the best.
        best_epoch = state.best_epoch if has_validation else None
        values = {**state.values, "best_epoch": best_epoch, "unit": self._word()}
        best = f"best {self._word()} {state.best_epoch}" if has_validation else ""
        self._best.setText(best)
        losses = [epoch["validation_loss"] for epoch in state.epochs if epoch["validation_loss"] is not None]
        loss = f"Validation loss from {losses[0]:.2f} to {losses[-1]:.2f}. {best}" if losses else best
        for view, figure, description in (
            ("loss-curve", self._loss, loss),
            ("accuracy-curve", self._accuracy, said),
        ):
            if state.epochs:
                figure.show_view(view, values, description=description)
        self._show_trials()
        self._show_waiting()
        shown = state.latest if running else state.best
        self._matrix_box.set_title("Validation confusion, live" if running else "Validation confusion")
        matrix = shown.confusion if shown else ()
        known = bool(matrix) and len(matrix) == len(classes)
        self._matrix.setVisible(known)
        self._matrix_words.setText(self._about_matrix(shown.epoch if known and shown else None))
        if known:
            self._matrix.set_matrix(matrix, classes)

    def _show_trials(self) -> None:
        """The tries of "Choose for me" above the curves, which then stand side by side."""
        trials = self._state.trials
        wanted = bool(trials) or self._recipe().get("freeze") == "auto"
        self._curves.set_trials_visible(wanted)
        if not wanted:
            return
        choosing = self._recipe().get("freeze") == "auto" and self._state.final is None
        said = "" if choosing else choice_words(trials)
        self._chosen.setText(f"{len(trials)} tried" if trials else "")
        values = {"trials": list(trials), "running": choosing}
        self._trials.show_view("trials", values, description=said or trials_in_words(trials))

    @Slot()
    def _show_waiting(self) -> None:
        running = self._job is not None and self._job.is_open
        waits = running and not self._state.epochs
        if waits != self._clock.isActive():
            self._clock.start() if waits else self._clock.stop()
        if self._state.epochs:
            return
        seconds = time.monotonic() - self._began
        words = waiting_in_words(self._state, word=self._word(), running=running, seconds=seconds)
        self._loss.clear(words)
        self._accuracy.clear(words)

    def _about_matrix(self, epoch: int | None) -> str:
        if epoch is not None:
            return f"rows: true class · columns: predicted · {self._word()} {epoch}"
        if self._state.latest is not None and self._state.latest.validation_n == 0:
            return "This run has no validation images."
        return "Comes as soon as the validation images were looked at."

    @Slot()
    def _empty_action(self) -> None:
        self.go_to.emit("model" if self._app_state.project is not None else "home")

    @Slot(str)
    def _wished(self, command: str) -> None:
        if self._job is not None:
            self._job.command(command)  # type: ignore[arg-type]  # the headline sends only wishes
        self._refresh()

    @Slot()
    def _resume(self) -> None:
        if self._run is not None:
            self._app_state.resume(self._run)

    @Slot()
    def _evaluate(self) -> None:
        self.go_to.emit("evaluate")

    # Building

    def _build(self) -> None:
        self._stack = QStackedLayout(self)
        self._empty = EmptyState(
            "No run yet",
            "Choose a backbone first: on the Model page, then press Train. "
            "Its curves appear here while it learns.",
            action="Choose a backbone",
        )
        self._empty.action_wanted.connect(self._empty_action)
        self._page = QWidget()
        grid = QGridLayout(self._page)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setSpacing(14)
        self._headline = TrainHeadline()
        self._headline.wished.connect(self._wished)
        self._headline.resume_wanted.connect(self._resume)
        self._headline.evaluate_wanted.connect(self._evaluate)
        grid.addWidget(self._headline, 0, 0, 1, 2)
        self._curves = CurveArea(self._trials_card(), self._loss_card(), self._accuracy_card())
        words = QVBoxLayout()
        words.setSpacing(10)
        self._matrix_box = self._make_matrix_box()
        words.addWidget(self._matrix_box, 6)
        self._add_words(words)
        grid.addWidget(self._curves, 1, 0)
        grid.addLayout(words, 1, 1)
        grid.setColumnStretch(0, 7)
        grid.setColumnStretch(1, 4)
        grid.setRowStretch(1, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)

    def _trials_card(self) -> Card:
        card = Card("Accuracy against time")
        self._chosen = QLabel()
        self._chosen.setProperty("muted", True)
        self._chosen.setToolTip("Freeze lines tried: what trains, and what stays as it is.")
        card.header.addWidget(self._chosen)
        self._trials = FigureView(self._app_state.background, name="Accuracy against time")
        self._trials.setToolTip(
            "Each point is a freeze line that was tried: how many images it answers rightly that it did not "
            "learn from, with the 95 % interval, and when it was ready. A lower line is taken only when it "
            "is better by more than chance explains."
        )
        card.body.addWidget(self._trials, 1)
        return card

    def _loss_card(self) -> Card:
        card = Card("Loss")
        self._best = QLabel()
        self._best.setProperty("muted", True)
        self._best.setToolTip(
            "The one that does best on the validation images; its weights are kept and exported."
        )
        card.header.addWidget(self._best)
        self._loss = FigureView(self._app_state.background, name="Loss curve")
        self._loss.setToolTip("How wrong and how sure of it the classifier is. Lower is better.")
        card.body.addWidget(self._loss, 1)
        return card

    def _accuracy_card(self) -> Card:
        card = Card("Accuracy")
        self._validation = Chip(
            "",
            kind="ok",
            tip="Share of the validation images that the best epoch gets right. With so many images, the "
            "true share lies within the interval in 95 of 100 cases.",
        )
        card.header.addWidget(self._validation)
        self._accuracy = FigureView(self._app_state.background, name="Accuracy curve")
        self._accuracy.setToolTip("Share of the images that are right. The band is the 95 % interval.")
        card.body.addWidget(self._accuracy, 1)
        return card

    def _make_matrix_box(self) -> Card:
        card = Card("Validation confusion")
        self._matrix = ConfusionTable()
        self._matrix.setAccessibleName("Validation confusion")
        self._matrix_words = QLabel()
        self._matrix_words.setProperty("muted", True)
        self._matrix_words.setWordWrap(True)
        card.body.addWidget(self._matrix, 1)
        card.body.addWidget(self._matrix_words)
        return card

    def _add_words(self, column: QVBoxLayout) -> None:
        happening = Card("What is happening")
        self._story = TextBox(name="What is happening")
        happening.body.addWidget(self._story)
        checks_card = Card("Checks")
        self._checks = NoteList(name="Checks of this run")
        checks_card.body.addWidget(self._checks, 1)
        column.addWidget(happening)
        column.addWidget(checks_card, 5)
