"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import BatchEnded, CheckpointSaved, Emit, EpochEnded, Paused, WarningRaised
from tlstudio.core.ranking import rank_of
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH, Objective
from tlstudio.specs.recipe import OptimiserSettings
from tlstudio.training.loop.averaging import WeightAverage
from tlstudio.training.loop.checkpoint import (
    EpochRecord,
    Tensors,
    TrainingProgress,
    copy_of,
    load_last,
    restore_parameters,
    rewound,
    save_last,
)
from tlstudio.training.loop.optimiser import build_optimiser, rate_factor, set_rate
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.precision_choice import choose_precision
from tlstudio.training.loop.scoring import SCORING_BATCH, score_images
from tlstudio.training.loop.step import TrainingStep
from tlstudio.training.loop.trainable_model import StandardisedHead, TrainableModel, TrainingImages

IMAGES_PER_PASS_FROM_PIXELS = 16
"""Images per pass through a whole backbone on a processor: no slower than 32, with 2.3 GB instead of 3.7 for
EfficientNet-Lite0."""
CHECKPOINT_SECONDS = 5.0
"""Least time between two checkpoints: on a laptop's disk one can cost as much as an epoch from the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """Settings of one training.

    Attributes:
        optimiser: Optimiser settings of the recipe.
        epochs: Number of epochs at most.
        patience: Stop after this many epochs without a better one on validation; 0 never stops early.
        keep_last: Whether the last epoch is the result, whatever validation says.
        seed: Seed of the run.
        class_weights: float [K]; None counts every image the same.
        checkpoint: Checkpoint file; None keeps none.
        checkpoint_seconds: Least time between two checkpoints.
        phase: Number of the phase that trains, written into checkpoints.
        stage: Id of the phase in events.
        objective: What is trained for.
        mixup: How much training images are mixed with each other; 0 mixes none.
    """

    optimiser: OptimiserSettings
    epochs: int
    patience: int
    seed: int
    keep_last: bool = False
    class_weights: Tensor | None = None
    checkpoint: Path | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    phase: int = 0
    stage: str = "training"
    objective: Objective = ONE_CLASS_EACH
    mixup: float = 0.0


def fit(
    model: TrainableModel | StandardisedHead,
    *,
    train: TrainingImages,
    validation: TrainingImages | None,
    plan: FitPlan,
    run_id: str,
    emit: Emit,
    control: Control,
) -> TrainingProgress:
    """Train a model by epochs and leave the weights of the epoch that is kept in place.

    That is the last epoch when the plan says so, and without validation; else the one with the highest rank
    on validation (see `rank_of`), the start included. Checkpoints and events call it the best. An epoch
    depends only on the weights and the optimiser's state before it, on the seed and its number, so a run
    resumed from a checkpoint ends with the same weights.

    Args:
        model: Trained in place.
        train: Training images.
        validation: Images that epochs are compared on; may be empty or None.
        plan: Settings.
        run_id: Written into events.
        emit: Receives every batch and epoch.
        control: Checked once per batch. Stop discards the epoch it falls in and keeps the best so far.

    Returns:
        The epochs so far, and the best of them.

    Raises:
        Cancelled: The person cancelled; the best weights are in place, the last checkpoint stays.
        UserError: The checkpoint is damaged, an image is missing, or memory runs out with one image.
    """
    parameters = {name: p for name, p in sorted(model.named_parameters()) if p.requires_grad}
    optimiser = build_optimiser(parameters, model.depths(), plan.optimiser)
    device = next(iter(parameters.values())).device.type
    scoring_batch = AdaptiveBatch(SCORING_BATCH, device=device, run_id=run_id, emit=emit)
    started = saved_at = time.monotonic()
    earlier_seconds, step, epoch_complete, is_cut = 0.0, 0, True, False
    steps_of_all = plan.epochs * len(train.batches(epoch=0, size=plan.optimiser.batch_size))
    average = WeightAverage(parameters, share=plan.optimiser.averaging, steps=steps_of_all)

    # ---- the start, or the checkpoint of an earlier session ----------------------------------------------
    resumed = (
        load_last(plan.checkpoint, parameters, optimiser=optimiser, average=average)
        if plan.checkpoint
        else None
    )
    if resumed is not None:
        progress, best = resumed
        step, earlier_seconds = progress.step, progress.elapsed_seconds
        history = list(progress.history)
    else:
        score = score_images(model, validation, objective=plan.objective, batch=scoring_batch)
        history = [_record(0, score=score)]
        progress = TrainingProgress(
            epoch=0, best_epoch=0, step=0, elapsed_seconds=0.0, history=tuple(history)
        )
        best = copy_of(parameters)
        emit(_epoch_event(history[0], score, plan, run_id=run_id, best_epoch=0, elapsed=0.0))
    start, best_epoch = best, progress.best_epoch  # the start, where nothing was resumed
    best_rank = _rank(history[best_epoch])
    first_epoch = progress.epoch
    precision = choose_precision(
        model, train=train, device=device, earlier=progress.precision, control=control
    )
    training_step = training_step_of(
        model,
        train=train,
        parameters=parameters,
        optimiser=optimiser,
        plan=plan,
        precision=precision,
        run_id=run_id,
        emit=emit,
    )

    def save(saved: TrainingProgress, *, best: Tensors, optimiser: Optimizer | None) -> None:
        """Write the last checkpoint with the present weights, and say so."""
        if plan.checkpoint is not None:
            save_last(
                plan.checkpoint,
                parameters,
                best=best,
                optimiser=optimiser,
                progress=saved,
                phase=plan.phase,
                average=average.values,
            )
            path = str(plan.checkpoint)
            emit(CheckpointSaved(run_id=run_id, kind="last", epoch=saved.epoch, path=path))

    # ---- the loop ----------------------------------------------------------------------------------------
    for epoch in range(progress.epoch + 1, plan.epochs + 1):
        waited = _epochs_without_gain(history) if validation else 0
        if _is_interrupted(control):
            is_cut = True
            break
        if plan.patience and waited >= plan.patience:
            break
        try:
            train.start_epoch(epoch)
        except Cancelled:
            pass  # handled at the first batch
        except UserError:
            if plan.checkpoint and progress.epoch > first_epoch:  # whole epochs, worth resuming from
                with suppress(OSError):  # a full disk must not hide what happened
                    save(progress, best=best, optimiser=optimiser)
            raise
        epoch_started = time.monotonic()
        torch.manual_seed(derive_seed(plan.seed, "dropout", epoch))
        batches = train.batches(epoch=epoch, size=plan.optimiser.batch_size)
        steps = len(batches)
        loss_sum, correct, judged, seen, rate = 0.0, 0, 0, 0, 0.0
        model.train()
        for number, indices in enumerate(batches, 1):
            with suppress(Cancelled):  # raised below, once the best weights are in place
                control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
            if _is_interrupted(control):
                break
            factor = rate_factor(
                (step + 1) / (plan.epochs * steps), warmup_fraction=plan.optimiser.warmup_fraction
            )
            rate = set_rate(optimiser, factor)
            figures = training_step.take(indices, epoch=epoch)
            step += 1
            average.update(step=step)
            loss_sum += figures.loss * len(indices)
            correct, judged = correct + figures.correct, judged + figures.judged
            seen += len(indices)
            seconds = max(time.monotonic() - epoch_started, 1e-6)
            emit(
                BatchEnded(
                    run_id=run_id,
                    epoch=epoch,
                    epochs=plan.epochs,
                    step=number,
                    steps=steps,
                    train_loss=loss_sum / seen,
                    images_per_second=seen / seconds,
                    seconds_left=seconds / number * (steps - number + (plan.epochs - epoch) * steps),
                )
            )
        if _is_interrupted(control):
            epoch_complete = False
            break
        if not math.isfinite(loss_sum):
            epoch_complete = False
            kept = f"epoch {best_epoch}" if best_epoch else "the start"
            message = f"Training became unstable in epoch {epoch} and was ended; {kept} is kept."
            emit(WarningRaised(run_id=run_id, code="unstable", message=message))
            break
        train_seconds = max(time.monotonic() - epoch_started, 1e-6)

        # ---- score on validation -------------------------------------------------------------------------
        with average.in_place():
            score = score_images(model, validation, objective=plan.objective, batch=scoring_batch)
            record = _record(
                epoch,
                train_loss=loss_sum / seen,
                train_accuracy=correct / max(1, judged),
                score=score,
                rate=rate,
            )
            history.append(record)
            if plan.keep_last or not validation or _rank(record) > best_rank:
                best_epoch, best_rank, best = epoch, _rank(record), copy_of(parameters)
        elapsed = earlier_seconds + time.monotonic() - started
        progress = replace(
            progress,
            epoch=epoch,
            best_epoch=best_epoch,
            step=step,
            elapsed_seconds=elapsed,
            precision=precision.name,
            history=tuple(history),
        )
        epochs_this_session = epoch - first_epoch
        emit(
            _epoch_event(
                record,
                score,
                plan,
                run_id=run_id,
                best_epoch=best_epoch,
                elapsed=elapsed,
                left=(elapsed - earlier_seconds) / epochs_this_session * (plan.epochs - epoch),
                speed=seen / train_seconds,
            )
        )
        # ---- checkpoint ----------------------------------------------------------------------------------
        if plan.checkpoint and time.monotonic() - saved_at >= plan.checkpoint_seconds:
            save(progress, best=best, optimiser=optimiser)
            saved_at = time.monotonic()

    if epoch_complete:
        save(progress, best=best, optimiser=optimiser)
    elif plan.checkpoint and not plan.checkpoint.exists():
        # Weights and optimiser are those of an incomplete epoch: a resumed run begins again at the start.
        restore_parameters(parameters, start)
        average.restore(start)
        save(rewound(progress), best=start, optimiser=None)
    restore_parameters(parameters, best)
    model.eval()
    if control.cancelled:
        raise Cancelled
    return replace(progress, is_cut=is_cut or not epoch_complete)


def training_step_of(
    model: TrainableModel | StandardisedHead,
    *,
    train: TrainingImages,
    parameters: Mapping[str, nn.Parameter],
    optimiser: Optimizer,
    plan: FitPlan,
    precision: Precision,
    run_id: str,
    emit: Emit,
) -> TrainingStep:
    """Make what takes the optimiser steps of a training.

    Args:
        model: Trained in place.
        train: Training images.
        parameters: Trainable parameters of the model, by name.
        optimiser: Optimiser over them.
        plan: Settings of the training.
        precision: Number format of the forward pass.
        run_id: Written into events.
        emit: Receives a warning where memory runs out.
    """
    device = next(iter(parameters.values())).device.type
    images_per_pass = plan.optimiser.batch_size
    if train.from_pixels and device == "cpu":
        images_per_pass = min(images_per_pass, IMAGES_PER_PASS_FROM_PIXELS)
    return TrainingStep(
        model,
        train=train,
        parameters=parameters,
        optimiser=optimiser,
        objective=plan.objective,
        class_weights=plan.class_weights,
        label_smoothing=plan.optimiser.label_smoothing,
        batch=AdaptiveBatch(images_per_pass, device=device, run_id=run_id, emit=emit),
        precision=precision,
        mixup=plan.mixup,
        seed=plan.seed,
    )


def _is_interrupted(control: Control) -> bool:
    # Another thread changes it between two calls, which a type checker does not expect of a property.
    return control.stopped or control.cancelled


def _rank(record: EpochRecord) -> tuple[float, float]:
    return rank_of(record.validation_accuracy, record.validation_loss)


def _epochs_without_gain(history: Sequence[EpochRecord]) -> int:
    """Count the epochs since the one with the highest rank, which may not be the one that is kept."""
    return len(history) - 1 - max(range(len(history)), key=lambda epoch: _rank(history[epoch]))


def _record(
    epoch: int,
    *,
    score: Score,
    train_loss: float | None = None,
    train_accuracy: float | None = None,
    rate: float | None = None,
) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        validation_loss=score.log_loss,
        validation_accuracy=score.accuracy,
        learning_rate=rate,
    )


def _epoch_event(
    record: EpochRecord,
    score: Score,
    plan: FitPlan,
    *,
    run_id: str,
    best_epoch: int,
    elapsed: float,
    left: float | None = None,
    speed: float | None = None,
) -> EpochEnded:
    return EpochEnded(
        run_id=run_id,
        stage=plan.stage,
        **asdict(record),
        epochs=plan.epochs,
        validation_interval=score.interval.pair if score.interval else None,
        validation_n=score.n,
        confusion=score.confusion,
        best_epoch=best_epoch,
        elapsed_seconds=elapsed,
        seconds_left=left,
        images_per_second=speed,
        memory_bytes=resident_memory_bytes(),
    )
