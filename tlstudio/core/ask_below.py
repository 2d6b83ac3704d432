"""The probabilities of a class below which an answer is left to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AskBelow:
    """The thresholds of one label column.

    Attributes:
        overall: Of every class without a threshold of its own; 0 never asks.
        classes: Class to its own threshold; it counts where the answer is this class.
    """

    overall: float
    classes: Mapping[str, float] = field(default_factory=dict)

    def of(self, class_name: str) -> float:
        """The threshold of an answer."""
        return self.classes.get(class_name, self.overall)

    def check(self) -> None:
        """Raise ValueError for thresholds that are none."""
        if not all(0 <= threshold <= 1 for threshold in (self.overall, *self.classes.values())):
            raise ValueError("a threshold that is none")
