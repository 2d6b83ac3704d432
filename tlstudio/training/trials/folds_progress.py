"""One progress over all folds on which phases are tried."""

from __future__ import annotations

from tlstudio.core.events import BatchEnded, Emit, Event, Paused, StageProgress, StageStarted, WarningRaised


class FoldsProgress:
    """Turns the events of phases on several folds into one progress, counted in training steps.

    Where phases take no steps, folds are counted. Computing features has a progress of its own.

    Args:
        folds: How many folds there are, those of all recipes that are tried.
        stage: Id of the stage in the events.
        title: What is done, for the person.
        run_id: Run id in the events.
        emit: Receives the progress, and warnings and pauses of the phases.
    """

    def __init__(self, folds: int, *, stage: str, title: str, run_id: str, emit: Emit) -> None:
        self._folds, self._stage, self._title = folds, stage, title
        self._run_id, self._emit = run_id, emit
        self._is_shown = False
        self._fold = self._step = 0
        self._steps = 1  # of a fold
        self._seconds_per_step: float | None = None

    def listen(self, event: Event) -> None:
        """Receive an event of the phases; this is their `emit`."""
        if isinstance(event, StageStarted | StageProgress) and event.stage == "features":
            self._emit(event)
            self._is_shown = False
            return
        if isinstance(event, Paused | WarningRaised):
            if isinstance(event, Paused) or event.severity != "note":  # notes are about a fold's classifier
                self._emit(event)
            return
        if isinstance(event, BatchEnded):
            self._steps = event.epochs * event.steps
            self._step = (event.epoch - 1) * event.steps + event.step
            if event.seconds_left and self._step < self._steps:
                self._seconds_per_step = event.seconds_left / (self._steps - self._step)
        self._report()

    def fold_ended(self) -> None:
        """One fold ended."""
        self._fold, self._step = self._fold + 1, 0
        self._report()

    def _report(self) -> None:
        if not self._is_shown:
            self._emit(StageStarted(run_id=self._run_id, stage=self._stage, title=self._title))
            self._is_shown = True
        done, total = self._fold * self._steps + self._step, self._folds * self._steps
        per_step = self._seconds_per_step
        self._emit(
            StageProgress(
                run_id=self._run_id,
                stage=self._stage,
                done=done,
                total=total,
                seconds_left=None if per_step is None else per_step * (total - done),
            )
        )
