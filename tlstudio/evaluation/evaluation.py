"""The evaluation of a classifier on one set of images: metrics, predictions and findings.

The JSON of an evaluation, in `metrics.json` and in `tlstudio evaluate --json`, is written and read only here
and in `metric_values`. Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log
from typing import TYPE_CHECKING, Any, Literal

from tlstudio.core.dataset import DEFAULT_COLUMN
from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding, finding_from_values
from tlstudio.core.typed_values import read_value
from tlstudio.core.types import SPLIT_WORDS
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.evaluation.verdict import Verdict, verdict, weigh

if TYPE_CHECKING:  # these import numpy
    from tlstudio.evaluation.calibration import Calibration
    from tlstudio.evaluation.predictions import Predictions

SMALLEST_PROBABILITY = 1e-15
"""Least probability in a log loss, so that it stays finite: about float64's own rounding, as in scikit-learn
before its 1.5."""

Subset = Literal["test", "validation", "cross-validated", "folder"]
"""Kind of images that were evaluated: a split of the run, all its images, each answered by heads that did not
learn from it, or another labelled folder."""

IMAGES_OF: dict[Subset, str] = {
    "test": f"{SPLIT_WORDS['test']} images",
    "validation": f"{SPLIT_WORDS['validation']} images",
    "cross-validated": "images left out in turn",
    "folder": "images of that folder",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPrediction:
    """The prediction for one image, next to its label.

    Attributes:
        path: Relative to the root of the images.
        true_class: Its label, empty when it has none.
        predicted_class: The most probable class.
        probabilities: Class name to probability.
    """

    path: str
    true_class: str
    predicted_class: str
    probabilities: Mapping[str, float]

    @property
    def probability(self) -> float:
        """Probability of the predicted class."""
        return self.probabilities[self.predicted_class]

    @property
    def loss(self) -> float:
        """-ln of the probability of the true class; 0 without a label."""
        if not self.true_class:
            return 0.0
        return -log(max(self.probabilities[self.true_class], SMALLEST_PROBABILITY))

    @property
    def is_correct(self) -> bool:
        """True if the predicted class is the label."""
        return self.true_class == self.predicted_class


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnEvaluation:
    """The evaluation of one label column.

    Attributes:
        metrics: Metrics with their n and interval.
        predictions: The predictions behind the metrics; None when their file is missing or damaged.
    """

    metrics: Metrics
    predictions: Predictions | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the confusion matrix."""
        return self.metrics.classes

    def cell(self, true: int, predicted: int) -> tuple[str, ...]:
        """The images behind a cell of the confusion matrix.

        Args:
            true: Index of the true class.
            predicted: Index of the predicted class.

        Returns:
            Paths, the most probable predictions first; none when there are no predictions.
        """
        part = self.predictions
        if part is None:
            return ()
        rows = ((part.true_indices == true) & (part.predicted_indices == predicted)).nonzero()[0]
        order = (-part.confidence[rows]).argsort(kind="stable")
        return tuple(part.paths[row] for row in rows[order])

    def most_wrong(self, limit: int) -> tuple[str, ...]:
        """The images with a wrong prediction, from the most to the least sure one.

        Args:
            limit: How many at most.

        Returns:
            Paths; none when there are no predictions.
        """
        part = self.predictions
        if part is None:
            return ()
        rows = ((part.true_indices >= 0) & (part.true_indices != part.predicted_indices)).nonzero()[0]
        order = (-part.confidence[rows]).argsort(kind="stable")
        return tuple(part.paths[row] for row in rows[order[:limit]])

    def mistakes_with(self, label: int) -> tuple[str, ...]:
        """The images of a class that were missed, and those that were wrongly taken for it.

        Args:
            label: Index of the class.

        Returns:
            Paths, the surest mistakes first; none when there are no predictions.
        """
        part = self.predictions
        if part is None:
            return ()
        is_wrong = (part.true_indices >= 0) & (part.true_indices != part.predicted_indices)
        rows = (is_wrong & ((part.true_indices == label) | (part.predicted_indices == label))).nonzero()[0]
        order = (-part.confidence[rows]).argsort(kind="stable")
        return tuple(part.paths[row] for row in rows[order])

    def prediction(self, path: str) -> LabelledPrediction:
        """The prediction for one image.

        Args:
            path: As in `predictions`.

        Raises:
            KeyError: There is no prediction for this image.
        """
        part, row = self.predictions, self._rows[path]
        assert part is not None
        true, predicted = int(part.true_indices[row]), int(part.probabilities[row].argmax())
        return LabelledPrediction(
            path=path,
            true_class=part.classes[true] if true >= 0 else "",
            predicted_class=part.classes[predicted],
            probabilities=dict(zip(part.classes, part.probabilities[row].tolist(), strict=True)),
        )

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {path: row for row, path in enumerate(self.predictions.paths if self.predictions else ())}

    @cached_property
    def calibration(self) -> Calibration:
        """Confidence against accuracy; without bins when there are no predictions."""
        from tlstudio.evaluation.calibration import Calibration, calibration_bins  # imports numpy

        if self.predictions is None:
            return Calibration(ece=self.metrics.ece, limit=self.metrics.ece_limit)
        part = self.predictions.labelled()
        bins = calibration_bins(part.confidence, part.predicted_indices == part.true_indices)
        return Calibration(bins=bins, ece=self.metrics.ece, limit=self.metrics.ece_limit)

    def with_predictions(self, predictions: Predictions | None) -> ColumnEvaluation:
        """The same evaluation with its predictions, and with the metrics that older versions lack."""
        metrics = self.metrics
        if predictions is not None and metrics.n and metrics.ece_limit is None:
            from tlstudio.evaluation.metrics import with_confidence  # imports numpy

            metrics = with_confidence(metrics, predictions)
        return replace(self, metrics=metrics, predictions=predictions)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The evaluation of a classifier on one set of images.

    Attributes:
        subset: Which images.
        columns: Label column to its evaluation; at least one.
        findings: What the checks on a classifier found; empty when they did not run.
        left_out: Images of a folder that do not count, by reason: see `LeftOut.counts`.
    """

    subset: Subset
    columns: Mapping[str, ColumnEvaluation]
    findings: tuple[Finding, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def primary(self) -> ColumnEvaluation:
        """The evaluation of the first label column, of most classifiers the only one."""
        return next(iter(self.columns.values()))

    def of_column(self, name: str) -> Evaluation:
        """The evaluation of one label column alone; findings are about the first one.

        Args:
            name: Of the column.
        """
        is_first = name == next(iter(self.columns))
        return replace(self, columns={name: self.columns[name]}, findings=self.findings if is_first else ())

    @property
    def images(self) -> str:
        """The kind of its images in words, e.g. "test images"."""
        return IMAGES_OF[self.subset]

    @property
    def n(self) -> int:
        """Number of images that have a label in the first column."""
        return self.primary.metrics.n

    @property
    def verdict(self) -> Verdict:
        """The verdict on its use: by the figures of the first column, and the gravest finding."""
        metrics = self.primary.metrics
        judged = verdict(metrics.confusion, metrics.classes, images=self.images, interval=metrics.interval)
        return weigh(judged, self.findings)

    def with_predictions(self, predictions: Predictions | None) -> Evaluation:
        """The same evaluation with the predictions of all columns.

        Raises:
            UserError: They are of other classes or columns.
        """
        parts = predictions.of_columns(tuple(self.columns)) if predictions is not None else {}
        damaged = self.n and any(
            parts.get(name) is None or parts[name].classes != column.classes
            for name, column in self.columns.items()
        )
        if predictions is not None and damaged:
            raise UserError(
                "The predictions of this run are of other classes than its metrics: a file is damaged.",
                mend="Put predictions.csv and metrics.json back from a copy, or delete both and "
                "resume the training.",
            )
        columns = {name: column.with_predictions(parts.get(name)) for name, column in self.columns.items()}
        return replace(self, columns=columns)

    def as_json(self) -> dict[str, Any]:
        """The fixed object of `tlstudio evaluate --json`, and the verdict; with several columns `"columns"`.

        Of a folder also `"left_out"`.
        """
        columns = {name: column.metrics.as_json() for name, column in self.columns.items()}
        values = _joined(columns, [finding.as_json() for finding in self.findings])
        judged = self.verdict
        values["verdict"] = {
            "severity": judged.severity,
            "message": judged.message,
            "mend": judged.mend,
        }
        return {**values, "left_out": dict(self.left_out)} if self.subset == "folder" else values

    def as_stored_json(self) -> dict[str, Any]:
        """Return the content of `metrics.json` for one split."""
        columns = {name: column.metrics.as_stored_json() for name, column in self.columns.items()}
        return _joined(columns, [finding.as_values() for finding in self.findings])

    @classmethod
    def from_json(cls, values: Any, *, subset: Subset) -> Evaluation:
        """Read what `as_json` or `as_stored_json` wrote; keys that older versions lack may be missing.

        Raises:
            ValueError: The values are damaged.
        """
        values = read_value(Mapping[str, Any], values)
        columns = read_value(Mapping[str, Any], values.get("columns") or {DEFAULT_COLUMN: values})
        return cls(
            subset=subset,
            columns={
                name: ColumnEvaluation(metrics=Metrics.from_json(part)) for name, part in columns.items()
            },
            findings=tuple(
                finding_from_values(found)
                for found in read_value(tuple[Any, ...], values.get("findings") or ())
            ),
            left_out=read_value(Mapping[str, int], values.get("left_out") or {}),
        )


def _joined(columns: Mapping[str, dict[str, Any]], findings: list[dict[str, Any]]) -> dict[str, Any]:
    """One object: the first column's values, the findings, and all columns by name if several."""
    values = {**next(iter(columns.values())), "findings": findings}
    return {**values, "columns": dict(columns)} if len(columns) > 1 else values
