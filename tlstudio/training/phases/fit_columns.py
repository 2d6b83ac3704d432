"""The phases that fit the head of each label column, where there are several."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, Event, WarningRaised, without_progress
from tlstudio.training.label_columns import of_column
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.phases.refit_head import RefitHead
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState

_AS_ALONE = (
    "With the backbone as it came, each label column is answered exactly as a classifier of that column "
    "alone would answer: nothing is lost by learning them together, and nothing is gained."
)


class FitColumns(Phase):
    """Fits each head as a run of its column alone would: with its own images, classes and regularisation.

    Args:
        columns: Number of label columns.
        is_result: See `FitHead`.
        is_repeated: See `FitHead`.
    """

    stage = "head"

    def __init__(self, *, columns: int, is_result: bool, is_repeated: bool = False) -> None:
        self._columns = columns
        self._first = FitHead(is_result=is_result, is_repeated=is_repeated)
        self._others = FitHead(is_result=False)
        self.keeps_checkpoints = self._first.keeps_checkpoints
        self.is_in_next_checkpoint = self._first.is_in_next_checkpoint

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; what it returns is that of the first column."""
        first, strengths = PhaseResult(), list[float | None]()
        for number in range(len(state.classifier.columns)):
            alone = of_column(state, number)
            if number == 0:
                first = self._first.run(alone, emit=emit, control=control)
            else:
                self._others.run(alone, emit=_naming(alone, without_progress(emit)), control=control)
            strengths.append(alone.head_l2)
        state.head_fits, state.column_l2 = True, tuple(strengths)
        if self.keeps_checkpoints and len(strengths) > 1:
            emit(WarningRaised(run_id=state.run_id, code="as-alone", message=_AS_ALONE, severity="note"))
        return replace(first, out_of_fold=None)  # of the first column only

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        cost = self._first.cost(probe)
        return replace(cost, training_seconds=self._columns * cost.training_seconds)


class RefitColumns(Phase):
    """Fits each head anew to what the stages have become, as `RefitHead` does for one.

    Args:
        columns: Number of label columns.
    """

    stage = "new-head"

    def __init__(self, *, columns: int) -> None:
        self._columns = columns
        self._refit = RefitHead()

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; what it returns is that of the first column."""
        results = []
        for number in range(len(state.classifier.columns)):
            alone = of_column(state, number)
            heard = _naming(alone, without_progress(emit) if number else emit)
            results.append(self._refit.run(alone, emit=heard, control=control))
        return results[0]

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        return Cost(training_seconds=self._columns * self._refit.cost(probe).training_seconds)


def _naming(alone: TrainingState, emit: Emit) -> Emit:
    """An `Emit` that names the column in every warning."""
    name = alone.classifier.columns[0].name

    def pass_on(event: Event) -> None:
        if isinstance(event, WarningRaised):
            event = replace(event, message=f"“{name}”: {event.message}")
        emit(event)

    return pass_on
