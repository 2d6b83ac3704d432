"""The loop that learns from images without labels, by epochs from the activation cache."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tlstudio.compute.seeds import derive_seed, generator
from tlstudio.core.control import Control
from tlstudio.core.events import CheckpointSaved, Emit, Paused, StageProgress
from tlstudio.features.extractor import Activations
from tlstudio.training.loop.checkpoint import TrainingProgress, copy_of, load_last, save_last
from tlstudio.training.loop.fit import FitPlan
from tlstudio.training.loop.optimiser import LARGEST_GRADIENT_NORM, build_optimiser, rate_factor, set_rate
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.unsupervised.siamese import build_siamese

IMAGES_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The end of learning without labels.

    Attributes:
        is_complete: Whether all epochs were done; else it was stopped, or became unstable.
        earlier_seconds: Seconds in earlier sessions of a resumed run.
    """

    is_complete: bool
    earlier_seconds: float


def steps_per_epoch(images: int) -> int:
    """Number of steps in which an epoch takes all images, in batches of nearly the same size."""
    return max(1, round(images / IMAGES_AT_ONCE))


def learn_from_views(
    model: TrainableModel,
    activations: Activations,
    *,
    plan: FitPlan,
    device: str,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Learning:
    """Train the stages above the freeze line to see that two views show the same image.

    An epoch depends only on the weights and the optimiser's state before it, on the seed and its number, so
    a run resumed from a checkpoint ends with the same weights.

    Args:
        model: Its trainable stages are trained in place; the head is not touched.
        activations: Of the images, in at least two views.
        plan: Settings; labels play no part.
        device: torch's device name.
        run_id: Written into events.
        emit: Receives progress and checkpoints.
        control: Checked once per batch. Stop ends it.

    Raises:
        Cancelled: The person cancelled; the last checkpoint stays.
        UserError: The checkpoint is damaged.
    """
    siamese = build_siamese(
        model.classifier.backbone.feature_size, seed=derive_seed(plan.seed, "projector")
    ).to(device)
    parameters, depths = _parameters(model, siamese)
    optimiser = build_optimiser(parameters, depths, plan.optimiser)
    progress = TrainingProgress(epoch=0, best_epoch=0, step=0, elapsed_seconds=0.0)
    resumed = load_last(plan.checkpoint, parameters, optimiser=optimiser) if plan.checkpoint else None
    if resumed is not None:
        progress, _ = resumed
    first, steps = progress, steps_per_epoch(len(activations.images))
    started = saved_at = time.monotonic()
    for epoch in range(first.epoch + 1, plan.epochs + 1):
        activations.start_epoch(epoch)
        torch.manual_seed(derive_seed(plan.seed, "unlabelled dropout", epoch))
        model.train()
        for number, (indices, pair) in enumerate(_batches(activations, plan.seed, epoch, steps), 1):
            control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
            if control.stopped:
                return Learning(is_complete=False, earlier_seconds=first.elapsed_seconds)
            done = (epoch - 1) * steps + number
            set_rate(
                optimiser,
                rate_factor(done / (plan.epochs * steps), warmup_fraction=plan.optimiser.warmup_fraction),
            )
            batch = torch.cat([activations.read(indices, view) for view in pair])
            loss = siamese(model.features(batch.to(device)))
            optimiser.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(parameters.values(), LARGEST_GRADIENT_NORM)
            if not math.isfinite(float(norm)):
                return Learning(is_complete=False, earlier_seconds=first.elapsed_seconds)
            optimiser.step()
            seconds = time.monotonic() - started
            so_far = done - first.epoch * steps
            emit(
                StageProgress(
                    run_id=run_id,
                    stage=plan.stage,
                    done=done,
                    total=plan.epochs * steps,
                    seconds_left=seconds / so_far * (plan.epochs * steps - done),
                )
            )
        elapsed = first.elapsed_seconds + time.monotonic() - started
        progress = TrainingProgress(
            epoch=epoch, best_epoch=epoch, step=epoch * steps, elapsed_seconds=elapsed
        )
        is_due = epoch == plan.epochs or time.monotonic() - saved_at >= plan.checkpoint_seconds
        if plan.checkpoint and is_due:
            save_last(
                plan.checkpoint,
                parameters,
                best=copy_of(parameters),
                optimiser=optimiser,
                progress=progress,
                phase=plan.phase,
            )
            path = str(plan.checkpoint)
            emit(CheckpointSaved(run_id=run_id, kind="last", epoch=epoch, path=path))
            saved_at = time.monotonic()
    model.eval()
    return Learning(is_complete=True, earlier_seconds=first.elapsed_seconds)


def _parameters(model: TrainableModel, siamese: nn.Module) -> tuple[dict[str, nn.Parameter], dict[str, int]]:
    """The parameters that learn, by name, and how deep each lies; the projector learns like a head."""
    of_head = {id(parameter) for parameter in model.classifier.head.parameters()}
    depths = model.depths()
    parameters = {
        name: parameter
        for name, parameter in model.trainable_parameters().items()
        if id(parameter) not in of_head
    }
    added = {f"siamese.{name}": parameter for name, parameter in siamese.named_parameters()}
    return (
        dict(sorted((parameters | added).items())),
        {name: depths[name] for name in parameters} | dict.fromkeys(added, -1),
    )


def _batches(
    activations: Activations, seed: int, epoch: int, steps: int
) -> list[tuple[list[int], tuple[list[int], list[int]]]]:
    """The batches of an epoch: indices of images, and for each of these two different views."""
    draw = generator(seed, "unlabelled", epoch)
    count, views = len(activations.images), len(activations.views)
    order = torch.randperm(count, generator=draw)
    one = torch.randint(views, (count,), generator=draw)
    other = (one + torch.randint(1, views, (count,), generator=draw)) % views

    def of(numbers: Tensor, rows: Tensor) -> list[int]:
        chosen: list[int] = numbers[rows].tolist()
        return chosen

    return [(rows.tolist(), (of(one, rows), of(other, rows))) for rows in order.tensor_split(steps)]
