"""Metrics as plain values, with their JSON form.

Neither numpy nor torch is imported here: the window reads the metrics of runs while it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from tlstudio.core.typed_values import read_classes, read_dataclass, read_value
from tlstudio.core.types import Interval

FEWEST_FOR_A_RATE = 10
"""Images below which a rate is withheld: one more that is right would move it by more than ten points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMetrics:
    """Precision, recall and F1 of one class.

    Attributes:
        class_name: The class.
        precision: Share of the images predicted as this class that belong to it; None when the class has no
            image and was never predicted.
        recall: Share of the images of this class that were predicted as it; None when it has none.
        f1: Harmonic mean of precision and recall; None when the class has no image.
        n: Number of images of this class.
    """

    class_name: str
    precision: float | None
    recall: float | None
    f1: float | None
    n: int

    def as_json(self) -> dict[str, Any]:
        """The keys of an element of `per_class` in `tlstudio evaluate --json`."""
        return {
            "class": self.class_name,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "n": self.n,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClassMetrics:
        """Read what `as_json` wrote.

        Raises:
            ValueError: The values are damaged.
        """
        values = {"precision": None, "recall": None, "f1": None, **_mapping(values)}
        return read_dataclass(cls, {**values, "class_name": values.get("class")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """All metrics of one label column. Averages over classes leave out classes without images.

    Attributes:
        accuracy: Share of correct predictions; None without images, like the metrics below.
        interval: 95 % interval of the accuracy: Wilson's, or of groups where images come in groups.
        n: Number of labelled images.
        groups: Number of groups that these images come in; None where each is a group of its own.
        macro_f1: Mean F1 over the classes that have images.
        balanced_accuracy: Mean recall over the classes that have images.
        ece: Expected calibration error, ten equal-width bins.
        ece_limit: The calibration error that chance alone makes at most with these images, if every
            percentage is true; see `calibrated_limit`.
        brier: Mean squared distance of the probabilities from the truth, summed over the classes: 0 … 2.
        brier_interval: Its 95 % interval.
        log_loss: Mean of -ln(probability of the true class).
        log_loss_interval: Its 95 % interval.
        confusion: Counts [true][predicted], K × K.
        classes: K class names.
        per_class: One entry per class, in order.
        notes: What to know when reading the metrics, e.g. classes left out of the averages.
    """

    accuracy: float | None = None
    interval: Interval | None = None
    n: int = 0
    groups: int | None = None
    macro_f1: float | None = None
    balanced_accuracy: float | None = None
    ece: float | None = None
    ece_limit: float | None = None
    brier: float | None = None
    brier_interval: Interval | None = None
    log_loss: float | None = None
    log_loss_interval: Interval | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    classes: tuple[str, ...] = ()
    per_class: tuple[ClassMetrics, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def wrong_count(self) -> int:
        """Number of images with a wrong prediction."""
        return sum(map(sum, self.confusion)) - sum(row[index] for index, row in enumerate(self.confusion))

    def worst_cell(self) -> tuple[int, int] | None:
        """True and predicted index of the most frequent confusion; None when every prediction is correct."""
        wrong = [
            (count, -true, -predicted)
            for true, row in enumerate(self.confusion)
            for predicted, count in enumerate(row)
            if true != predicted and count
        ]
        if not wrong:
            return None
        _, true, predicted = max(wrong)
        return -true, -predicted

    def as_json(self) -> dict[str, Any]:
        """The keys of `tlstudio evaluate --json`."""
        return {
            "accuracy": self.accuracy,
            "interval": interval_json(self.interval),
            "n": self.n,
            "macro_f1": self.macro_f1,
            "balanced_accuracy": self.balanced_accuracy,
            "ece": self.ece,
            "confusion": [list(row) for row in self.confusion],
            "classes": list(self.classes),
            "per_class": [entry.as_json() for entry in self.per_class],
            "groups": self.groups,
            "ece_limit": self.ece_limit,
            "brier": self.brier,
            "brier_interval": interval_json(self.brier_interval),
            "log_loss": self.log_loss,
            "log_loss_interval": interval_json(self.log_loss_interval),
        }

    def as_stored_json(self) -> dict[str, Any]:
        """The keys of `as_json`, and those that only `metrics.json` has."""
        return {**self.as_json(), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Metrics:
        """Read what `as_json` or `as_stored_json` wrote; keys that older versions lack may be missing.

        Raises:
            ValueError: The values are damaged.
        """
        values = _mapping(values)
        metrics = cls(
            accuracy=read_value(float | None, values.get("accuracy")),
            interval=_read_interval(values.get("interval")),
            n=read_value(int, values.get("n") or 0),
            groups=read_value(int | None, values.get("groups")),
            macro_f1=read_value(float | None, values.get("macro_f1")),
            balanced_accuracy=read_value(float | None, values.get("balanced_accuracy")),
            ece=read_value(float | None, values.get("ece")),
            ece_limit=read_value(float | None, values.get("ece_limit")),
            brier=read_value(float | None, values.get("brier")),
            brier_interval=_read_interval(values.get("brier_interval"), highest=2),
            log_loss=read_value(float | None, values.get("log_loss")),
            log_loss_interval=_read_interval(values.get("log_loss_interval"), highest=inf),
            confusion=read_value(tuple[tuple[int, ...], ...], values.get("confusion") or ()),
            classes=read_classes(values.get("classes") or ()),
            per_class=tuple(
                ClassMetrics.from_json(entry)
                for entry in read_value(tuple[Any, ...], values.get("per_class") or ())
            ),
            notes=read_value(tuple[str, ...], values.get("notes") or ()),
        )
        metrics.check_consistent()
        return metrics

    def check_consistent(self) -> None:
        """Check that the values fit each other.

        Raises:
            ValueError: They do not.
        """
        count = len(self.classes)
        if self.n < 0 or any(cell < 0 for row in self.confusion for cell in row):
            raise ValueError("a negative number of images")
        if self.confusion and [len(row) for row in self.confusion] != [count] * count:
            raise ValueError("a confusion matrix of other classes")
        named = tuple(entry.class_name for entry in self.per_class)
        if self.classes and named and named != self.classes:
            raise ValueError("figures of other classes")
        if self.accuracy is not None and not 0 <= self.accuracy <= 1:
            raise ValueError("an accuracy that is no share")
        if self.n and self.accuracy is None:
            raise ValueError("images without an accuracy")


def interval_json(interval: Interval | None) -> list[float] | None:
    """An interval as `[low, high]`."""
    return list(interval.pair) if interval else None


def _read_interval(values: Any, *, highest: float = 1) -> Interval | None:
    if values is None:
        return None
    low, high = read_value(tuple[float, float], values)
    if not 0 <= low <= high <= highest:
        raise ValueError("an interval that is none")
    return Interval(low=low, high=high)


def _mapping(values: Any) -> Mapping[str, Any]:
    """The values of a JSON object; anything else raises a ValueError."""
    mapping: Mapping[str, Any] = read_value(Mapping[str, Any], values)
    return mapping
