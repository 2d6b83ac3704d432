"""Metrics as plain values, with their JSON form.

Neither numpy nor torch is imported here: the window reads the metrics of runs while it starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlstudio.core.types import Interval


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
            KeyError, TypeError, ValueError: The values are damaged.
        """
        return cls(
            class_name=str(values["class"]),
            precision=optional_float(values.get("precision")),
            recall=optional_float(values.get("recall")),
            f1=optional_float(values.get("f1")),
            n=int(values["n"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """All metrics of one label column. Averages over classes leave out classes without images.

    Attributes:
        accuracy: Share of correct predictions; None without images, like the metrics below.
        interval: Wilson 95 % interval of the accuracy.
        n: Number of labelled images.
        macro_f1: Mean F1 over the classes that have images.
        balanced_accuracy: Mean recall over the classes that have images.
        ece: Expected calibration error, 15 equal-width bins.
        log_loss: Mean of -ln(probability of the true class).
        confusion: Counts [true][predicted], K × K.
        classes: K class names.
        per_class: One entry per class, in order.
        notes: What to know when reading the metrics, e.g. classes left out of the averages.
    """

    accuracy: float | None = None
    interval: Interval | None = None
    n: int = 0
    macro_f1: float | None = None
    balanced_accuracy: float | None = None
    ece: float | None = None
    log_loss: float | None = None
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
        """The fixed keys of `tlstudio evaluate --json`."""
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
        }

    def as_stored_json(self) -> dict[str, Any]:
        """The keys of `as_json`, and those that only `metrics.json` has."""
        return {**self.as_json(), "log_loss": self.log_loss, "notes": list(self.notes)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Metrics:
        """Read what `as_json` or `as_stored_json` wrote; keys that older versions lack may be missing.

        Raises:
            KeyError, TypeError, ValueError: The values are damaged.
        """
        n = int(values.get("n") or 0)
        metrics = cls(
            accuracy=optional_float(values.get("accuracy")),
            interval=_read_interval(values.get("interval")),
            n=n,
            macro_f1=optional_float(values.get("macro_f1")),
            balanced_accuracy=optional_float(values.get("balanced_accuracy")),
            ece=optional_float(values.get("ece")),
            log_loss=optional_float(values.get("log_loss")),
            confusion=tuple(tuple(map(int, row)) for row in values.get("confusion") or ()),
            classes=tuple(str(name) for name in values.get("classes") or ()),
            per_class=tuple(ClassMetrics.from_json(entry) for entry in values.get("per_class") or ()),
            notes=tuple(str(note) for note in values.get("notes") or ()),
        )
        if n and metrics.accuracy is None:
            raise ValueError("images without an accuracy")
        return metrics


def guessing_accuracy(confusion: Sequence[Sequence[int]]) -> float | None:
    """Accuracy of always predicting the largest class, as a fraction.

    Args:
        confusion: Counts [true][predicted], K × K.

    Returns:
        None without images.
    """
    counts = [sum(row) for row in confusion]
    return max(counts) / sum(counts) if sum(counts) else None


def interval_json(interval: Interval | None) -> list[float] | None:
    """An interval as `[low, high]`."""
    return list(interval.pair) if interval else None


def _read_interval(values: Any) -> Interval | None:
    if values is None:
        return None
    low, high = values
    return Interval(low=float(low), high=float(high))


def optional_float(value: Any) -> float | None:
    """A number of a JSON file that may be null."""
    return None if value is None else float(value)
