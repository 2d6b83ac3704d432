"""One optimiser step: gradients of a batch, in as many parts as memory allows, then the update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.evaluation.objective import Objective
from tlstudio.training.loop.mixup import draw_mix
from tlstudio.training.loop.optimiser import LARGEST_GRADIENT_NORM
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.trainable_model import TrainingImages


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """Loss and accuracy of a batch, before the weights were updated.

    Attributes:
        loss: Mean loss over the batch.
        correct: Number of correct predictions; of mixed images those of the class with the larger share.
        judged: Number of images whose prediction can be judged.
    """

    loss: float
    correct: int
    judged: int


class TrainingStep:
    """Takes the optimiser steps of one training.

    Args:
        model: In train mode when a step is taken.
        train: Training images.
        parameters: Trainable parameters, by name.
        optimiser: Optimiser over them; its learning rates are set before each step.
        objective: What is trained for.
        class_weights: float [K]; None counts every image the same.
        label_smoothing: Share of each label that is spread over all classes.
        batch: How many images fit into memory at once.
        precision: Number format of the forward pass.
        mixup: How much images are mixed, see `draw_mix`; 0 mixes none.
        seed: Seed of the run, for mixing.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        train: TrainingImages,
        parameters: Mapping[str, nn.Parameter],
        optimiser: torch.optim.Optimizer,
        objective: Objective,
        class_weights: Tensor | None,
        label_smoothing: float,
        batch: AdaptiveBatch,
        precision: Precision,
        mixup: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._model = model
        self._train = train
        self._parameters = parameters
        self._optimiser = optimiser
        self._objective = objective
        self._class_weights = class_weights
        self._weights_here = None if class_weights is None else class_weights.cpu()
        self._label_smoothing = label_smoothing
        self._batch = batch
        self._precision = precision
        self._scaler = precision.scaler()
        self._mixup = mixup
        self._seed = seed

    def take(self, indices: Sequence[int], *, epoch: int) -> StepFigures:
        """Update the weights once, by the gradient of the mean loss over some images.

        A batch computed in parts gives the same sum, because BatchNorm statistics are fixed, so no image
        affects another; only dropout draws other numbers. Weights change after the last part, so an attempt
        that ran out of memory has no effect on them.

        Args:
            indices: Indices of training images, at least one.
            epoch: Determines their views.

        Raises:
            UserError: Memory runs out with one image at a time.
        """
        figures = self._batch.run(len(indices), lambda size: self._gradients(indices, epoch=epoch, size=size))
        self._scaler.unscale_(self._optimiser)
        torch.nn.utils.clip_grad_norm_(self._parameters.values(), LARGEST_GRADIENT_NORM)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        return figures

    @torch.no_grad()
    def loss(self, indices: Sequence[int], *, epoch: int) -> float:
        """Mean loss over some images, as a step would have it; the weights stay as they are.

        Args:
            indices: Indices of training images, at least one.
            epoch: Determines their views.

        Raises:
            UserError: Memory runs out with one image at a time.
        """
        return self._batch.run(
            len(indices),
            lambda size: sum(loss.item() for loss, _ in self._parts(indices, epoch=epoch, size=size)),
        )

    def _gradients(self, indices: Sequence[int], *, epoch: int, size: int) -> StepFigures:
        self._optimiser.zero_grad()
        loss_sum, correct, judged = 0.0, 0, 0
        for loss, (right, known) in self._parts(indices, epoch=epoch, size=size):
            self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            loss_sum += loss.item()
            correct, judged = correct + right, judged + known
        return StepFigures(loss=loss_sum, correct=correct, judged=judged)

    def _parts(
        self, indices: Sequence[int], *, epoch: int, size: int
    ) -> Iterator[tuple[Tensor, tuple[int, int]]]:
        """Yield each part's share of the mean loss, and how many predictions are right, of how many."""
        weight = self._weight_of(indices)
        mix = draw_mix(indices, alpha=self._mixup, seed=self._seed, epoch=epoch) if self._mixup else None
        for start in range(0, len(indices), size):
            activations, labels = self._train.batch(indices[start : start + size], epoch=epoch)
            if mix is not None:
                others, other_labels = self._train.batch(mix.partners[start : start + size], epoch=epoch)
                activations = mix.of(activations, others)
            with self._precision.computing():
                logits = self._model(activations).float()
                loss = self._loss_sum(logits, labels) / weight
                if mix is not None:
                    of_others = self._loss_sum(logits, other_labels) / weight
                    loss = mix.share * loss + (1 - mix.share) * of_others
            yield loss, self._objective.correct(logits.detach(), labels)

    def _loss_sum(self, logits: Tensor, labels: Tensor) -> Tensor:
        return self._objective.loss(
            logits,
            labels,
            class_weights=self._class_weights,
            label_smoothing=self._label_smoothing,
            reduction="sum",
        )

    def _weight_of(self, indices: Sequence[int]) -> float:
        """Divisor of the mean over the whole batch."""
        if self._weights_here is None:
            return float(len(indices))
        return float(self._weights_here[self._train.labels[list(indices)]].sum())
