"""Measures what more images would give: a learning curve of the plain head, carried on.

The head is a linear one on the backbone as training began with it. For a linear probe that is the classifier
itself; where stages learned it stands for how hard the classes are to tell apart, and how that changes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, LearningCurve, LearningPoint, StageStarted
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.forecasts import Estimate, forecast
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.label_scores import MOST_IMAGES
from tlstudio.features.images import label_tensor
from tlstudio.features.table import Features
from tlstudio.models.stages import Backbone
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, fit_probe
from tlstudio.training.head.subset_answers import SubsetAnswers, answers_of_subsets
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.pretraining_gain import features_of

FEWEST_PER_CLASS = 2.0
"""Images per class, in the mean, that the smallest size must have; below, answers are nearly guessed."""
FEWEST_SIZES = 3
MOST_TO_EXTRACT = MOST_IMAGES
"""Images up to which the backbone as it was has looked at them, although the run itself needed none of that:
their labels were checked by it."""
MORE = (5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 5000)
"""Numbers of further images per class of which one is named: the largest that at most doubles what is there.
How good a forecast is was measured for twice the images, not for more."""


def measure_more_images(
    state: TrainingState, pretrained: Backbone, *, emit: Emit, control: Control
) -> LearningCurve | None:
    """Measure the learning curve of a linear head on the pretrained backbone.

    Args:
        state: Of the run, for its images and settings.
        pretrained: The backbone as training began with it.
        emit: Receives `StageStarted`.
        control: Checked once per draw.

    Returns:
        None where there are too few images of each class, or very many whose features the run did not need.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    images = tuple(image for image in state.train + state.validation if image.label >= 0)
    classes = len({image.label for image in images})
    if classes < 2 or (state.backbone_changed and len(images) > MOST_TO_EXTRACT):
        return None
    if len(images) * (1 - 1 / FOLDS) / 4 < FEWEST_PER_CLASS * classes or len(images) / classes < MORE[0]:
        return None
    title = "Asking what more images would give"
    emit(StageStarted(run_id=state.run_id, stage="enough", title=title))
    features = features_of(
        pretrained,
        images,
        state,
        weights=state.recipe.backbone.weights_sha256,
        emit=emit,
        control=control,
    )
    labels, units = label_tensor(images), torch.tensor(unit_numbers(images), dtype=torch.int64)
    found = answers_of_subsets(
        features,
        labels,
        units=units,
        classes_count=len(state.recipe.classes),
        l2=_strength(state, features, labels, control=control),
        class_weighting=state.recipe.optimiser.class_weighting,
        seed=state.recipe.seed,
        on_draw=control.check,
    )
    return _curve(state, found, labels, units, classes=classes)


def _strength(state: TrainingState, features: Features, labels: Tensor, *, control: Control) -> float:
    """The regularisation that the run chose for this head, or one that is chosen now in the same way."""
    if state.head_l2 is not None:
        return state.head_l2
    images = [image for image in state.train + state.validation if image.label >= 0]
    solution = fit_probe(
        features,
        labels,
        classes_count=len(state.recipe.classes),
        class_weighting=state.recipe.optimiser.class_weighting,
        folds=folds_of(images, count=FOLDS, seed=state.recipe.seed),
        on_trial=lambda _index, _trial: control.check(),
    )
    return solution.trials[solution.best].l2


def _curve(
    state: TrainingState, found: SubsetAnswers, labels: Tensor, units: Tensor, *, classes: int
) -> LearningCurve | None:
    is_used = found.sizes / classes >= FEWEST_PER_CLASS
    is_judged = ~found.right[-1].isnan()
    if int(is_used.sum()) < FEWEST_SIZES:
        return None
    number = len(labels)
    more = max(one for one in MORE if one <= number / classes)
    sizes = found.sizes[is_used]
    ahead = forecast(
        sizes.numpy(),
        found.right[is_used][:, is_judged].numpy(),
        units[is_judged].numpy(),
        now=float(number),
        then=float(number + more * classes),
        seed=state.recipe.seed,
    )
    answers, truth = found.predicted[is_judged].argmax(dim=1), labels[is_judged]
    is_wrong = answers != truth
    names = state.recipe.classes
    involved = [int((is_wrong & ((truth == k) | (answers == k))).sum()) for k in range(len(names))]
    weak = max(range(len(names)), key=involved.__getitem__)
    # Each mistake involves two classes.
    stands_out = wilson(involved[weak], int(is_wrong.sum())).low > 2 / classes
    return LearningCurve(
        run_id=state.run_id,
        points=tuple(
            _point(size / classes, estimate)
            for size, estimate in zip(sizes.tolist(), ahead.measured, strict=True)
        ),
        now=_point(number / classes, ahead.now),
        expected=_point(number / classes + more, ahead.then),
        more_per_class=more,
        gain=(ahead.gain.low, ahead.gain.high),
        weak_class=names[weak] if stands_out else "",
        weak_mistakes=involved[weak] if stands_out else 0,
        mistakes=int(is_wrong.sum()),
        judged=len(truth),
        stages_learned=state.backbone_changed,
    )


def _point(images_per_class: float, estimate: Estimate) -> LearningPoint:
    return LearningPoint(
        images_per_class=images_per_class,
        accuracy=estimate.value,
        interval=(estimate.low, estimate.high),
    )
