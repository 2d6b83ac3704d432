"""Tries words on labelled images: how many are right, by chance and with a head that learned the labels."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from tlstudio.core.percent import percent, percent_range, points
from tlstudio.core.wording import count
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.training.trials.do_no_harm import comparison_of

LABEL_MORE = "Label about ten images of each class and train again: then it is measured."
UNKNOWN = (
    "How good these words are is not known, because fewer than two classes have labelled images. "
    f"{LABEL_MORE}"
)


def try_words(logits: Tensor, labels: Tensor, start: Tensor | None) -> StrategyComparison:
    """Compare words with a head that learned the labels, and with chance.

    The start is returned when it is clearly better, and when words are no better than chance nor than it.
    Without a start words are given up only where they are shown to be no better than chance: of a few images
    all may be right and still show nothing.

    Args:
        logits: By words, float [N, K]; they learned nothing from these images.
        labels: int64 [N], N at least 1.
        start: Logits [N, K] of a plain head on images that it did not learn from; None where there is none.
    """
    right = ONE_CLASS_EACH.decide(logits) == labels
    accuracy, by_chance = float(right.double().mean()), _by_chance(logits, labels)
    interval = wilson(int(right.sum()), len(labels))
    is_near_chance = interval.low <= by_chance
    images = count(len(labels), "labelled image is", plural="labelled images are")
    words = (
        f"By words alone {percent(accuracy, digits=1)} of {images} right "
        f"({percent_range(*interval.pair)} %; chance gives {percent(by_chance)})"
    )
    numbers = {"low_of_words": interval.low, "high_of_words": interval.high, "chance": by_chance}
    if start is None:
        is_chance = interval.high <= by_chance
        no_better = ", which does not show whether they are better than chance" if is_near_chance else ""
        no_better = ", which is no better than chance" if is_chance else no_better
        return StrategyComparison(
            start_accuracy=by_chance,
            accuracy=accuracy,
            n=len(labels),
            difference=accuracy - by_chance,
            interval=(interval.low - by_chance, interval.high - by_chance),
            start_returned=is_chance,
            reason=f"{words}{no_better}.",
            numbers=numbers,
        )
    found = comparison_of(start, logits, labels, must_be="not-worse")
    is_switched_off = is_near_chance and found.difference <= 0
    returned = found.start_returned or is_switched_off
    against = (
        f"a plain head that learned from the other labels has {percent(found.start_accuracy, digits=1)} "
        f"({points(found.difference, found.interval, digits=1)} for words)"
    )
    no_better = ", so these words do not sort these images" if is_switched_off else ""
    kept = "So the plain head is kept." if returned else "So the words are kept."
    return replace(
        found, start_returned=returned, reason=f"{words}{no_better}; {against}. {kept}", numbers=numbers
    )


def _by_chance(logits: Tensor, labels: Tensor) -> float:
    """The accuracy if answers and labels had nothing to do with each other, each as frequent as it is."""
    count_of_classes = logits.shape[1]
    answers, truth = (
        torch.bincount(values, minlength=count_of_classes).double() / len(labels)
        for values in (ONE_CLASS_EACH.decide(logits), labels)
    )
    return float(answers @ truth)
