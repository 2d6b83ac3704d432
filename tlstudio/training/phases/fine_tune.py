"""The phase that trains the trainable stages together with the head."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import START_RETURNED, Emit, StageStarted, WarningRaised, without_progress
from tlstudio.core.percent import percent
from tlstudio.core.wording import count
from tlstudio.features.background_views import BackgroundViews
from tlstudio.training.head.blend_choice import SHARES, BlendChoice, choose_share
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
            None leaves it to the validation images, see `choose_share`, and is 0 where there are none.
        mixup: How much training images are mixed with each other; 0 mixes none.
    """

    stage = "training"
    keeps_checkpoints = True

    def __init__(self, *, trains_stages: bool, keep_old: float | None = 0.0, mixup: float = 0.0) -> None:
        self.changes_backbone = trains_stages
        self._keep_old = keep_old
        self._mixup = mixup

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Training"))
        if self._keep_old == 1:
            emit(_nothing_kept_event(state.run_id))
        extracted, started = state.extracted, time.monotonic()
        # Earlier phases are repeated in a resumed run, so these are the weights before the first epoch.
        parameters = extracted.model.trainable_parameters()
        chooses = self._keep_old is None and bool(state.validation)
        start = copy_of(parameters) if self._keep_old or chooses else {}
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
        train_accuracy = progress.history[progress.best_epoch].train_accuracy
        if not state.start_is_kept and start:
            progress, train_accuracy = self._blend(state, progress, start, emit=emit, control=control)
        elif state.start_is_kept and progress.epoch > 0:
            _warn_of_start(state, progress, emit)
        return PhaseResult(
            progress=progress,
            train_accuracy=train_accuracy,
            earlier_seconds=max(0.0, progress.elapsed_seconds - (time.monotonic() - started)),
        )

    def _blend(
        self,
        state: TrainingState,
        progress: TrainingProgress,
        start: Mapping[str, Tensor],
        *,
        emit: Emit,
        control: Control,
    ) -> tuple[TrainingProgress, float | None]:
        """Mix the trained weights with those before; the epochs with the kept one, and its train accuracy."""
        parameters, share, choice = state.extracted.model.trainable_parameters(), self._keep_old, None
        if share is None:
            choice = choose_share(state, parameters, start, control=control)
            share = choice.share
        if share == 0:
            return progress, progress.history[progress.best_epoch].train_accuracy
        blend_parameters(parameters, start, share=share)
        emit(_blend_event(state.run_id, share, choice))
        if choice is None or share < 1:
            return progress, None  # that was of the trained weights
        state.start_is_kept = True
        return replace(progress, best_epoch=0), progress.history[0].train_accuracy

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
        choosing_seconds = 0.0
        has_validation = probe.validation_count and probe.recipe.learns_from == "train"
        if self._keep_old is None and has_validation:
            refits = sum(share < 1 for share in SHARES)
            choosing_seconds = refits * (probe.pooling_seconds() + probe.head_solving_seconds())
            choosing_seconds += scoring_seconds
        return Cost(
            training_seconds=scoring_seconds + probe.recipe.epochs * seconds_per_epoch + choosing_seconds,
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


def _blend_event(run_id: str, share: float, choice: BlendChoice | None) -> WarningRaised:
    """Say how much of the start is kept, and why."""
    figures = ""
    if choice is not None:
        learned, half, start = (f"{choice.losses[each]:.2f}" for each in SHARES)
        figures = (
            f"log loss on {count(choice.n, 'check image')}, where less is better: {learned} with what was "
            f"learned alone, {half} with half of each, {start} with the start"
        )
    if choice is not None and share == 1:
        message = (
            "Fine-tuning did not help, so the classifier is the start: the frozen backbone with its fitted "
            f"head ({figures})."
        )
        return WarningRaised(run_id=run_id, code=START_RETURNED, message=message)
    message = (
        f"After the training the weights were mixed with those before it: {percent(share)} are the old ones"
        f"{f' ({figures})' if figures else ''}. The curves and the figures of single epochs are of the "
        "weights as they were trained."
    )
    return WarningRaised(run_id=run_id, code="old-kept", message=message, severity="note")


def _nothing_kept_event(run_id: str) -> WarningRaised:
    """Say before the first epoch that the settings keep nothing of the training."""
    message = (
        "Keep old knowledge is 1, so nothing that the network learns now will be kept. Cancel, and choose a "
        "lower value, or train only the head, which takes seconds."
    )
    return WarningRaised(run_id=run_id, code="nothing-kept", message=message)


def _warn_of_start(state: TrainingState, progress: TrainingProgress, emit: Emit) -> None:
    message = (
        f"None of the {progress.epoch} epochs of fine-tuning was better on the check images than the start, "
        "so the classifier is the start: the frozen backbone with its fitted head."
    )
    emit(WarningRaised(run_id=state.run_id, code=START_RETURNED, message=message))
