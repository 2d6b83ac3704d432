"""Fine-tuning: from the linear probe's solution, gently on through the stages above the freeze line."""

from __future__ import annotations

import time

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, WarningRaised, only_warnings
from tlstudio.features.extractor import Activations
from tlstudio.features.views import PLAIN, cached_views, divided
from tlstudio.models.freezing import resolve_freeze
from tlstudio.training.head.fitting import solve_pooled, train_hidden
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.state import Outcome, TrainingState
from tlstudio.training.strategies import STRATEGIES


class FineTune:
    """Starts where the linear probe ends, and returns there if nothing better is found on validation.

    With a freeze line, what lies below runs once for each image and view, and epochs run from the cache;
    random views are filled in while training already runs.
    Without one (`none`) every epoch trains from the pixels, with fresh random views.
    """

    id = "fine-tune"
    title = "Thorough: the head and the top stages"
    summary = (
        "Adapts the stages above the freeze line to your images after fitting the head; "
        "minutes instead of seconds, and worth it when the photos differ from everyday ones."
    )

    def train(self, session: TrainingState, *, emit: Emit, control: Control) -> Outcome:
        """See `core.contracts.Strategy`."""
        stage_names = session.classifier.backbone.stage_names
        first = resolve_freeze(session.recipe.freeze, stage_names)
        from_pixels = first == stage_names[0]
        settings = session.recipe.augmentation
        views = (PLAIN,) if from_pixels else cached_views(settings, seed=session.recipe.seed)
        at_once, later = divided(views)
        later = later[: session.recipe.epochs - 1]
        train, validation = session.activations(
            first_trainable=first, views=at_once, emit=emit, control=control
        )
        side = TrainableModel(session.classifier, first_trainable=first).to(session.device)
        if not session.run.last_checkpoint.exists():
            self._start(session, side, train, validation, emit=emit, control=control)
        emit(StageStarted(run_id=session.run_id, stage="training", title="Training"))
        sitting = time.monotonic()
        with session.growing(train, later=later, emit=emit, control=control) as growing:
            progress = fit(
                side,
                train=session.images(growing, varied=from_pixels),
                validation=session.images(validation),
                plan=session.plan(keep=True),
                run_id=session.run_id,
                emit=emit,
                control=control,
            )
        train_accuracy = progress.history[progress.best_epoch].train_accuracy
        if session.recipe.refit_head and session.recipe.head.kind == "linear":
            emit(StageStarted(run_id=session.run_id, stage="head", title="Fitting the head"))
            solution = solve_pooled(session, side, train, validation, told=False, emit=emit, control=control)
            train_accuracy = solution.trials[solution.best].train.accuracy
        elif progress.best_epoch == 0 and progress.epoch > 0:
            _warn_of_start(session, progress, emit)
        return Outcome(
            epochs=progress.epoch,
            best_epoch=progress.best_epoch,
            train_accuracy=train_accuracy,
            precision=progress.precision,
            earlier_seconds=max(0.0, progress.elapsed_seconds - (time.monotonic() - sitting)),
        )

    def _start(
        self,
        session: TrainingState,
        side: TrainableModel,
        train: Activations,
        validation: Activations,
        *,
        emit: Emit,
        control: Control,
    ) -> None:
        """Fit the head to the stages as they come."""
        emit(StageStarted(run_id=session.run_id, stage="head", title="Fitting the head"))
        if session.recipe.head.kind == "hidden":
            train_hidden(
                session,
                train,
                validation,
                side=side,
                keep=False,
                emit=only_warnings(emit),
                control=control,
            )
            return
        solve_pooled(session, side, train, validation, told=False, emit=emit, control=control)


def _warn_of_start(session: TrainingState, progress: TrainingProgress, emit: Emit) -> None:
    message = (
        f"None of the {progress.epoch} epochs of fine-tuning was better on validation than the start, "
        "so the classifier is the start: the frozen backbone with its fitted head."
    )
    emit(WarningRaised(run_id=session.run_id, code="start-returned", message=message))


STRATEGIES.register(FineTune())
