"""The history of a run, built from its events: for a live run, a reopened one and the report alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace

from tlstudio.core.events import (
    FINAL_EVENTS,
    START_RETURNED,
    Axis,
    BatchEnded,
    ClassifierEvaluated,
    DomainMap,
    EpochEnded,
    Event,
    FindingsChanged,
    JobSucceeded,
    LearningCurve,
    Paused,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.core.finding import Finding, finding_from_values
from tlstudio.core.ranking import rank_of


class RunHistory:
    """Epochs, trials and warnings of a run so far, and what it is doing now.

    Attributes:
        epochs: Epochs (or settings) of the newest phase that has any, in order; one that was trained again
            after a kill replaces the earlier.
            Only the newest one, the one that is kept, and those that were the best of their time keep their
            confusion matrix.
        trials: Freeze lines that were tried, in order.
        learning_curve: The accuracy with fewer and more images; None where it was not measured.
        domain_map: The images of two places; None where there is only one.
        evaluated: The accuracy of the trained classifier; None until it is trained to its end.
        warnings: In order, each once.
        findings: Current findings of the checks, the most severe first.
        stage: The stage of the job that runs.
        progress: How far that stage is.
        batch: The newest training step; None between two epochs.
        paused: Whether the job waits to be resumed.
        final: How the job ended; None while it runs, and when it was killed.
        is_learning: Whether epochs are under way, as against preparing or evaluating.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.epochs: list[EpochEnded] = []
        self._peaks: list[EpochEnded] = []
        self.trials: list[TrialEnded] = []
        self.learning_curve: LearningCurve | None = None
        self.domain_map: DomainMap | None = None
        self.evaluated: ClassifierEvaluated | None = None
        self.warnings: list[WarningRaised] = []
        self.findings: list[Finding] = []
        self.stage: StageStarted | None = None
        self.progress: StageProgress | None = None
        self.batch: BatchEnded | None = None
        self.paused = False
        self.final: Event | None = None
        self.is_learning = False
        for event in events:
            self.add(event)

    def add(self, event: Event) -> bool:
        """Add the next event.

        Returns:
            Whether the curves changed.
        """
        self.paused = isinstance(event, Paused)
        # A resumed run continues after an end.
        self.final = event if isinstance(event, FINAL_EVENTS) else None
        if isinstance(event, StageStarted):
            self.stage, self.progress, self.batch, self.is_learning = event, None, None, False
        elif isinstance(event, StageProgress):
            self.progress = event
        elif isinstance(event, BatchEnded):
            self.batch, self.is_learning, self.evaluated = event, True, None
        elif isinstance(event, EpochEnded):
            self.batch, self.is_learning, self.evaluated = None, True, None
            self._add_epoch(event)
            return True
        elif isinstance(event, TrialEnded):
            self._add_trial(event)
            return True
        elif isinstance(event, LearningCurve):
            self.learning_curve = event
            return True
        elif isinstance(event, DomainMap):
            self.domain_map = event
            return True
        elif isinstance(event, ClassifierEvaluated):
            self.evaluated = event
        elif isinstance(event, FindingsChanged):
            self.findings = [finding_from_values(values) for values in event.findings]
        elif isinstance(event, WarningRaised):
            known = {(warning.code, warning.message) for warning in self.warnings}
            if (event.code, event.message) not in known:
                self.warnings.append(event)
        return False

    def _add_epoch(self, event: EpochEnded) -> None:
        if self.epochs and not event.is_same_curve(self.epochs[-1]):
            self.epochs.clear()
        while self.epochs and self.epochs[-1].epoch >= event.epoch:
            self.epochs.pop()
        while self._peaks and not (self.epochs and self._peaks[-1].epoch <= self.epochs[-1].epoch):
            self._peaks.pop()
        if self.epochs and not self._may_be_kept(self.epochs[-1]):
            # Thousands of matrices of many classes would fill the memory.
            self.epochs[-1] = replace(self.epochs[-1], confusion=())
        self.epochs.append(event)
        if not self._peaks or _rank(event) > _rank(self._peaks[-1]):
            self._peaks.append(event)

    def _may_be_kept(self, epoch: EpochEnded) -> bool:
        """Return whether an epoch must be remembered, because it may turn out to be the one that is kept."""
        was_kept = epoch.best_epoch == epoch.epoch
        # Where each epoch in turn is kept because it is the last, only those matter that did best.
        return was_kept and (epoch.axis == "setting" or epoch is self._peaks[-1])

    def _add_trial(self, event: TrialEnded) -> None:
        names = [(trial.freeze, trial.option) for trial in self.trials]
        name = (event.freeze, event.option)
        if name in names:  # the run was resumed after a kill and tries again
            del self.trials[names.index(name) :]
        self.trials.append(event)

    @property
    def has_learned(self) -> bool:
        """True once there is something that stopping could keep."""
        return bool(self.epochs or self.trials)

    @property
    def is_one_setting(self) -> bool:
        """True if all is computed at once, so that there is one point and no curve."""
        return self.axis == "setting" and self.planned == 1

    @property
    def latest(self) -> EpochEnded | None:
        """The newest epoch."""
        return self.epochs[-1] if self.epochs else None

    @property
    def axis(self) -> Axis:
        """Meaning of one point on the curves; "epoch" while there are none."""
        return self.latest.axis if self.latest else "epoch"

    @property
    def planned(self) -> int:
        """Epochs of the recipe; 0 while unknown."""
        return self.latest.epochs if self.latest else 0

    @property
    def best_epoch(self) -> int:
        """Number of the epoch whose classifier is kept; 0 is the start."""
        if self.latest is None or any(warning.code == START_RETURNED for warning in self.warnings):
            return 0
        return self.latest.best_epoch

    @property
    def best(self) -> EpochEnded | None:
        """The epoch whose classifier is kept; the newest one when that is not known any more."""
        return self._find(self.best_epoch) or self.latest

    @property
    def peak_epoch(self) -> int:
        """Number of the epoch that did best on validation; of settings, of the one that was chosen."""
        kept = self._find(self.best_epoch)
        if self.axis == "setting" or kept is None or kept.validation_loss is None:
            return self.best_epoch
        return self._peaks[-1].epoch

    @property
    def peak(self) -> EpochEnded | None:
        """The epoch that did best on validation; None when it is not known any more."""
        return self._find(self.peak_epoch)

    def _find(self, number: int) -> EpochEnded | None:
        """The epoch of this number; None when it is not known any more."""
        index = bisect_left(self.epochs, number, key=lambda epoch: epoch.epoch)
        found = self.epochs[index : index + 1]
        return found[0] if found and found[0].epoch == number else None

    @property
    def has_validation(self) -> bool:
        """True if the kept epoch was measured on validation images."""
        return self.best is not None and self.best.validation_loss is not None

    @property
    def epoch(self) -> int:
        """Number of the newest epoch that ended."""
        return self.latest.epoch if self.latest else 0

    @property
    def epoch_now(self) -> int:
        """Number of the epoch under way; between two of them, or after the last, of the one that ended."""
        return self.batch.epoch if self.batch else self.epoch

    @property
    def epochs_without_gain(self) -> int:
        """Number of epochs that ended since the one that did best on validation."""
        return max(self.epoch - self.peak_epoch, 0)

    @property
    def fraction(self) -> float | None:
        """Progress of the epochs, or of the stage before or after them, from 0 to 1; None when unknown."""
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
        """Seconds until the end of what runs now; None when unknown."""
        return next((seconds for seconds in self._newest("seconds_left") if seconds is not None), None)

    @property
    def images_per_second(self) -> float | None:
        """Speed of what runs now, else of the newest epoch; None when unknown."""
        return next((speed for speed in self._newest("images_per_second") if speed is not None), None)

    def _newest(self, name: str) -> list[float | None]:
        source = (self.batch or self.latest) if self.is_learning else self.progress
        return [getattr(event, name) for event in (source, self.latest) if event is not None]


def _rank(epoch: EpochEnded) -> tuple[float, float]:
    return rank_of(epoch.validation_accuracy, epoch.validation_loss)
