"""Cross-validation of a linear probe on a table of features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.nested import nested_scores
from tlstudio.training.head.probe import FOLDS, fit_probe


def held_out_scores(
    table: Tensor,
    images: Sequence[RunImage],
    *,
    classes_count: int,
    seed: int,
    class_weighting: bool = False,
    control: Control,
) -> Tensor:
    """Score each image by a head that was fitted without it.

    The strength of the regularisation is chosen by the log loss of these scores, which flatters them a
    little, and those of a weak backbone more. They are meant for comparing backbones, not as an estimate of
    the accuracy on new images; folds within folds would take five times as long.

    Args:
        table: Features float32 [N, F].
        images: N images; those of one group, and copies of one file, are held out together.
        classes_count: K.
        seed: Of the run; the same images, labels and seed give the same folds.
        class_weighting: Weight images so that all classes count the same.
        control: Checked once per strength of the regularisation.

    Returns:
        Logits float32 [N, K].
    """
    labels = label_tensor(images)
    solution = fit_probe(
        Features.of(table),
        labels,
        classes_count=classes_count,
        class_weighting=class_weighting,
        folds=folds_of(images, count=FOLDS, seed=seed),
        on_trial=lambda _index, _trial: control.check(),
    )
    return solution.held_out


def repeated_scores(
    features: Features,
    images: Sequence[RunImage],
    *,
    repeats: int,
    classes_count: int,
    seed: int,
    class_weighting: bool,
    control: Control,
) -> Tensor:
    """Score each image again and again, by heads that were fitted, and chosen, without it.

    The images are divided anew each time: stratified by class, with groups and copies of a file in one fold.

    Args:
        features: [N, F].
        images: N images.
        repeats: R, how often.
        classes_count: K.
        seed: Of the run.
        class_weighting: Weight images so that all classes count the same.
        control: Checked once per strength of the regularisation.

    Returns:
        Logits float32 [R, N, K].
    """
    labels = label_tensor(images)
    return torch.stack(
        [
            nested_scores(
                features,
                labels,
                folds=folds_of(images, count=FOLDS, seed=derive_seed(seed, "cross-validation", number)),
                classes_count=classes_count,
                class_weighting=class_weighting,
                on_trial=control.check,
            )
            for number in range(repeats)
        ]
    )
