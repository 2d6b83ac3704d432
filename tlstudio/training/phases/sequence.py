"""Runs the phases of a strategy one after the other; a resumed run continues in the interrupted phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.training.loop.checkpoint import phase_of
from tlstudio.training.phases.phase import Phase
from tlstudio.training.state import TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """The result of all phases; the classifier holds the best weights.

    Attributes:
        epochs: Epochs (or settings tried) of the last phase that had any.
        best_epoch: The one whose weights the classifier has.
        train_accuracy: Accuracy of the classifier on the training images, None when it was not measured.
        precision: Number format of the training steps; None where there were none.
        earlier_seconds: Seconds of training in earlier sessions.
        is_cut: Whether a phase was stopped or became unstable before its end.
        out_of_fold: See `PhaseResult`; of the last phase that learned.
    """

    epochs: int = 0
    best_epoch: int = 0
    train_accuracy: float | None = None
    precision: str | None = None
    earlier_seconds: float = 0.0
    is_cut: bool = False
    out_of_fold: Tensor | None = None


def run_phases(
    phases: Sequence[Phase], state: TrainingState, *, emit: Emit, control: Control
) -> TrainingOutcome:
    """Run phases in order.

    Args:
        phases: At least one, from `Strategy.plan`.
        state: Changed in place.
        emit: Receives progress events.
        control: Checked between phases and by each of them.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled; checkpoints stay.
    """
    files = _CheckpointFiles(state.last_checkpoint, phases) if state.last_checkpoint else None
    outcome = TrainingOutcome()
    for number, phase in enumerate(phases):
        control.check()
        if files is not None and phase.is_in_next_checkpoint and files.reached > number:
            continue
        state.phase, state.stage = number, phase.stage
        state.checkpoint = files.file_of(number) if files is not None and phase.keeps_checkpoints else None
        result = phase.run(state, emit=emit, control=control)
        if phase.changes_backbone:
            state.backbone_changed = True
            state.exact_features = ExactFeatures()
        progress = result.progress
        outcome = TrainingOutcome(
            epochs=progress.epoch if progress else outcome.epochs,
            best_epoch=progress.best_epoch if progress else outcome.best_epoch,
            train_accuracy=result.train_accuracy if phase.learns else outcome.train_accuracy,
            precision=progress.precision if progress else outcome.precision,
            earlier_seconds=outcome.earlier_seconds + result.earlier_seconds,
            is_cut=outcome.is_cut or bool(progress and progress.is_cut),
            out_of_fold=result.out_of_fold if phase.learns else outcome.out_of_fold,
        )
    return outcome


class _CheckpointFiles:
    """Names of checkpoint files by phase: `last` for the newest, numbered files for those before it.

    When a later phase begins to keep checkpoints, `last` is put aside under the number of the phase that
    wrote it. It then holds that phase's final weights, so a resumed run does not train that phase again.

    Args:
        last: The file of the newest phase.
        phases: All phases of the run.
    """

    def __init__(self, last: Path, phases: Sequence[Phase]) -> None:
        self._last = last
        keeping = [number for number, phase in enumerate(phases) if phase.keeps_checkpoints]
        self._owner: int | None = None
        if last.exists() and keeping:
            # Checkpoints of version 0.1 have no number: its strategies had one phase with checkpoints.
            self._owner = phase_of(last, default=keeping[-1])
        numbered = [number for number in keeping if self._numbered_file(number).exists()]
        self.reached = max([-1, *numbered, *([] if self._owner is None else [self._owner])])
        """Number of the newest phase with a checkpoint when the session began, -1 without any."""

    def file_of(self, number: int) -> Path:
        """The file that a phase resumes from and writes to."""
        numbered = self._numbered_file(number)
        if numbered.exists():
            return numbered
        if self._owner not in (None, number) and self._last.exists():
            self._last.replace(self._numbered_file(self._owner))
        self._owner = number
        return self._last

    def _numbered_file(self, number: int | None) -> Path:
        return self._last.with_name(f"{self._last.stem}.phase-{number}{self._last.suffix}")
