"""Cross-validation of a linear probe on a table of features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, fit_probe


def held_out_scores(
    table: Tensor,
    images: Sequence[RunImage],
    *,
    classes_count: int,
    folds: int,
    seed: int,
    class_weighting: bool = False,
    control: Control,
) -> Tensor:
    """Score each image by a head that was fitted without it.

    Args:
        table: Features float32 [N, F].
        images: N images; those of one group, and copies of one file, are held out together.
        classes_count: K.
        folds: In how many parts the images are held out.
        seed: Of the run; the same images, labels and seed give the same folds.
        class_weighting: Weight images so that all classes count the same.
        control: Checked once per fold.

    Returns:
        Logits float32 [N, K].
    """
    labels = torch.tensor([image.label for image in images], dtype=torch.int64)
    numbers = folds_of(images, count=folds, seed=seed)
    scores = torch.zeros(len(images), classes_count)
    for number in range(folds):
        control.check()
        learned, held_out = (numbers != number).nonzero()[:, 0], (numbers == number).nonzero()[:, 0]
        solution = fit_probe(
            Features.of(table[learned]),
            labels[learned],
            validation_features=Features.of(table[:0]),
            validation_labels=labels[:0],
            classes_count=classes_count,
            class_weighting=class_weighting,
            folds=folds_of([images[index] for index in learned.tolist()], count=FOLDS, seed=seed),
        )
        scores[held_out] = table[held_out] @ solution.weight.T + solution.bias
    return scores
