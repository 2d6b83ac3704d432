"""The phase that compares learning from a teacher with the plain start, and forgets a teacher that harms."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, WarningRaised
from tlstudio.inference.training_images import find_training_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs.checks import strategy_helped
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.out_of_fold import folds_count
from tlstudio.training.trials.teacher_trial import try_teacher


class TryTeacher(Phase):
    """Writes the comparison to the run folder; a resumed run reads it there.

    Args:
        run: Folder of the teacher's run.
        unlabelled: Id of the strategy's input whose images have no label.
        temperature: As in the training.
        trust: As in the training.
    """

    stage = "comparison"

    def __init__(self, run: Path, *, unlabelled: str, temperature: float, trust: float) -> None:
        self._run = RunFolder(run)
        self._unlabelled = unlabelled
        self._temperature = temperature
        self._trust = trust

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; empties `state.teacher_logits` when the plain start is better."""
        found = state.strategy_comparison()
        if found is None:
            emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Comparing with the plain start"))
            found = try_teacher(
                state,
                unlabelled=self._unlabelled,
                temperature=self._temperature,
                trust=self._trust,
                learned=self._learned(control=control),
                control=control,
            )
            state.keep_strategy_comparison(found)
        if found.start_returned:
            state.teacher_logits = {}
            emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=found.sentence))
        return PhaseResult()

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        folds = folds_count(train=probe.train_count, validation=probe.validation_count)
        heads = 3 + probe.unlabelled_count / max(1, probe.train_count)
        return Cost(training_seconds=folds * heads * probe.head_solving_seconds())

    def _learned(self, *, control: Control) -> frozenset[str] | None:
        """Content hashes of the images that the teacher was trained on; None when that is not known."""
        found = find_training_images(self._run, control=control)
        if not found.are_all:
            return None
        return frozenset(image.sha256 for image in found.images if image.split == "train")
