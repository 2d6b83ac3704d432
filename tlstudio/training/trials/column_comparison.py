"""Compares several label columns that were learned together with each of them learned alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.data.naming import listed
from tlstudio.evaluation.comparisons import AloneComparison, ColumnComparison, StrategyComparison
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import RunImage, column_labels
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.training.label_columns import in_column
from tlstudio.training.phases.phase import Phase
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.comparison import compare
from tlstudio.training.trials.folds_progress import FoldsProgress
from tlstudio.training.trials.out_of_fold import Fold, out_of_fold_logits, unrelated


def logits_alone(
    phases: Sequence[Phase],
    state: TrainingState,
    fold: Fold,
    *,
    progress: FoldsProgress,
    control: Control,
) -> list[Tensor] | None:
    """Run the phases for each label column alone, and predict the held-out images that have a label in it.

    A single fold must do: where stages learn, each training takes minutes.

    Args:
        phases: That learn all columns together; with one column they learn that one in the same way.
        state: Its classifier is as before when this returns.
        fold: Of its training and validation images.
        progress: Receives the end of each training.
        control: Checked once per batch; stop ends it.

    Returns:
        For each column logits [N, K]; None when the person stopped.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled.
    """
    found = list[Tensor]()
    for number in range(len(state.classifier.columns)):
        alone, own_fold = _alone(state, fold, number)
        if not len(own_fold.held_out):
            found.append(torch.zeros(0, len(alone.recipe.classes)))
            continue
        logits = out_of_fold_logits(phases, alone, (own_fold,), progress=progress, control=control)
        if logits is None:
            return None
        found.append(logits)
    return found


def compare_columns(
    before: Tensor,
    after: Tensor,
    alone: Sequence[Tensor] | None,
    *,
    state: TrainingState,
    folds: Sequence[Fold],
) -> StrategyComparison:
    """Compare learning all columns together with the plain heads, and with each column alone.

    The plain heads are returned where learning together makes any column worse than its plain head, beyond
    chance.

    Args:
        before: Logits [N, K] of the plain heads, all columns side by side, fold by fold.
        after: Logits [N, K] of what learned all columns together.
        alone: For each column logits of the images of the first fold that have a label in it, by what
            learned it alone; None where nothing did.
        state: Of the run.
        folds: On which all were made.
    """
    images = state.train + state.validation
    order = torch.cat([fold.held_out for fold in folds])
    labels = column_labels(images, columns=len(state.classifier.columns))[order]
    sizes = list(state.classifier.sizes)
    columns, harmed = list[ColumnComparison](), list[str]()
    for number, (start, together) in enumerate(
        zip(torch.split(before, sizes, dim=1), torch.split(after, sizes, dim=1), strict=True)
    ):
        has_label = labels[:, number] >= 0
        own = labels[has_label, number]
        if not len(own):
            continue
        by_start, by_all = (
            ONE_CLASS_EACH.decide(logits) == own for logits in (start[has_label], together[has_label])
        )
        with_start = compare(by_all, by_start)
        found = ColumnComparison(
            name=state.classifier.columns[number].name,
            n=len(own),
            accuracy=_share(by_all),
            start_accuracy=_share(by_start),
            difference=with_start.difference,
            interval=with_start.interval.pair,
        )
        if with_start.difference < -with_start.noise:
            harmed.append(found.name)
        if alone is not None:
            found = replace(found, alone=_with_alone(by_all, alone[number], own))
        columns.append(found)
    first = columns[0]  # every image of the run has a label in it
    return StrategyComparison(
        start_accuracy=first.start_accuracy,
        accuracy=first.accuracy,
        n=first.n,
        difference=first.difference,
        interval=first.interval,
        start_returned=bool(harmed),
        reason=_sentence(columns, harmed),
        columns=tuple(columns),
    )


def _with_alone(together: Tensor, alone: Tensor, labels: Tensor) -> AloneComparison | None:
    """Compare the first images with the answers of what learned their column alone."""
    if not len(alone):
        return None
    by_all, by_alone = together[: len(alone)], ONE_CLASS_EACH.decide(alone) == labels[: len(alone)]
    found = compare(by_all, by_alone)
    return AloneComparison(
        n=len(alone),
        accuracy=_share(by_all),
        alone_accuracy=_share(by_alone),
        difference=found.difference,
        interval=found.interval.pair,
    )


def _share(correct: Tensor) -> float:
    return float(correct.double().mean())


def _sentence(columns: Sequence[ColumnComparison], harmed: Sequence[str]) -> str:
    figures = "; ".join(column.words for column in columns)
    if harmed:
        names = listed([f"“{name}”" for name in harmed])
        return f"Learning the columns together made {names} worse, so the plain heads are kept: {figures}."
    return f"On images that had no part in it, the columns that learned together have: {figures}."


def _alone(state: TrainingState, fold: Fold, number: int) -> tuple[TrainingState, Fold]:
    """The state of a run that learns one column alone, and the same fold in its images."""
    column, images = state.classifier.columns[number], state.train + state.validation
    more = tuple(image for part in state.inputs.values() for image in part if image.further)
    torch.manual_seed(derive_seed(state.recipe.seed, "head"))
    head = build_head(
        state.recipe.head,
        feature_size=state.classifier.backbone.feature_size,
        classes_count=len(column.classes),
    )
    classifier = Classifier(
        backbone=state.classifier.backbone,
        head=head.to(state.device),
        classes=column.classes,
        preprocessing=state.classifier.preprocessing,
        column=column.name,
    )
    labelled = tuple(in_column((*images, *more), number))
    place = {image.path: index for index, image in enumerate(labelled)}
    alone = replace(
        state,
        recipe=state.recipe.model_copy(update={"classes": column.classes}),
        classifier=classifier,
        train=labelled,
        validation=(),
        inputs={},
        exact_features=ExactFeatures(),
    )
    return alone, _fold_of(fold, images, more, place)


def _fold_of(
    fold: Fold, images: Sequence[RunImage], more: tuple[RunImage, ...], place: Mapping[str, int]
) -> Fold:
    held_out = [images[index] for index in fold.held_out.tolist()]
    learned = [*(images[index] for index in fold.train.tolist()), *unrelated(more, held_out)]
    train, predicted = (
        torch.tensor([place[image.path] for image in side if image.path in place], dtype=torch.int64)
        for side in (learned, held_out)
    )
    return Fold(train=train, held_out=predicted)
