"""The labels that a run learned from, by how well each fits the others: `label-scores.json` of its folder.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json
from tlstudio.core.typed_values import read_dataclass
from tlstudio.project.runs import MAKE_AGAIN, RunFolder

WRONG = 0.5
"""Probability of being wrong above which a label looks wrong: more likely so than not."""

FEWEST_UNITS = 3
"""Units of a class from which its labels can be judged: with one of them left out, two can speak for it."""
MOST_IMAGES = 20_000
"""Images up to which it takes seconds and a gigabyte of memory at most; labels of more are not scored."""


def can_be_judged(labels: Sequence[object], *, units: Sequence[int]) -> list[bool]:
    """Find out for each label whether its class has enough units.

    Args:
        labels: Of N images.
        units: Of the images, see `unit_numbers`.
    """
    of_class = Counter(label for _, label in set(zip(units, labels, strict=True)))
    return [of_class[label] >= FEWEST_UNITS for label in labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredLabel:
    """One label.

    Attributes:
        path: Of its image, as in the dataset.
        label: The class that it names.
        suggestion: The class that the other images speak for; may be the same.
        wrong: Probability that the label is wrong; None where it could not be judged.
    """

    path: str
    label: str
    suggestion: str
    wrong: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredLabels:
    """The labels of a run's training and validation images.

    Attributes:
        labels: The least plausible first; at the end those of classes with too few images to be judged.
        rate: Share of wrong labels, as estimated.
        interval: 95 % interval of the share.
        is_shown: Whether wrong labels are needed to explain what was seen (99 %).
    """

    labels: tuple[ScoredLabel, ...]
    rate: float
    interval: tuple[float, float]
    is_shown: bool

    @property
    def judged(self) -> int:
        """Number of labels that could be judged."""
        return sum(one.wrong is not None for one in self.labels)

    def suspected(self) -> tuple[ScoredLabel, ...]:
        """The labels that look wrong, the least plausible first; none while it is not shown that any is."""
        if not self.is_shown:
            return ()
        return tuple(one for one in self.labels if one.wrong is not None and one.wrong > WRONG)

    def check(self) -> None:
        """Raise ValueError for figures that no scoring gives."""
        shares = (self.rate, *self.interval, *(one.wrong for one in self.labels if one.wrong is not None))
        if not all(math.isfinite(share) and 0 <= share <= 1 for share in shares):
            raise ValueError("a share that is none")


def read_label_scores(run: RunFolder) -> ScoredLabels | None:
    """Read the scored labels of a run; None for one that scored none, as older ones.

    Raises:
        UserError: The file is damaged.
    """
    if not run.label_scores.exists():
        return None
    values: Any = run.read_json(run.label_scores)
    try:
        labels = _labels(values.get("labels"))
        scored = replace(read_dataclass(ScoredLabels, {**values, "labels": []}), labels=labels)
        scored.check()
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"{run.label_scores} is damaged.", mend=MAKE_AGAIN) from error
    return scored


def _labels(values: Any) -> tuple[ScoredLabel, ...]:
    """Read the labels: by hand, because there are many and the general reader takes ten times as long."""
    found = []
    for value in values:
        one = ScoredLabel(**value)
        texts = isinstance(one.path, str) and isinstance(one.label, str) and isinstance(one.suggestion, str)
        if not texts or not (one.wrong is None or isinstance(one.wrong, float | int)):
            raise ValueError(f"{value} is no scored label")
        found.append(one)
    return tuple(found)


def label_scores_are_sound(run: RunFolder) -> bool:
    """Return whether a run has scored labels that can be read."""
    try:
        return read_label_scores(run) is not None
    except UserError:
        return False


def write_label_scores(run: RunFolder, scored: ScoredLabels) -> None:
    """Write `label-scores.json` of a run."""
    write_json(run.label_scores, asdict(scored))
