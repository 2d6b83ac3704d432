"""The phase that fits the linear head anew once the stages have learned."""

from __future__ import annotations

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, WarningRaised
from tlstudio.core.percent import percent
from tlstudio.training.head.refitting import Refit, refit_head
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


class RefitHead(Phase):
    """Solves the linear head for the features of the stages as they have become.

    It needs the regularisation that `FitHead` has chosen before. Where the start of the fine-tuning is kept,
    its head is solved already, and there is nothing to do. It keeps no checkpoint: a resumed run repeats it,
    which is exact.
    """

    stage = "new-head"
    option = "refit_head"

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        if state.start_is_kept:
            return PhaseResult()
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Fitting the head anew"))
        found = refit_head(state, control=control)
        code, words = (
            ("head-anew", _anew_words(found)) if found.is_kept else ("head-kept", _kept_words(found))
        )
        emit(WarningRaised(run_id=state.run_id, code=code, message=words, severity="note"))
        return PhaseResult(train_accuracy=found.train_accuracy)

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        return Cost(training_seconds=probe.pooling_seconds() + probe.head_solving_seconds())


def _anew_words(found: Refit) -> str:
    why = "."
    if found.anew.accuracy is not None and found.trained.accuracy is not None:
        why = (
            ", and the new one is kept because its probabilities are nearer to the truth on the check images "
            f"({_losses(found)}): {percent(found.anew.accuracy, digits=1)} of them right, where the head "
            f"before had {percent(found.trained.accuracy, digits=1)}."
        )
    return (
        f"After the training the head was fitted anew{why} The curves and the figures of single epochs are "
        "of the head as it was trained."
    )


def _kept_words(found: Refit) -> str:
    return (
        "The head was fitted anew, but was less sure of the right classes of the check images than the "
        f"one before ({_losses(found)}), which is kept."
    )


def _losses(found: Refit) -> str:
    return f"log loss {found.anew.log_loss:.2f} against {found.trained.log_loss:.2f}, where less is better"
