"""The learning-rate range test: a short training whose rate rises at each step, to see what the loss does.

After Smith, Cyclical learning rates for training neural networks (WACV 2017). About a hundred steps are
usual. Smith and others show the loss of each batch, which hides much of a curve that has so few steps: here
each batch's loss with the weights of the start is subtracted, as images differ more than weights do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import torch

from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted
from tlstudio.training.loop.fit import FitPlan, training_step_of
from tlstudio.training.loop.optimiser import build_optimiser, set_rate
from tlstudio.training.loop.precision_choice import choose_precision
from tlstudio.training.loop.trainable_model import TrainableModel, TrainingImages

STAGE = "rates"
LOWEST_RATE, HIGHEST_RATE = 1e-6, 0.01
"""Rates of the topmost stage: from where hardly anything changes up to far beyond what AdamW is used with."""
MOST_STEPS, FEWEST_STEPS, MOST_EPOCHS = 100, 24, 3
"""A hundred steps, but not more than three epochs of them, unless so few could not show a curve."""
UNSTABLE = 4.0
"""Multiple of the loss of the start at which the test ends, as is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSweep:
    """Losses on training images by rising rate.

    Attributes:
        start_loss: Mean loss with the weights of the start.
        rates: Rates of the topmost stage; that of the head is a fixed multiple.
        losses: Loss after the step at each rate, for images like those of the start; the last may be above
            `UNSTABLE` times that of the start.
        counts: Number of images behind each loss.
    """

    start_loss: float
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    counts: tuple[int, ...]


def sweep_rates(
    model: TrainableModel,
    *,
    train: TrainingImages,
    plan: FitPlan,
    run_id: str,
    emit: Emit,
    control: Control,
) -> RateSweep:
    """Take the steps of a training, each at a higher rate than the one before.

    The rates of all stages and of the head keep their ratio.

    Args:
        model: Trained in place, and of no use afterwards.
        train: Training images.
        plan: Settings of the training; its rates matter by their ratio alone.
        run_id: Written into events.
        emit: Receives the progress.
        control: Checked once per batch.

    Raises:
        Cancelled: The person cancelled.
        UserError: An image is missing, or memory runs out with one image.
    """
    parameters = {name: p for name, p in sorted(model.named_parameters()) if p.requires_grad}
    optimiser = build_optimiser(parameters, model.depths(), plan.optimiser)
    device = next(iter(parameters.values())).device.type
    step = training_step_of(
        model,
        train=train,
        parameters=parameters,
        optimiser=optimiser,
        plan=plan,
        precision=choose_precision(model, train=train, device=device, earlier=None, control=control),
        run_id=run_id,
        emit=emit,
    )
    steps = steps_of(len(train.batches(epoch=1, size=plan.optimiser.batch_size)))
    # One batch more than rates: what a rate has done is seen in the batch after its step.
    total = 2 * (steps + 1)

    def tell(done: int) -> None:
        control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
        emit(StageProgress(run_id=run_id, stage=STAGE, done=done, total=total))

    emit(StageStarted(run_id=run_id, stage=STAGE, title="Trying learning rates", total=total))
    model.train()
    batches: list[tuple[int, list[int]]] = []
    start_losses: list[float] = []
    for epoch, indices in islice(_batches(train, plan), steps + 1):
        tell(len(batches))
        batches.append((epoch, indices))
        torch.manual_seed(derive_seed(plan.seed, "dropout", len(batches)))
        start_losses.append(step.loss(indices, epoch=epoch))
    counts = [len(indices) for _, indices in batches]
    start_loss = sum(n * loss for n, loss in zip(counts, start_losses, strict=True)) / sum(counts)
    rates = [LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (n / (steps - 1)) for n in range(steps)]
    losses: list[float] = []
    for number, (epoch, indices) in enumerate(batches):
        tell(len(batches) + number)
        torch.manual_seed(derive_seed(plan.seed, "dropout", number + 1))
        set_rate(optimiser, rates[min(number, steps - 1)] / plan.optimiser.learning_rate_stages)
        loss = start_loss + step.take(indices, epoch=epoch).loss - start_losses[number]
        if not math.isfinite(loss):
            break
        if number:
            losses.append(loss)
        if loss > UNSTABLE * start_loss:
            break
    tell(total)
    return RateSweep(
        start_loss=start_loss,
        rates=tuple(rates[: len(losses)]),
        losses=tuple(losses),
        counts=tuple(counts[1 : len(losses) + 1]),
    )


def steps_of(batches: int) -> int:
    """The number of rates to try.

    Args:
        batches: Number of batches of an epoch.
    """
    return max(FEWEST_STEPS, min(MOST_STEPS, MOST_EPOCHS * batches))


def _batches(train: TrainingImages, plan: FitPlan) -> Iterator[tuple[int, list[int]]]:
    """Yield the batches of one epoch after the other, each with the number of its epoch."""
    for epoch in count(1):
        train.start_epoch(epoch)
        for indices in train.batches(epoch=epoch, size=plan.optimiser.batch_size):
            yield epoch, indices
