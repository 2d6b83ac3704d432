"""A run's figures and answers as the Evaluate page shows them, read off the GUI thread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tlstudio.core.errors import UserError
from tlstudio.gui.number_text import backbone_title
from tlstudio.project.runs import RunFolder, RunSummary, summarise

if TYPE_CHECKING:
    from tlstudio.evaluation.predictions import Predictions

SMALLEST_PROBABILITY = 1e-15
Source = Literal["test", "validation", "folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the classifier said about one image.

    Attributes:
        path: As in the predictions, relative to `root` of its part.
        file: Absolute path.
        true_class: Its label, empty when it has none.
        predicted_class: The most probable class.
        confidence: Probability of the predicted class.
        loss: -ln of the probability of the true class; 0 without a label.
        probabilities: Class name to probability.
    """

    path: str
    file: str
    true_class: str
    predicted_class: str
    confidence: float
    loss: float
    probabilities: Mapping[str, float]

    @property
    def is_right(self) -> bool:
        """Whether the answer is the label."""
        return self.true_class == self.predicted_class


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The figures of one set of images, and the answers behind them.

    Attributes:
        source: Where the images are from.
        figures: As in `evaluate --json`.
        classes: In the order of the confusion matrix.
        root: What the paths of the answers are relative to.
        predictions: The answers; None when there is no readable file of them.
        reliability: What the view "reliability" takes; None without answers.
    """

    source: Source
    figures: Mapping[str, Any]
    classes: tuple[str, ...]
    root: Path
    predictions: Predictions | None
    reliability: Mapping[str, Any] | None

    @property
    def n(self) -> int:
        """How many images."""
        return int(self.figures.get("n") or 0)

    def cell(self, true_index: int, predicted_index: int) -> list[Answer]:
        """The images of a cell of the confusion matrix, the surest first."""
        answers = self.predictions
        if answers is None:
            return []
        inside = (answers.true_indices == true_index) & (answers.predicted_indices == predicted_index)
        rows = sorted(inside.nonzero()[0].tolist(), key=lambda row: -answers.confidence[row])
        return [self._answer(row) for row in rows]

    def most_wrong(self, *, most: int) -> list[Answer]:
        """Wrong answers by falling loss."""
        answers = self.predictions
        if answers is None:
            return []
        wrong = (answers.true_indices >= 0) & (answers.true_indices != answers.predicted_indices)
        rows = wrong.nonzero()[0]
        of_true = answers.probabilities[rows, answers.true_indices[rows]]
        return [self._answer(int(row)) for row in rows[of_true.argsort(kind="stable")[:most]]]

    def worst_cell(self) -> tuple[int, int] | None:
        """The cell with the most wrong answers; None when all are right."""
        cells = [
            (count, -i, -j)
            for i, row in enumerate(self.figures.get("confusion") or ())
            for j, count in enumerate(row)
            if i != j and count
        ]
        if not cells:
            return None
        _, i, j = max(cells)
        return -i, -j

    def _answer(self, row: int) -> Answer:
        answers = self.predictions
        assert answers is not None
        true, predicted = int(answers.true_indices[row]), int(answers.predicted_indices[row])
        values = [float(value) for value in answers.probabilities[row]]
        return Answer(
            path=answers.paths[row],
            file=str(self.root / answers.paths[row]),
            true_class=answers.classes[true] if true >= 0 else "",
            predicted_class=answers.classes[predicted],
            confidence=values[predicted],
            loss=-math.log(max(values[true], SMALLEST_PROBABILITY)) if true >= 0 else 0.0,
            probabilities=dict(zip(answers.classes, values, strict=True)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A run with its parts.

    Attributes:
        run: Which.
        recipe: Its settings, plain values.
        parts: Those that have images, by source.
        problem: Why there are none; empty when all is well.
    """

    run: RunFolder
    recipe: Mapping[str, Any]
    parts: Mapping[str, Part]
    problem: str = ""


def read_evaluated(run: RunFolder, *, images_root: Path) -> Evaluated:
    """Read a run's figures and predictions. Slow; call it off the GUI thread.

    Args:
        run: Finished or not.
        images_root: Where the project's images lie now.
    """
    from tlstudio.evaluation.predictions import read_predictions_csv

    try:
        recipe = run.read_json(run.recipe)
        metrics = run.read_json(run.metrics)
    except UserError as error:
        problem = str(error) if run.finished else ""
        return Evaluated(run=run, recipe={}, parts={}, problem=problem)
    try:
        answers = read_predictions_csv(run.predictions)
    except UserError as error:
        answers, problem = {}, str(error)
    else:
        problem = ""
    sources: tuple[Source, ...] = ("test", "validation")
    parts: dict[str, Part] = {
        source: make_part(source, metrics[source], root=images_root, predictions=answers.get(source))
        for source in sources
        if (metrics.get(source) or {}).get("n")
    }
    return Evaluated(run=run, recipe=recipe, parts=parts, problem=problem)


def read_folder(result: Mapping[str, Any], *, root: Path) -> Part:
    """What the evaluate job said about another folder. Slow; call it off the GUI thread."""
    from tlstudio.evaluation.predictions import read_predictions_csv

    predictions = None
    if result.get("predictions"):
        splits = read_predictions_csv(Path(result["predictions"]))
        predictions = next(iter(splits.values()), None)
    return make_part("folder", result, root=root, predictions=predictions)


def make_part(
    source: Source, figures: Mapping[str, Any], *, root: Path, predictions: Predictions | None
) -> Part:
    """Put figures and answers together."""
    from tlstudio.evaluation.calibration import calibration_bins

    reliability = None
    if predictions is not None:
        known = predictions.labelled()
        bins = calibration_bins(known.confidence, known.predicted_indices == known.true_indices)
        reliability = {"bins": [asdict(part) for part in bins], "ece": figures.get("ece")}
    return Part(
        source=source,
        figures=figures,
        classes=tuple(str(name) for name in figures.get("classes") or ()),
        root=root,
        predictions=predictions,
        reliability=reliability,
    )


def read_summaries(runs: list[RunFolder]) -> list[RunSummary]:
    """One line per run. Slow for unfinished runs; call it off the GUI thread."""
    summaries = [summarise(run) for run in runs]
    return [replace(summary, backbone=backbone_title(summary.backbone)) for summary in summaries]
