"""The linear probe: features once, then the best head on them. Seconds, and hard to beat on small sets."""

from __future__ import annotations

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import CheckpointSaved, Emit
from tlstudio.features.views import PLAIN
from tlstudio.training.head.fitting import solve_pooled, train_hidden
from tlstudio.training.head.probe import ProbeSolution
from tlstudio.training.loop.checkpoint import EpochRecord, TrainingProgress, copy_of, save_last
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.state import Outcome, TrainingState
from tlstudio.training.strategies import STRATEGIES


class LinearProbe:
    """Everything but the head is frozen, and the head is solved for instead of trained step by step.

    Plain images only: one pass over the images is what makes it quick. An "epoch" is one strength of
    regularisation, from strong to weak. A head with a hidden layer has no such solution and is trained by
    AdamW on the same features, with ordinary epochs.
    """

    id = "linear-probe"
    title = "Quick: only the head"
    summary = (
        "Looks at every image once and fits the head to what the backbone sees; the first thing to try, "
        "and often the best for fewer than 50 images per class."
    )

    def train(self, session: TrainingState, *, emit: Emit, control: Control) -> Outcome:
        """See `core.contracts.Strategy`."""
        if session.recipe.freeze != "head":
            raise UserError(
                f"A linear probe trains the head alone, but the freeze line is at “{session.recipe.freeze}”.",
                mend="Choose the strategy fine-tune (--strategy fine-tune), or --freeze head.",
            )
        train, validation = session.activations(
            first_trainable=None, views=(PLAIN,), emit=emit, control=control
        )
        side = TrainableModel(session.classifier, first_trainable=None)
        with session.shown_checked():
            if session.recipe.head.kind == "hidden":
                progress = train_hidden(
                    session, train, validation, side=side, keep=True, emit=emit, control=control
                )
            else:
                solution = solve_pooled(
                    session, side, train, validation, told=True, emit=emit, control=control
                )
                progress = _progress(solution)
                self._keep(session, side, progress)
                path = str(session.run.last_checkpoint)
                emit(CheckpointSaved(run_id=session.run_id, kind="last", epoch=progress.epoch, path=path))
        return Outcome(
            epochs=progress.epoch,
            best_epoch=progress.best_epoch,
            train_accuracy=progress.history[progress.best_epoch].train_accuracy,
            precision=progress.precision,
        )

    def _keep(self, session: TrainingState, side: TrainableModel, progress: TrainingProgress) -> None:
        """The head as a checkpoint. A run that goes on solves anew: that is exact, and takes a moment."""
        parameters = {name: p for name, p in side.named_parameters() if p.requires_grad}
        save_last(
            session.run.last_checkpoint,
            parameters,
            best=copy_of(parameters),
            optimiser=None,
            progress=progress,
        )


def _progress(solution: ProbeSolution) -> TrainingProgress:
    start = EpochRecord(
        epoch=0,
        train_loss=None,
        train_accuracy=None,
        validation_loss=None,
        validation_accuracy=None,
        learning_rate=None,
    )
    tried = tuple(
        EpochRecord(
            epoch=number,
            train_loss=trial.train.log_loss,
            train_accuracy=trial.train.accuracy,
            validation_loss=trial.validation.log_loss,
            validation_accuracy=trial.validation.accuracy,
            learning_rate=None,
        )
        for number, trial in enumerate(solution.trials, 1)
    )
    return TrainingProgress(
        epoch=len(tried),
        best_epoch=solution.best + 1,
        step=0,
        elapsed_seconds=0.0,
        history=(start, *tried),
    )


STRATEGIES.register(LinearProbe())
