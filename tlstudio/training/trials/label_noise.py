"""Scores the labels of a run by the backbone as it was before the training.

Stages that trained have seen the labels, and would agree with the wrong ones as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted
from tlstudio.data.units import Relatable, unit_numbers
from tlstudio.evaluation.label_scores import MOST_IMAGES, ScoredLabel, ScoredLabels
from tlstudio.features.images import label_tensor
from tlstudio.models.stages import Backbone
from tlstudio.training.head.label_scores import score_labels
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.pretraining_gain import features_of


def score_run_labels(
    state: TrainingState, pretrained: Backbone, *, emit: Emit, control: Control
) -> ScoredLabels | None:
    """Score the labels of the training and validation images.

    Args:
        state: Of the run, for its images and settings.
        pretrained: The backbone as training began with it.
        emit: Receives `StageStarted`.
        control: Checked once per image and strength of the regularisation.

    Returns:
        The scores; None of too many images, and where no label could be judged.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    images, classes = state.train + state.validation, state.recipe.classes
    labels = label_tensor(images)
    if len(images) > MOST_IMAGES or len({image.label for image in images}) < 2:
        return None
    emit(StageStarted(run_id=state.run_id, stage="labels", title="Checking the labels"))
    weights = state.recipe.backbone.weights_sha256
    features = features_of(pretrained, images, state, weights=weights, emit=emit, control=control)
    return scored_labels(
        features.table(), labels, images, classes=classes, seed=state.recipe.seed, control=control
    )


class _Scored(Relatable, Protocol):
    """An image whose label is scored."""

    @property
    def path(self) -> str:
        """As in the dataset."""
        ...


def scored_labels(
    features: Tensor,
    labels: Tensor,
    images: Sequence[_Scored],
    *,
    classes: Sequence[str],
    seed: int,
    control: Control,
) -> ScoredLabels | None:
    """Score labels by features that have not learned from them.

    Args:
        features: Float [N, F].
        labels: Indices of classes, int64 [N].
        images: Of the labels.
        classes: At least two.
        seed: Draws voters from many images.
        control: Checked once per strength of the regularisation.

    Returns:
        The scores; None where no label could be judged.

    Raises:
        Cancelled: The person cancelled.
    """
    scores = score_labels(
        features, labels, units=unit_numbers(images), classes_count=len(classes), seed=seed, control=control
    )
    order, judged = scores.order(), scores.judged.tolist()
    if not order:
        return None
    order += [index for index, is_judged in enumerate(judged) if not is_judged]
    return ScoredLabels(
        labels=tuple(
            ScoredLabel(
                path=images[index].path,
                label=classes[int(labels[index])],
                suggestion=classes[int(scores.suggestions[index])],
                wrong=round(float(scores.wrong[index]), 6) if judged[index] else None,
            )
            for index in order
        ),
        rate=scores.rate,
        interval=scores.interval,
        is_shown=scores.is_shown,
    )
