"""The phase that fits a linear head to the labels and to a teacher's answers."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.features.table import joined
from tlstudio.training.head.fitting import solve_linear
from tlstudio.training.head.probe import ProbeSolution
from tlstudio.training.head.problem import IN_MEMORY
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.teacher_trial import teacher_answers


class FitToTeacher(FitHead):
    """Solves a linear head on pooled features, as the linear probe does, with the teacher's answers as well.

    The regularisation is chosen by the labelled images alone.

    Args:
        unlabelled: Id of the strategy's input whose images have no label; the teacher has answered for them.
        temperature: By which logits are divided before probabilities are compared.
        trust: Weight of the teacher's answers, 0 … 1; the labels have the rest.
    """

    def __init__(self, *, unlabelled: str, temperature: float, trust: float) -> None:
        super().__init__(is_result=True)
        self._unlabelled = unlabelled
        self._temperature = temperature
        self._trust = trust

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; the teacher may have learned what the folds leave out."""
        return replace(super().run(state, emit=emit, control=control), out_of_fold=None)

    def solve(self, state: TrainingState, *, emit: Emit, control: Control) -> ProbeSolution:
        """See `FitHead.solve`; where the state holds no answers, the labels alone are learned."""
        if not state.teacher_logits:
            return super().solve(state, emit=emit, control=control)
        extracted = state.extracted
        parts, images = [extracted.train.features()], state.train
        more = extracted.inputs.get(self._unlabelled)
        if more is not None:
            parts.append(more.features())
            images = (*images, *more.images)
        hashes = [image.sha256 for image in images]
        answers = teacher_answers(state, hashes, temperature=self._temperature, trust=self._trust)
        return solve_linear(
            state,
            joined(parts, most=IN_MEMORY),
            extracted.validation.features(),
            answers=answers,
            emit=emit,
            control=control,
        )

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        more = 1 + probe.unlabelled_count / max(1, probe.train_count)
        return Cost(training_seconds=more * probe.head_solving_seconds())
