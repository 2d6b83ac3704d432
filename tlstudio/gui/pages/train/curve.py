"""What is known of one run, gathered event by event: the same code for a live run and a reopened one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.events import (
    FINAL_EVENTS,
    BatchEnded,
    EpochEnded,
    Event,
    JobSucceeded,
    Paused,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.project.runs import RunFolder
from tlstudio.report.trials import take_trial


class CurveState:
    """The curves, the newest validation matrix and everything else the Train page shows.

    Attributes:
        epochs: One mapping per epoch, ascending, as report/views' curves take them.
        trials: One mapping per freeze line that was tried, as the view "trials" takes them.
        planned: Epochs of the recipe, 0 while unknown.
        best_epoch: Of the checkpoint that is kept.
        latest: The newest epoch in full.
        stage: The part of the job that runs.
        progress: How far that part is.
        batch: The newest training step.
        warnings: In order, each once.
        paused: Whether the job waits.
        final: How the job ended; None while it runs, or when it was killed.
        is_learning: Whether epochs are under way, as against preparing or evaluating.
    """

    def __init__(self) -> None:
        self.epochs: list[dict[str, Any]] = []
        self.trials: list[dict[str, Any]] = []
        self.planned = 0
        self.best_epoch = 0
        self.latest: EpochEnded | None = None
        self._records: list[EpochEnded] = []
        self.stage: StageStarted | None = None
        self.progress: StageProgress | None = None
        self.batch: BatchEnded | None = None
        self.warnings: list[WarningRaised] = []
        self.paused = False
        self.final: Event | None = None
        self.is_learning = False

    def take(self, event: Event) -> bool:
        """Learn from an event.

        Returns:
            Whether the curves changed.
        """
        self.paused = isinstance(event, Paused)
        # A resumed run goes on after an end.
        self.final = event if isinstance(event, FINAL_EVENTS) else None
        if isinstance(event, StageStarted):
            self.stage, self.progress, self.batch, self.is_learning = event, None, None, False
        elif isinstance(event, StageProgress):
            self.progress = event
        elif isinstance(event, BatchEnded):
            self.batch, self.is_learning = event, True
        elif isinstance(event, EpochEnded):
            self.batch, self.is_learning = None, True
            self._take_epoch(event)
            return True
        elif isinstance(event, TrialEnded):
            take_trial(self.trials, event)
            return True
        elif isinstance(event, WarningRaised):
            known = {(warning.code, warning.message) for warning in self.warnings}
            if (event.code, event.message) not in known:
                self.warnings.append(event)
        return False

    def _take_epoch(self, event: EpochEnded) -> None:
        # A run resumed after a kill repeats the epochs after its last checkpoint.
        while self.epochs and self.epochs[-1]["epoch"] >= event.epoch:
            self.epochs.pop()
        self.epochs.append(
            {
                "epoch": event.epoch,
                "train_loss": event.train_loss,
                "train_accuracy": event.train_accuracy,
                "validation_loss": event.validation_loss,
                "validation_accuracy": event.validation_accuracy,
                "interval": event.validation_interval,
                "validation_n": event.validation_n,
            }
        )
        while self._records and self._records[-1].epoch >= event.epoch:
            self._records.pop()
        if event.best_epoch == event.epoch or not self._records:
            self._records.append(event)
        self.planned, self.latest, self.best_epoch = event.epochs, event, event.best_epoch

    @property
    def best(self) -> EpochEnded | None:
        """The epoch of the checkpoint that is kept, in full."""
        return self._records[-1] if self._records else None

    @property
    def values(self) -> dict[str, Any]:
        """What the views "loss-curve" and "accuracy-curve" take."""
        return {"epochs": list(self.epochs), "planned": self.planned, "best_epoch": self.best_epoch}

    @property
    def epoch(self) -> int:
        """The newest epoch that ended."""
        return self.latest.epoch if self.latest else 0

    @property
    def epoch_now(self) -> int:
        """The epoch that is under way; between two of them, or after the last, the one that ended."""
        return self.batch.epoch if self.batch else self.epoch

    @property
    def epochs_without_gain(self) -> int:
        """How many epochs ended since the best one."""
        return max(self.epoch - self.best_epoch, 0)

    @property
    def fraction(self) -> float | None:
        """How far the epochs, or the part that comes before or after them, are; None when unknown."""
        if isinstance(self.final, JobSucceeded):
            return 1.0
        if self.batch is not None:
            within = self.batch.step / max(self.batch.steps, 1)
            return min((self.batch.epoch - 1 + within) / max(self.batch.epochs, 1), 1.0)
        if not self.is_learning and self.progress is not None:
            return self.progress.done / self.progress.total if self.progress.total else None
        return min(self.epoch / self.planned, 1.0) if self.is_learning and self.planned else None

    @property
    def seconds_left(self) -> float | None:
        """Of what runs now."""
        return next((s for s in self._newest("seconds_left") if s is not None), None)

    @property
    def images_per_second(self) -> float | None:
        """Of what runs now, else of the newest epoch."""
        return next((s for s in self._newest("images_per_second") if s is not None), None)

    def _newest(self, name: str) -> list[float | None]:
        speaker = (self.batch or self.latest) if self.is_learning else self.progress
        return [getattr(one, name) for one in (speaker, self.latest) if one is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A run read from disk.

    Attributes:
        run: Whose.
        state: After all its events.
        recipe: Its settings as plain values; empty when they cannot be read.
        finished: Whether it has its final figures.
        resumable: Whether a checkpoint is there to go on from.
    """

    run: RunFolder
    state: CurveState
    recipe: dict[str, Any]
    finished: bool
    resumable: bool


def replay(run: RunFolder) -> Replay:
    """Read a run's events. Slow for long runs; call it off the GUI thread."""
    state = CurveState()
    for event in run.read_events():
        state.take(event)
    recipe, metrics = _lenient(run, run.recipe), _lenient(run, run.metrics)
    if metrics and state.final is None:
        # The end of a job is told to the window, not written by the run; its figures are the proof of it.
        state.take(JobSucceeded(run_id=run.path.name, result=metrics))
    return Replay(
        run=run,
        state=state,
        recipe=recipe,
        finished=run.finished,
        resumable=run.last_checkpoint.exists() and not run.finished,
    )


def _lenient(run: RunFolder, path: Path) -> dict[str, Any]:
    try:
        return run.read_json(path)
    except (UserError, OSError):
        return {}
