"""One step of training: the gradients of a batch, in as many parts as memory needs, and then the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.evaluation.objective import Objective
from tlstudio.training.loop.optimiser import LARGEST_GRADIENT_NORM
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.trainable_model import TrainingImages


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """What a step says of its batch.

    Attributes:
        loss: Mean over the batch, before the step.
        correct: Images answered rightly, before the step.
    """

    loss: float
    correct: int


class TrainingStep:
    """What one step needs, all steps of a training alike.

    Args:
        side: In train mode when a step is taken.
        train: To learn from.
        parameters: The trainable ones, by name.
        optimiser: Over them; its rates are set before each step.
        objective: What is trained for.
        class_weights: float [K]; None counts every image the same.
        label_smoothing: Share of each label that is spread over all classes.
        batch: How many images fit into memory at once.
        precision: Of the forward pass.
    """

    def __init__(
        self,
        side: nn.Module,
        *,
        train: TrainingImages,
        parameters: Mapping[str, nn.Parameter],
        optimiser: torch.optim.Optimizer,
        objective: Objective,
        class_weights: Tensor | None,
        label_smoothing: float,
        batch: AdaptiveBatch,
        precision: Precision,
    ) -> None:
        self._side = side
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

    def take(self, indices: Sequence[int], *, epoch: int) -> StepFigures:
        """Move the weights once, by the gradient of the mean loss over the images.

        In parts or at once is the same sum: BatchNorm stands still, so no image sees another. Only dropout
        draws other numbers. The weights move after the last part, so a try that ran out of memory left no
        mark on them.

        Args:
            indices: Of training images, at least one.
            epoch: Decides their views.

        Raises:
            UserError: Memory runs out with one image at a time.
        """
        figures = self._batch.run(len(indices), lambda size: self._gradients(indices, epoch=epoch, size=size))
        self._scaler.unscale_(self._optimiser)
        torch.nn.utils.clip_grad_norm_(self._parameters.values(), LARGEST_GRADIENT_NORM)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        return figures

    def _gradients(self, indices: Sequence[int], *, epoch: int, size: int) -> StepFigures:
        self._optimiser.zero_grad()
        weight = self._weight_of(indices)
        loss_sum, correct = 0.0, 0
        for start in range(0, len(indices), size):
            activations, labels = self._train.batch(indices[start : start + size], epoch=epoch)
            with self._precision.computing():
                logits = self._side(activations).float()
                loss = (
                    self._objective.loss(
                        logits,
                        labels,
                        class_weights=self._class_weights,
                        label_smoothing=self._label_smoothing,
                        reduction="sum",
                    )
                    / weight
                )
            self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            loss_sum += loss.item()
            correct += int((self._objective.decide(logits.detach()) == labels).sum())
        return StepFigures(loss=loss_sum, correct=correct)

    def _weight_of(self, indices: Sequence[int]) -> float:
        """What the mean over the whole batch divides by."""
        if self._weights_here is None:
            return float(len(indices))
        return float(self._weights_here[self._train.labels[list(indices)]].sum())
