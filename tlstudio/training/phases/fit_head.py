"""The phase that fits the head to features of the plain images, with the backbone as it is."""

from __future__ import annotations

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import CheckpointSaved, Emit, StageStarted, without_progress
from tlstudio.evaluation.metrics import Score
from tlstudio.training.head.fitting import solve_head, train_hidden_head
from tlstudio.training.head.probe import ProbeSolution
from tlstudio.training.loop.checkpoint import EpochRecord, TrainingProgress, copy_of, save_last
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


class FitHead(Phase):
    """Solves a linear head directly, its regularisation chosen by the data; trains a hidden one by AdamW.

    Args:
        is_result: Whether the fitted head is the result of the strategy: its progress is shown, and it is
            saved as a checkpoint. Else it is the start of the phases after it.
        is_repeated: Whether a resumed run fits it again, although the checkpoints of the next phase contain
            it: a later phase needs the regularisation that was chosen.
    """

    stage = "head"

    def __init__(self, *, is_result: bool, is_repeated: bool = False) -> None:
        self._is_result = is_result
        self.keeps_checkpoints = is_result
        self.is_in_next_checkpoint = not is_result and not is_repeated

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        if not self._is_result:
            emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Fitting the head"))
            emit = without_progress(emit)
        left_out: Tensor | None = None
        with state.exact_features_checked():
            if state.recipe.head.kind == "hidden":
                progress = train_hidden_head(state, emit=emit, control=control)
            else:
                progress, left_out = self._solve(state, emit=emit, control=control)
        state.head_fits = True
        return PhaseResult(
            progress=progress if self._is_result else None,
            train_accuracy=progress.history[progress.best_epoch].train_accuracy,
            out_of_fold=left_out,
        )

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        recipe = probe.recipe
        if recipe.head.kind == "linear":
            return Cost(training_seconds=probe.pooling_seconds() + probe.head_solving_seconds())
        seconds_per_epoch = probe.hidden_head_epoch_seconds()
        return Cost(
            training_seconds=probe.pooling_seconds() + recipe.epochs * seconds_per_epoch,
            seconds_per_epoch=seconds_per_epoch if self._is_result else None,
        )

    def solve(self, state: TrainingState, *, emit: Emit, control: Control) -> ProbeSolution:
        """Solve the linear head, and set it in the state's classifier."""
        return solve_head(state, emit=emit, control=control)

    def _solve(
        self, state: TrainingState, *, emit: Emit, control: Control
    ) -> tuple[TrainingProgress, Tensor | None]:
        """Solve the linear head: its settings, and the logits out of fold where there are folds."""
        solution = self.solve(state, emit=emit, control=control)
        state.head_l2 = solution.trials[solution.best].l2
        progress = progress_of(solution)
        if state.checkpoint is not None:
            # A resumed run does not read it: solving anew is exact, and takes a moment.
            parameters = state.extracted.model.trainable_parameters()
            save_last(
                state.checkpoint,
                parameters,
                best=copy_of(parameters),
                optimiser=None,
                progress=progress,
                phase=state.phase,
            )
            path = str(state.checkpoint)
            emit(CheckpointSaved(run_id=state.run_id, kind="last", epoch=progress.epoch, path=path))
        return progress, solution.held_out if len(solution.held_out) else None


def progress_of(solution: ProbeSolution) -> TrainingProgress:
    """The solution's trials as a history: the start, and one record per `l2` tried."""
    start = EpochRecord.of_setting(0, train=Score(), validation=Score())
    tried = tuple(
        EpochRecord.of_setting(number, train=trial.train, validation=trial.validation)
        for number, trial in enumerate(solution.trials, 1)
    )
    return TrainingProgress(
        epoch=len(tried),
        best_epoch=solution.best + 1,
        step=0,
        elapsed_seconds=0.0,
        history=(start, *tried),
    )
