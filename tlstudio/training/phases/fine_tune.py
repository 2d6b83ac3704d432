"""The phase that trains the trainable stages together with the head."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, WarningRaised, without_progress
from tlstudio.core.percent import percent
from tlstudio.features.background_views import BackgroundViews
from tlstudio.training.loop.blending import blend_parameters
from tlstudio.training.loop.checkpoint import TrainingProgress, copy_of
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.rate_sweep import RateSweep, sweep_rates
from tlstudio.training.loop.trainable_model import ActivationSource
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


class FineTune(Phase):
    """Trains by epochs from the cached activations, or from pixels with fresh views when nothing is frozen.

    Args:
        trains_stages: Whether any stages of the backbone are trainable, not the head alone.
        keep_old: Share of the weights before in the blend that is the result; 0 keeps the trained weights.
        mixup: How much training images are mixed with each other; 0 mixes none.
    """

    stage = "training"
    keeps_checkpoints = True

    def __init__(self, *, trains_stages: bool, keep_old: float = 0.0, mixup: float = 0.0) -> None:
        self.changes_backbone = trains_stages
        self._keep_old = keep_old
        self._mixup = mixup

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Training"))
        extracted, started = state.extracted, time.monotonic()
        # Earlier phases are repeated in a resumed run, so these are the weights before the first epoch.
        parameters = extracted.model.trainable_parameters()
        start = copy_of(parameters) if self._keep_old else {}
        with (
            state.exact_features_checked(),
            _with_background_views(state, emit=emit, control=control) as activations,
        ):
            progress = fit(
                extracted.model,
                train=state.images(activations, augments_inputs=extracted.model.takes_images),
                validation=state.images(extracted.validation),
                plan=replace(state.fit_plan(), mixup=self._mixup),
                run_id=state.run_id,
                emit=emit,
                control=control,
            )
        state.start_is_kept = progress.best_epoch == 0
        if state.start_is_kept and progress.epoch > 0:
            _warn_of_start(state, progress, emit)
        train_accuracy = progress.history[progress.best_epoch].train_accuracy
        if self._keep_old and not state.start_is_kept:
            blend_parameters(parameters, start, share=self._keep_old)
            train_accuracy = None  # that was of the trained weights
            _note_blend(state, self._keep_old, emit)
        return PhaseResult(
            progress=progress,
            train_accuracy=train_accuracy,
            earlier_seconds=max(0.0, progress.elapsed_seconds - (time.monotonic() - started)),
        )

    def sweep_rates(self, state: TrainingState, *, emit: Emit, control: Control) -> RateSweep:
        """Take the steps of this phase at rising rates instead; the model is of no use afterwards.

        Args:
            state: As for `run`.
            emit: Receives progress.
            control: Checked once per batch.

        Raises:
            UserError, Cancelled: As `run`.
        """
        model = state.extracted.model
        quiet = without_progress(emit)
        with _with_background_views(state, emit=quiet, control=control) as activations:
            return sweep_rates(
                model,
                train=state.images(activations, augments_inputs=model.takes_images),
                plan=replace(state.fit_plan(), mixup=self._mixup),
                run_id=state.run_id,
                emit=emit,
                control=control,
            )

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        speed = probe.training_speed()
        batches = probe.train_count / probe.recipe.optimiser.batch_size
        scoring_seconds = probe.validation_count * speed.scoring_seconds_per_image
        seconds_per_epoch = batches * speed.seconds_per_step + scoring_seconds
        return Cost(
            training_seconds=scoring_seconds + probe.recipe.epochs * seconds_per_epoch,
            seconds_per_epoch=seconds_per_epoch,
        )


def _with_background_views(
    state: TrainingState, *, emit: Emit, control: Control
) -> AbstractContextManager[ActivationSource]:
    """Activations of the images to learn from, to which background views are added while training runs."""
    train, views = state.learned_activations(), state.extracted.background_views
    if not views:
        return nullcontext(train)
    return closing(BackgroundViews(train, later=views, run_id=state.run_id, emit=emit, control=control))


def _note_blend(state: TrainingState, share: float, emit: Emit) -> None:
    message = (
        f"After the training the weights were mixed with those before it: {percent(share)} are the old ones. "
        "The curves and the figures of single epochs are of the weights as they were trained."
    )
    emit(WarningRaised(run_id=state.run_id, code="old-kept", message=message, severity="note"))


def _warn_of_start(state: TrainingState, progress: TrainingProgress, emit: Emit) -> None:
    message = (
        f"None of the {progress.epoch} epochs of fine-tuning was better on the check images than the start, "
        "so the classifier is the start: the frozen backbone with its fitted head."
    )
    emit(WarningRaised(run_id=state.run_id, code="start-returned", message=message))
