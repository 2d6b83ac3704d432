"""Class sets with guaranteed coverage: the classes that an image may show, the true one among them.

Split conformal prediction, for each class by itself (Vovk 2012, Conditional validity of inductive conformal
predictors): of each class, the least probability with which it is named is chosen by images of that class
that the classifier had not learned from. Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlstudio.evaluation.intervals import wilson

if TYPE_CHECKING:  # imports numpy
    from tlstudio.evaluation.predictions import Predictions

USUAL_COVERAGE = 0.9
"""Share of the images of each class whose class is named, where nobody wished for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSets:
    """Least probabilities with which classes are named for an image.

    Attributes:
        coverage: Of new images of any class, the class of at least this share is among those that are named.
        least: Class to the least probability with which it is named.
    """

    coverage: float
    least: Mapping[str, float]

    def check(self) -> None:
        """Raise ValueError for values that no class sets have."""
        if not 0 < self.coverage < 1 or not all(0 <= value <= 1 for value in self.least.values()):
            raise ValueError("a coverage or a probability that is none")

    def of(self, probabilities: Mapping[str, float]) -> tuple[str, ...]:
        """The classes that are named for an image, the most probable first; at least that one.

        Args:
            probabilities: Class to its probability.
        """
        order = sorted(probabilities, key=lambda name: -probabilities[name])
        return tuple(
            name for name in order if name == order[0] or probabilities[name] >= self.least.get(name, 1.0)
        )


def fewest_images(coverage: float) -> int:
    """The images of each class that it takes: 9 for a coverage of 90 %, 19 for 95 %."""
    number = 1
    while int((number + 1) * (1 - coverage) + 1e-9) < 1:
        number += 1
    return number


def choose_sets(predictions: Predictions, *, coverage: float = USUAL_COVERAGE) -> ClassSets | None:
    """Choose the least probability with which each class is named.

    Args:
        predictions: Of images that the classifier did not learn from; unlabelled ones do not count.
        coverage: Above 0 and below 1.

    Returns:
        The sets; None where a class has too few images to promise anything.
    """
    part = predictions.labelled()
    least = {}
    for index, name in enumerate(part.classes):
        of_class = part.probabilities[part.true_indices == index, index]
        # So many images of the class may have less; one more is counted than there are, the new one.
        missed = int((len(of_class) + 1) * (1 - coverage) + 1e-9)
        if missed < 1:
            return None
        of_class.sort()
        least[name] = float(of_class[missed - 1])
    return ClassSets(coverage=coverage, least=least)


def sets_json(sets: ClassSets, predictions: Predictions) -> dict[str, Any] | None:
    """Results of class sets on labelled images, as in `evaluate --json`; None without such images.

    Args:
        sets: To be tried.
        predictions: Of images by which they were not chosen.
    """
    part = predictions.labelled()
    n = len(part.paths)
    if not n:
        return None
    named = [sets.of(dict(zip(part.classes, row, strict=True))) for row in part.probabilities.tolist()]
    held = sum(
        part.classes[true] in names for true, names in zip(part.true_indices.tolist(), named, strict=True)
    )
    return {
        "coverage": sets.coverage,
        "n": n,
        "held": held,
        "interval": list(wilson(held, n).pair),
        "mean_size": sum(map(len, named)) / n,
    }
