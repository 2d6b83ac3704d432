"""Rules for taking the answers of a classifier; they travel in its checkpoint and in every export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tlstudio.core.typed_values import read_dataclass

UnknownMethod = Literal["mahalanobis", "neighbours", "both", "both and doubt"]
"""Sources of an unknown score: the distance to the nearest class, to the nearest images, or both, and the
doubt between classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRecord:
    """Record of the making of an unknown score, and of its quality.

    Attributes:
        method: What it is computed from.
        images: Number of training images that it was made from.
        left_out: Number of classes, or groups of classes, that were left out in turn to try it.
        auroc: How often an image of a class that was left out scored higher than a training image that was
            held out, 0.5 by chance: mean over what was left out; None where nothing could be.
    """

    method: UnknownMethod
    images: int
    left_out: int = 0
    auroc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRules:
    """Rules for the answers of one classifier. Those that it does not have are None.

    Attributes:
        unknown: The classifier gives an unknown score.
    """

    unknown: UnknownRecord | None = None

    @property
    def format_version(self) -> int:
        """The first version of the files of classifiers and of exports that can have these rules."""
        if self.unknown is None:
            return 1
        return 4 if self.unknown.method == "both and doubt" else 3

    def as_values(self) -> dict[str, Any]:
        """The rules that there are, as plain JSON values; empty without any."""
        return {name: rule for name, rule in asdict(self).items() if rule is not None}


def answer_rules_from(values: Mapping[str, Any]) -> AnswerRules:
    """Read what `AnswerRules.as_values` gave.

    Raises:
        ValueError: It is damaged.
    """
    rules = read_dataclass(AnswerRules, values)
    area = rules.unknown.auroc if rules.unknown is not None else None
    if area is not None and not 0 <= area <= 1:
        raise ValueError("an area under a curve that is none")
    return rules
