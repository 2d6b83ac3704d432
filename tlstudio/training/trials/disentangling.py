"""Compares a head that cannot use a nuisance with the plain head, on images that had no part in either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.percent import percent, points
from tlstudio.core.types import Interval
from tlstudio.core.wording import count as count_words
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.intervals import Z95, wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.training.head.erasure import balanced_weights, combinations, fit_eraser
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, ProbeSolution, fit_probe
from tlstudio.training.trials.comparison import STANDARD_ERRORS

PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Marks of the images that each head predicts right without having learned from them: bool [N] each.

    Attributes:
        before: Its class, by the plain head.
        after: Its class, by the head that cannot use the nuisance.
        guessed_before: Its nuisance, by a head on the features.
        guessed_after: The same on the features from which it was erased.
    """

    before: Tensor
    after: Tensor
    guessed_before: Tensor
    guessed_after: Tensor


def predict_left_out(
    features: Tensor,
    images: Sequence[RunImage],
    values: Tensor,
    *,
    classes_count: int,
    seed: int,
    control: Control,
) -> Correct:
    """Leave out each third of the images and predict it, with and without the nuisance.

    Args:
        features: float32 [N, F].
        images: N images.
        values: int64 [N], the nuisance.
        classes_count: Number of classes.
        seed: Of the run.
        control: Checked once per head.

    Raises:
        Cancelled: The person cancelled.
    """
    labels = label_tensor(images)
    parts = folds_of(images, count=PARTS, seed=seed)
    correct = torch.zeros(4, len(images), dtype=torch.bool)
    values_count = int(values.max()) + 1
    for part in range(PARTS):
        learned, left_out = (parts != part).nonzero()[:, 0], (parts == part).nonzero()[:, 0]
        learning = [images[index] for index in learned.tolist()]
        weights = balanced_weights(labels[learned], values[learned])
        eraser = fit_eraser(features[learned], values[learned], weights=weights)
        erased = eraser.erase(features)
        for row, table, targets, count, of_images in (
            (0, features, labels, classes_count, None),
            (1, erased, labels, classes_count, weights),
            (2, features, values, values_count, weights),
            (3, erased, values, values_count, weights),
        ):
            control.check()
            head = _solve(
                table[learned], learning, targets[learned], count=count, seed=seed, weights=of_images
            )
            logits = table[left_out] @ head.weight.T + head.bias
            correct[row, left_out] = ONE_CLASS_EACH.decide(logits) == targets[left_out]
    return Correct(before=correct[0], after=correct[1], guessed_before=correct[2], guessed_after=correct[3])


def _solve(
    features: Tensor,
    images: Sequence[RunImage],
    targets: Tensor,
    *,
    count: int,
    seed: int,
    weights: Tensor | None,
) -> ProbeSolution:
    """A linear head on features [N, F] for targets int64 [N], of which there are `count` different ones."""
    return fit_probe(
        Features.of(features),
        targets,
        classes_count=count,
        class_weighting=False,
        image_weights=weights,
        folds=folds_of(images, count=FOLDS, seed=seed),
    )


def comparison_of(
    correct: Correct, labels: Tensor, values: Tensor, *, name: str, names: Sequence[tuple[str, str]]
) -> StrategyComparison:
    """Compare both heads with all combinations of class and nuisance counted alike.

    On images in which both go together, a head that uses the nuisance looks better than it is where they do
    not. Counted alike, each combination tells as much.

    Args:
        correct: On images that were left out.
        labels: int64 [N].
        values: int64 [N], the nuisance.
        name: Of the nuisance, as the person gave it.
        names: Class and value of each image.
    """
    groups = combinations(labels, values)
    counts = groups.bincount().double()
    share = 1 / (len(counts) * counts[groups])
    gain = correct.after.double() - correct.before.double()
    difference = float(share @ gain)
    # One variance for all: few images of a group say nothing about their own.
    variance = (float(gain.square().sum()) + 1) / len(gain)
    error = (variance * float((1 / counts).sum())) ** 0.5 / len(counts)
    before, after = (float(share @ part.double()) for part in (correct.before, correct.after))
    worst_before, worst_after = (_worst(part, groups) for part in (correct.before, correct.after))
    guessed = [_guessed(part, share) for part in (correct.guessed_before, correct.guessed_after)]
    kept = difference >= -STANDARD_ERRORS * error
    ends = max(-1.0, difference - Z95 * error), min(1.0, difference + Z95 * error)
    chance = 1 / (int(values.max()) + 1)
    number = int((groups == worst_after[1]).nonzero()[0, 0])
    (first, _), (second, interval) = guessed
    verdict = "The result is kept." if kept else "That is clearly less, so the plain head is kept."
    reason = (
        f"“{name}” could be guessed for {percent(first)} of left-out images, and for {percent(second)} "
        f"({percent(interval.low)} to {percent(interval.high)}) when it is ignored; chance is "
        f"{percent(chance)}. With all combinations counted alike {percent(after, digits=1)} are right "
        f"against {percent(before, digits=1)} with the plain head ({points(difference, ends, digits=1)}); "
        f"in the worst combination ({', '.join(names[number])}: "
        f"{count_words(int(counts[worst_after[1]]), 'image')}) {percent(worst_after[0])}, in the worst one "
        f"with the plain head {percent(worst_before[0])}. {verdict}"
    )
    return StrategyComparison(
        start_accuracy=before,
        accuracy=after,
        n=len(labels),
        difference=difference,
        interval=ends,
        start_returned=not kept,
        reason=reason,
        numbers={
            "guessed_before": first,
            "guessed": second,
            "guessed_low": interval.low,
            "guessed_high": interval.high,
            "chance": chance,
            "worst_before": worst_before[0],
            "worst": worst_after[0],
        },
    )


def _worst(correct: Tensor, groups: Tensor) -> tuple[float, int]:
    """Accuracy in the worst combination, and its number."""
    counts = groups.bincount()
    right = torch.zeros(len(counts), dtype=torch.float64).index_add(0, groups, correct.double())
    worst, number = (right / counts).min(dim=0)
    return float(worst), int(number)


def _guessed(correct: Tensor, share: Tensor) -> tuple[float, Interval]:
    """Share of right guesses, all combinations alike, and its interval for as many images as that weighs."""
    guessed = float(share @ correct.double())
    n = max(1, round(float(1 / share.square().sum())))
    return guessed, wilson(round(guessed * n), n)
