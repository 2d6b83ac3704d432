"""Follows the run that is shown: reads its folder, and adds the events of its running job."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.core.events import FINAL_EVENTS, EpochEnded, Event, JobFailed, StageStarted
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.train.stored_run import StoredRun, read_stored_run
from tlstudio.gui.pages.train.text import epoch_word
from tlstudio.gui.waiting import waiting_words
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHOOSE_FOR_ME
from tlstudio.specs.recipe import Recipe


@dataclass(frozen=True, slots=True)
class _Reading:
    """Key of a background task that reads a run; the number identifies outdated ones."""

    owner: int
    number: int
    run: RunFolder

    def __call__(self) -> StoredRun:
        return read_stored_run(self.run)


class RunFollower(QObject):
    """The history of the run that the app state names.

    Args:
        app_state: Has the run that is shown and the job that trains.

    Attributes:
        run: The run; None when there is none.
        job: Trains the run right now; None otherwise.
        stored: The run as last read from its folder; None while it was never read.
        history: All events known of the run.
        began: When the current stage began, in seconds of `time.monotonic`.

    Signals:
        run_changed: `run` or `job` changed, or the job ended; `history` may be empty for now.
        read: The run was read from its folder.
        event_added: An event of the running job was added; whether the curves changed.
    """

    run_changed = Signal()
    read = Signal()
    event_added = Signal(bool)

    def __init__(self, app_state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.run: RunFolder | None = None
        self.job: Job | None = None
        self.stored: StoredRun | None = None
        self.history = RunHistory()
        self.began = time.monotonic()
        self._number = 0
        self._is_reading = False
        self._waiting: list[Event] = []
        app_state.background.done.connect(self._background_done)
        app_state.project_changed.connect(self.follow)
        app_state.run_changed.connect(self.follow)
        app_state.training_changed.connect(self.follow)

    @property
    def is_running(self) -> bool:
        """True while the run is being trained."""
        return self.job is not None and self.job.is_open

    @property
    def is_finished(self) -> bool:
        """True once the run has its final metrics and is not being trained."""
        return self.stored is not None and self.stored.finished and not self.is_running

    @property
    def ahead(self) -> Job | None:
        """The job that has to end before this run begins; None when none does."""
        return self._app_state.engine.ahead_of(self.job) if self.job is not None else None

    @property
    def waits_for(self) -> str:
        """The job that has to end before this run begins, in words; empty when none does."""
        ahead = self.ahead
        return waiting_words(ahead) if ahead is not None else ""

    @property
    def is_refused(self) -> bool:
        """True if the run failed by its settings before it learned anything: it can only fail again."""
        final, has_begun = self.history.final, self.history.has_learned
        is_saved = self.stored is not None and self.stored.resumable
        can_be_mended = isinstance(final, JobFailed) and not (final.fault or final.goes_on)
        return can_be_mended and not (has_begun or is_saved)

    @property
    def evaluation(self) -> Evaluation | None:
        """The evaluation that the figure of the finished run is about; None before its end."""
        return self.stored.evaluation if self.stored is not None and not self.is_running else None

    @property
    def check_images(self) -> Evaluation | None:
        """The evaluation on the check images that the finished run ends with; None before its end."""
        result = self.stored.result if self.stored is not None and not self.is_running else None
        return result.validation if result is not None else None

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Settings of the run; those it was started with as long as it has not written its own."""
        stored = self.stored.recipe if self.stored else {}
        if stored or self.job is None:
            return stored
        # A draft in which nothing was changed is empty; it has a strategy all the same.
        return {"strategy": Recipe().strategy, **self.job.request.arguments["recipe"]}

    @property
    def classes(self) -> list[str]:
        """Class names in the order of the validation matrix; empty while they are not known."""
        return [str(name) for name in (self.stored.recipe if self.stored else {}).get("classes") or ()]

    @property
    def epoch_word(self) -> str:
        """The word for one point of the curves: "epoch" or "setting"."""
        return epoch_word(self.history, self.recipe)

    @property
    def is_choosing(self) -> bool:
        """True while the freeze line is still to be chosen by trials."""
        return self.recipe.get("freeze") == CHOOSE_FOR_ME.id

    @Slot()
    def follow(self) -> None:
        """Follow the app state's run: read its folder and receive the events of its job."""
        run = self._app_state.run if self._app_state.project is not None else None
        if run is None:
            self.run, self.job, self.stored, self.history = None, None, None, RunHistory()
            self._is_reading = False
            self.run_changed.emit()
            return
        job = self._app_state.training if self._app_state.training_run == run else None
        if run == self.run and job is self.job and (job is not None or self._is_reading):
            return  # its events arrive by themselves, or it is being read already
        if job is not self.job:
            if self.job is not None and self.job.is_open:
                self.job.event_received.disconnect(self._add)
            if job is not None:
                job.event_received.connect(self._add)
                self.began = time.monotonic()
        same_run = run == self.run
        # How a job ended is sent live, perhaps while the run is being read; a killed engine cannot write it
        # into the run's events.
        received = [self.history.final, *self._waiting] if same_run and job is None else []
        ending: list[Event] = [event for event in received if isinstance(event, FINAL_EVENTS)]
        self.run, self.job = run, job
        if not same_run:
            self.history, self.stored = RunHistory(), None
        self._read(ending)
        self.run_changed.emit()

    def _read(self, waiting: list[Event]) -> None:
        """Read the run in the background, and add these events to what its folder has."""
        assert self.run is not None
        self._number += 1
        self._is_reading, self._waiting = True, waiting
        reading = _Reading(id(self), self._number, self.run)
        self._app_state.background.submit(reading, reading)

    @Slot(object, object)
    def _background_done(self, key: object, result: object) -> None:
        if not isinstance(key, _Reading) or key.owner != id(self) or key.number != self._number:
            return
        self._is_reading = False
        if isinstance(result, StoredRun):
            self.stored, self.history = result, result.history
        for event in self._waiting:
            self.history.add(event)
        self._waiting = []
        self.read.emit()

    @Slot(object)
    def _add(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self.began = time.monotonic()
        if self._is_reading:
            self._waiting.append(event)
            return
        curves_changed = self.history.add(event)
        # A new run writes its recipe, with the names of the classes, after the window began to follow it.
        # And again when the freeze line was chosen.
        was_chosen = self.history.trials and self.is_choosing
        if isinstance(event, EpochEnded) and (was_chosen or not self.classes):
            self._read([event])
        self.event_added.emit(curves_changed)
