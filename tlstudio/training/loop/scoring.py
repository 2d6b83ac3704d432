"""Scores the trainable stages on cached activations, after every epoch."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import Objective
from tlstudio.training.loop.trainable_model import TrainingImages

SCORING_BATCH = 64
"""Images per pass, if they fit into memory."""


@torch.inference_mode()
def score_images(
    model: nn.Module, images: TrainingImages | None, *, objective: Objective, batch: AdaptiveBatch
) -> Score:
    """Score a model on images without augmentation; the model is left in eval mode.

    Args:
        model: Gives class scores for activations.
        images: May be empty or None.
        objective: What is measured.
        batch: How many fit into memory at once.

    Raises:
        UserError: Memory runs out with one image at a time.
    """
    model.eval()
    if images is None or len(images) == 0:
        return Score()
    logits: list[Tensor] = []
    done = 0
    while done < len(images):
        logits.append(batch.run(len(images) - done, partial(_scores, model, images, done)))
        done += len(logits[-1])
    return objective.metrics(torch.cat(logits), images.labels)


def _scores(model: nn.Module, images: TrainingImages, start: int, count: int) -> Tensor:
    """Class scores [count, K] of the images from `start` on, moved to the CPU."""
    activations, _ = images.plain_batch(range(start, start + count))
    scores: Tensor = model(activations)
    return scores.cpu()
