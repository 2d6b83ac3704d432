"""The learning curve of prototypes: how good they are with fewer images per class, and with more to come.

A few images of each class are drawn at random, again and again; the head that they give is judged by the
other images. The share of errors falls about like a power of the number of images, a straight line where both
are logarithms, and the line is extended to twice the images.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.core.events import LearningPoint
from tlstudio.evaluation.intervals import wilson
from tlstudio.training.head.prototypes import STRENGTHS, USUAL, find_directions

IMAGES_PER_CLASS = (1, 2, 5, 10, 20, 50)
MOST_LEARNED, MOST_JUDGED = 300, 500
"""Images up to which twenty draws take about a second."""
DRAWS = 20
NORMAL_95 = 1.96


def measure_learning(
    learned: tuple[Tensor, Tensor],
    judged: tuple[Tensor, Tensor],
    *,
    units: Sequence[int],
    left_out_correct: Tensor,
    left_out_from: float,
    classes_count: int,
    seed: int,
    control: Control,
) -> tuple[LearningPoint, ...]:
    """Measure the points of the learning curve, by rising number of images.

    Args:
        learned: Features [N, F] of the images to learn from, and their labels int64 [N].
        judged: The same of all images: these N as they are predicted, and then further ones that are only
            judged.
        units: Unit of each of the N; images of the unit of one that is drawn are not judged.
        left_out_correct: Whether each image that could be left out was predicted correctly then: bool [M].
        left_out_from: Images per class that those predictions were learned from, in the mean.
        classes_count: K.
        seed: Of the draws.
        control: Checked once per draw.

    Returns:
        The points that were measured, the interval of each being that of one draw; the last one has all
        images, of which some are left out in turn, and the interval of a share. Then the point that is
        expected with twice as many images. Nothing where the smallest class has too few images, or where
        too few draws leave images of other units to judge.

    Raises:
        Cancelled: The person cancelled.
    """
    features, labels = learned
    counts = labels.bincount(minlength=classes_count)
    counts = counts[counts > 0]
    most = min(int(counts.min()), left_out_from, MOST_LEARNED / len(counts))
    numbers = [number for number in IMAGES_PER_CLASS if number < most]
    if not numbers or not len(left_out_correct):
        return ()
    draws = []
    for draw in range(DRAWS):
        control.check()
        order = torch.randperm(len(labels), generator=generator(seed, "learning curve", draw))
        shares_of_draw = _draw(
            features,
            labels,
            judged,
            numbers=numbers,
            units=torch.tensor(units, dtype=torch.int64),
            classes_count=classes_count,
            order=order,
            seed=seed,
        )
        draws.append(shares_of_draw)
    shares = torch.stack(draws)
    is_judged = ~shares.isnan()
    columns = is_judged.double().mean(dim=0) > 0.5
    numbers = [number for number, is_kept in zip(numbers, columns.tolist(), strict=True) if is_kept]
    shares = shares[is_judged[:, columns].all(dim=1)][:, columns]
    if not numbers or len(shares) < DRAWS // 2:
        return ()
    points = [
        LearningPoint(images_per_class=number, accuracy=float(column.mean()), interval=_spread(column))
        for number, column in zip(numbers, shares.T, strict=True)
    ]
    won, count = int(left_out_correct.sum()), len(left_out_correct)
    within = wilson(won, count)
    points.append(LearningPoint(images_per_class=left_out_from, accuracy=won / count, interval=within.pair))
    return (*points, _expected(points, shares, twice=2 * float(counts.double().mean()), count=count))


def _draw(
    features: Tensor,
    labels: Tensor,
    judged: tuple[Tensor, Tensor],
    *,
    numbers: Sequence[int],
    units: Tensor,
    classes_count: int,
    order: Tensor,
    seed: int,
) -> Tensor:
    """Accuracy with the first images of each class in an order, for each number: float64 [P].

    NaN where fewer images are left to judge than there are classes.
    """
    plain, truth = judged
    judging = torch.rand(len(truth), generator=generator(seed, "judging")) < MOST_JUDGED / len(truth)
    place, shares = _place_in_class(labels, order), []
    for number in numbers:
        chosen = place < number
        others = judging.clone()
        others[: len(labels)] &= ~torch.isin(units, units[chosen])
        if int(others.sum()) < classes_count:
            shares.append(nan)
            continue
        found = find_directions(
            features[chosen].double(),
            labels[chosen],
            classes_count=classes_count,
            strengths=STRENGTHS[USUAL : USUAL + 1],
        )
        right = found.scores(plain[others])[0].argmax(dim=1) == truth[others]
        shares.append(float(right.double().mean()))
    return torch.tensor(shares, dtype=torch.float64)


def _place_in_class(labels: Tensor, order: Tensor) -> Tensor:
    """The place of each image among those of its class, in an order: int64 [N], from 0."""
    place = torch.empty_like(labels)
    for label in set(labels.tolist()):
        of_class = order[labels[order] == label]
        place[of_class] = torch.arange(len(of_class))
    return place


def _spread(shares: Tensor) -> tuple[float, float]:
    """95 % interval of one draw."""
    middle, around = float(shares.mean()), NORMAL_95 * float(shares.std())
    return max(0.0, middle - around), min(1.0, middle + around)


def _expected(points: Sequence[LearningPoint], shares: Tensor, *, twice: float, count: int) -> LearningPoint:
    """Extend the line of the errors from the last point; how its slope varies by draw gives the interval."""
    last = points[-1]
    at = torch.tensor([point.images_per_class for point in points], dtype=torch.float64).log()
    least = 0.5 / count  # no error among so many is not none among all
    error = max(1 - last.accuracy, least)
    ends = shares.new_full((len(shares), 1), 1 - error)
    every = (1 - torch.cat([shares, ends], dim=1)).clamp_min(least).log()
    slopes = _slope(at, torch.cat([every.exp().mean(dim=0, keepdim=True).log(), every]))
    factors = (slopes.clamp_max(0) * (torch.tensor(twice).log() - at[-1])).exp()
    expected = float(factors[0]) * error
    of_slope = NORMAL_95 * error * float(factors[1:].std())
    # The errors become fewer by the same factor wherever in its interval the last point truly is.
    below, above = (float(factors[0]) * abs(end - (1 - error)) for end in last.interval)
    return LearningPoint(
        images_per_class=twice,
        accuracy=1 - expected,
        interval=(
            max(0.0, 1 - expected - (below**2 + of_slope**2) ** 0.5),
            min(1.0, 1 - expected + (above**2 + of_slope**2) ** 0.5),
        ),
    )


def _slope(at: Tensor, values: Tensor) -> Tensor:
    """Slope of the line through each row of values [R, P] at [P], by least squares: [R]."""
    from_middle = at - at.mean()
    return (values * from_middle).sum(dim=1) / from_middle.square().sum()
