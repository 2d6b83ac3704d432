"""The live figures of an epoch: how the trainable side does on cached activations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from tlstudio.compute.fitting_batch import FittingBatch
from tlstudio.evaluation.intervals import wilson
from tlstudio.training.loop.trainable_model import TrainingImages

SCORING_BATCH = 64
"""Images per pass, where they fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a set of images is answered.

    Attributes:
        n: Images.
        accuracy: Share of right answers, None without images.
        log_loss: Mean of -ln(probability of the true class), None without images.
        interval: Wilson 95 % of the accuracy.
        confusion: [true][predicted] counts; empty without images.
    """

    n: int = 0
    accuracy: float | None = None
    log_loss: float | None = None
    interval: tuple[float, float] | None = None
    confusion: tuple[tuple[int, ...], ...] = ()


def rank_of(accuracy: float | None, log_loss: float | None) -> tuple[float, float]:
    """What epochs are compared by; higher is better: accuracy, and among equals the lower log loss.

    Accuracy is what the person is shown and what the classifier is for. On few images it moves in steps and
    is often equal; then the log loss says which of the epochs is surer of its right answers.
    """
    return (accuracy or 0.0, -(log_loss or 0.0))


def score_of(logits: Tensor, labels: Tensor) -> Score:
    """The figures of scores [N, K] and labels [N]."""
    n, classes_count = logits.shape
    if n == 0:
        return Score()
    # In this order: some graphics chips have no float64.
    scores = logits.cpu().double()
    labels = labels.cpu()
    predicted = scores.argmax(dim=1)
    correct = int((predicted == labels).sum())
    counts = torch.bincount(labels * classes_count + predicted, minlength=classes_count**2)
    confusion = counts.reshape(classes_count, classes_count).tolist()
    interval = wilson(correct, n)
    return Score(
        n=n,
        accuracy=correct / n,
        log_loss=float(nn.functional.cross_entropy(scores, labels)),
        interval=(interval.low, interval.high),
        confusion=tuple(tuple(row) for row in confusion),
    )


@torch.inference_mode()
def score_images(side: nn.Module, images: TrainingImages | None, *, batch: FittingBatch) -> Score:
    """The figures of a trainable side on the plain images; it is left in eval mode.

    Args:
        side: Gives class scores of activations.
        images: May be empty or None.
        batch: How many fit into memory at once.

    Raises:
        UserError: Memory runs out with one image at a time.
    """
    side.eval()
    if images is None or len(images) == 0:
        return Score()
    logits: list[Tensor] = []
    done = 0
    while done < len(images):
        logits.append(batch.attempt(len(images) - done, partial(_scores, side, images, done)))
        done += len(logits[-1])
    return score_of(torch.cat(logits), images.labels)


def _scores(side: nn.Module, images: TrainingImages, start: int, count: int) -> Tensor:
    """Class scores [count, K] on the CPU of the images from `start` on."""
    activations, _ = images.plain_batch(range(start, start + count))
    scores: Tensor = side(activations)
    return scores.cpu()
