"""Classes that are mixed up: pairs in order, and an order of the classes that brings them together.

Importing this module loads neither numpy nor torch: the window does it at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Confusion = Sequence[Sequence[int]]
"""Counts [true][predicted], K × K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedPair:
    """Images of one class that were taken for another.

    Attributes:
        true: Index of the true class.
        predicted: Index of the predicted class.
        images: How many images.
        n: How many images the true class has.
    """

    true: int
    predicted: int
    images: int
    n: int


def confused_pairs(confusion: Confusion) -> tuple[ConfusedPair, ...]:
    """The cells off the diagonal that hold images, the fullest first, then by share of the true class."""
    pairs = [
        ConfusedPair(true=true, predicted=predicted, images=images, n=sum(row))
        for true, row in enumerate(confusion)
        for predicted, images in enumerate(row)
        if images and true != predicted
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.images, pair.n, pair.true, pair.predicted)))


def order_by_confusion(confusion: Confusion) -> tuple[int, ...]:
    """Order the classes so that those that are mixed up stand side by side, the most mixed up first.

    It starts with the class of the most mistakes; each next class is the one that is most often mixed up with
    the last. Where the last is mixed up with none that is left, it goes on with that of the most mistakes.
    """
    count = len(confusion)
    between = [
        [0 if one == other else confusion[one][other] + confusion[other][one] for other in range(count)]
        for one in range(count)
    ]
    mistakes = [sum(row) for row in between]
    waiting, order = set(range(count)), list[int]()
    while waiting:
        beside = between[order[-1]] if order else mistakes
        chosen = max(waiting, key=lambda one: (beside[one], mistakes[one], -one))
        order.append(chosen)
        waiting.remove(chosen)
    return tuple(order)


def reordered(confusion: Confusion, order: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The confusion matrix with its classes in another order.

    Args:
        confusion: Of K classes.
        order: Index of the class at each place.
    """
    return tuple(tuple(confusion[true][predicted] for predicted in order) for true in order)
