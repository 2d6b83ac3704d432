"""The result of a finished run: what `metrics.json` holds and `tlstudio train --json` prints.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tlstudio.core.errors import UserError
from tlstudio.core.typed_values import read_classes, read_dataclass, read_value
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import interval_json
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import MAKE_AGAIN, RunFolder

if TYPE_CHECKING:  # imports numpy
    from tlstudio.evaluation.predictions import Predictions

Status = Literal["finished", "stopped"]
"""The end of a run: by itself, or when the person ended training early and kept the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSeconds:
    """Durations of a run and its parts, in seconds.

    Attributes:
        total: From its start to its last metric, time before an interruption included.
        features: Computing the features of the frozen stages.
        train: Training proper.
    """

    total: float | None = None
    features: float | None = None
    train: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunResult:
    """The result of a finished run.

    Attributes:
        status: Its end, see `Status`.
        classes: Class names, in the order of the classifier's outputs.
        images: Number of images: "train", "validation", "test" and "skipped".
        validation: Evaluation on the images the classifier was chosen by; n is 0 without such images.
        test: Evaluation on images that had no part in training; n is 0 without such images.
        epochs: Last epoch, or number of settings tried.
        best_epoch: The one whose classifier was kept; 0 is the start.
        train_accuracy: Accuracy on the training images at `best_epoch`, None when it was not measured.
        training_precision: Number format of the training steps, e.g. "bfloat16"; None means float32.
        seconds: How long it took.
        warnings: Messages, in the order they came.
    """

    status: Status
    classes: tuple[str, ...] = ()
    images: Mapping[str, int] = field(default_factory=dict)
    validation: Evaluation
    test: Evaluation
    epochs: int = 0
    best_epoch: int | None = None
    train_accuracy: float | None = None
    training_precision: str | None = None
    seconds: RunSeconds = field(default_factory=RunSeconds)
    warnings: tuple[str, ...] = ()

    @property
    def reported(self) -> Evaluation:
        """The evaluation to report: on test images where there are some, else on validation images."""
        return self.test if self.test.n else self.validation

    def with_predictions(self, predictions: Mapping[str, Predictions]) -> RunResult:
        """The same result with the predictions of the run.

        Args:
            predictions: Split name to its predictions, as in `predictions.csv`.
        """
        return replace(
            self,
            validation=self.validation.with_predictions(predictions.get("validation")),
            test=self.test.with_predictions(predictions.get("test")),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the content of `metrics.json`."""
        return {
            "status": self.status,
            "classes": list(self.classes),
            "images": dict(self.images),
            "validation": self.validation.as_stored_json(),
            "test": self.test.as_stored_json(),
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "train_accuracy": self.train_accuracy,
            "training_precision": self.training_precision,
            "seconds": self._seconds(),
            "warnings": list(self.warnings),
        }

    def as_train_json(self, folder: Path) -> dict[str, Any]:
        """The fixed object of `tlstudio train --json`.

        Args:
            folder: Of the run.
        """
        values = {
            "run": str(folder),
            "status": self.status,
            "classes": list(self.classes),
            "images": dict(self.images),
            "validation": _brief(self.validation.primary),
            "test": _brief(self.test.primary),
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "seconds": self._seconds(),
            "warnings": list(self.warnings),
        }
        if len(self.validation.columns) > 1:
            values["columns"] = {
                name: {"validation": _brief(column), "test": _brief(self.test.columns[name])}
                for name, column in self.validation.columns.items()
            }
        return values

    def _seconds(self) -> dict[str, float | None]:
        return {
            "total": self.seconds.total,
            "features": self.seconds.features,
            "train": self.seconds.train,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunResult:
        """Read what `as_json` wrote; keys that older versions lack may be missing.

        Raises:
            ValueError: The values are damaged.
        """
        return cls(
            status=read_value(Status, values.get("status")),
            classes=read_classes(values.get("classes") or ()),
            images=read_value(Mapping[str, int], values.get("images") or {}),
            validation=Evaluation.from_json(values.get("validation"), subset="validation"),
            test=Evaluation.from_json(values.get("test"), subset="test"),
            epochs=read_value(int, values.get("epochs") or 0),
            best_epoch=read_value(int | None, values.get("best_epoch")),
            train_accuracy=read_value(float | None, values.get("train_accuracy")),
            training_precision=read_value(str | None, values.get("training_precision")),
            seconds=read_dataclass(RunSeconds, values.get("seconds") or {}),
            warnings=read_value(tuple[str, ...], values.get("warnings") or ()),
        )


def read_run_result(run: RunFolder) -> RunResult:
    """Read the metrics of a finished run; the predictions behind them are not read.

    Raises:
        UserError: The run is not finished, or its metrics are damaged.
    """
    values = run.read_json(run.metrics)
    try:
        return RunResult.from_json(values)
    except ValueError as error:
        raise UserError(f"{run.metrics} is damaged.", mend=MAKE_AGAIN) from error


def read_whole_result(run: RunFolder) -> RunResult:
    """Read a finished run with its predictions; without them when their file is missing.

    Raises:
        UserError: The run is not finished, or its metrics or predictions are damaged.
    """
    result = read_run_result(run)
    return with_stored_predictions(result, run) if run.predictions.exists() else result


def with_stored_predictions(result: RunResult, run: RunFolder) -> RunResult:
    """The result of a run with the predictions in its folder.

    Raises:
        UserError: Their file is missing or damaged, or not the one that the metrics were computed from.
    """
    from tlstudio.evaluation.predictions import read_predictions_csv  # imports numpy

    predictions = read_predictions_csv(run.predictions)
    evaluations: dict[str, Evaluation] = {"validation": result.validation, "test": result.test}
    agree = all(_is_of(evaluation, predictions.get(name)) for name, evaluation in evaluations.items())
    if not agree or not predictions.keys() <= evaluations.keys():
        raise UserError(
            f"{run.predictions} is damaged: its rows are not those that {run.metrics.name} was made from.",
            mend=MAKE_AGAIN,
        )
    return result.with_predictions(predictions)


def with_tries(result: dict[str, Any], run: RunFolder) -> dict[str, Any]:
    """The object of `tlstudio train --json` with what "Choose for me" tried; unchanged without tries.

    Args:
        result: The object.
        run: Its run.
    """
    trials = RunHistory(run.read_events()).trials
    if not trials:
        return result
    tried = [asdict(trial) for trial in trials]
    return {**result, "tried": [{name: one[name] for name in one if name != "run_id"} for one in tried]}


def _is_of(evaluation: Evaluation, predictions: Predictions | None) -> bool:
    """Return whether an evaluation is one of these predictions."""
    from tlstudio.evaluation.metrics import confusion_matrix  # imports numpy

    parts = predictions.of_columns(tuple(evaluation.columns)) if predictions is not None else {}
    for name, column in evaluation.columns.items():
        metrics, part = column.metrics, parts[name].labelled() if name in parts else None
        if part is None or not part.paths:
            if metrics.n:
                return False
            continue
        size = len(part.classes)
        confusion = confusion_matrix(part.true_indices, part.predicted_indices, classes_count=size)
        if part.classes != metrics.classes or confusion.tolist() != [list(row) for row in metrics.confusion]:
            return False
    return True


def _brief(column: ColumnEvaluation) -> dict[str, Any]:
    metrics = column.metrics
    return {
        "accuracy": metrics.accuracy,
        "interval": interval_json(metrics.interval),
        "n": metrics.n,
    }
