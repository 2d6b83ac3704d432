"""Tries what a teacher's answers are worth, on images whose labels it has not learned.

A student of a teacher that has learned an image's label is no stranger to that label. So only those labelled
images can judge it that the teacher has not learned from, usually the validation images. Those that it has
learned from can still show a bad teacher: one that is wrong even there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.percent import percent, points
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.features.images import label_tensor
from tlstudio.features.table import joined
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, Answers, fit_probe
from tlstudio.training.head.problem import IN_MEMORY
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.do_no_harm import comparison_of
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run


def teacher_answers(
    state: TrainingState, hashes: Collection[str], *, temperature: float, trust: float
) -> Answers:
    """The answers that the state's teacher gave for some images.

    Args:
        state: Holds the teacher's logits.
        hashes: Of the content of each image.
        temperature: By which logits are divided.
        trust: Weight of the answers, 0 … 1.
    """
    logits = torch.stack([state.teacher_logits[sha256] for sha256 in hashes])
    return Answers(probabilities=(logits / temperature).softmax(dim=1), temperature=temperature, trust=trust)


def try_teacher(
    state: TrainingState,
    *,
    unlabelled: str,
    temperature: float,
    trust: float,
    learned: Collection[str] | None,
    control: Control,
) -> StrategyComparison:
    """Compare heads that learn from the teacher with heads that learn from the labels alone.

    Args:
        state: With features, and the teacher's logits for all labelled and unlabelled images.
        unlabelled: Id of the strategy's input whose images have no label.
        temperature: As in the training.
        trust: As in the training.
        learned: Content hashes of the images that the teacher was trained on; None when that is not known.
        control: Checked once per head.

    Raises:
        Cancelled: The person cancelled.
    """
    images = (*state.train, *state.validation)
    labels = label_tensor(images)
    extracted = state.extracted
    features = joined([extracted.train.features(), extracted.validation.features()], most=IN_MEMORY)
    more = extracted.inputs.get(unlabelled)
    by_teacher = torch.stack([state.teacher_logits[image.sha256] for image in images])
    judges = torch.tensor([learned is not None and image.sha256 not in learned for image in images])

    def logits(fold: Fold, *, follows: bool) -> Tensor:
        control.check()
        chosen = [images[index] for index in fold.train.tolist()]
        parts, hashes = [features[fold.train]], [image.sha256 for image in chosen]
        if follows and more is not None:
            parts.append(more.features())
            hashes += [image.sha256 for image in more.images]
        solution = fit_probe(
            joined(parts, most=IN_MEMORY),
            labels[fold.train],
            classes_count=len(state.recipe.classes),
            class_weighting=state.recipe.optimiser.class_weighting,
            folds=folds_of(chosen, count=FOLDS, seed=state.recipe.seed),
            answers=teacher_answers(state, hashes, temperature=temperature, trust=trust) if follows else None,
        )
        held_out = features[fold.held_out]
        return torch.cat([block @ solution.weight.T + solution.bias for block in held_out.blocks()])

    folds = folds_of_run(state)
    order = torch.cat([fold.held_out for fold in folds])
    alone = torch.cat([logits(fold, follows=False) for fold in folds])
    unmeasured = (
        "it is not known which images it has learned from"
        if learned is None
        else "it has learned from all labelled images"
    )
    teacher = _teacher_against_start(by_teacher[order], alone, labels[order], unmeasured=unmeasured)
    if teacher.start_returned or not judges.any():
        return teacher
    judging = [_judged_by(fold, judges) for fold in folds]
    judging = [fold for fold in judging if len(fold.held_out)]
    order = torch.cat([fold.held_out for fold in judging])
    before, after = (
        torch.cat([logits(fold, follows=follows) for fold in judging]) for follows in (False, True)
    )
    return comparison_of(before, after, labels[order], must_be="not-worse")


def _judged_by(fold: Fold, judges: Tensor) -> Fold:
    """The fold with the judges among its images held out; the others are learned from."""
    judged = judges[fold.held_out]
    return Fold(train=torch.cat([fold.train, fold.held_out[~judged]]), held_out=fold.held_out[judged])


def _teacher_against_start(
    teacher: Tensor, start: Tensor, labels: Tensor, *, unmeasured: str
) -> StrategyComparison:
    """Compare the teacher's own answers with a head that did not see the images.

    The teacher's answers are used unless they are clearly worse.

    Args:
        teacher: Logits [N, K].
        start: Logits [N, K].
        labels: int64 [N].
        unmeasured: The reason why it cannot be measured how much the teacher helped.
    """
    found = comparison_of(start, teacher, labels, must_be="not-worse")
    figures = (
        f"it is right for {percent(found.accuracy, digits=1)} of the labelled images, the plain head for "
        f"{percent(found.start_accuracy, digits=1)} when it has not seen them "
        f"({points(found.difference, found.interval, digits=1)})"
    )
    reason = (
        f"There is nothing to learn from this teacher: {figures}. So the plain head is kept."
        if found.start_returned
        else f"How much the teacher helped cannot be measured, because {unmeasured}: {figures}. "
        "Its answers are used."
    )
    return replace(found, reason=reason)
