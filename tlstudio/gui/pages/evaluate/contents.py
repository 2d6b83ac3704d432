"""Contents of the Evaluate page for a run, read from its folder outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.evaluation.enough import Answer, answer
from tlstudio.evaluation.evaluation import Evaluation, Subset
from tlstudio.evaluation.label_scores import ScoredLabels, read_label_scores
from tlstudio.evaluation.run_result import read_run_result, with_stored_predictions
from tlstudio.gui.pages.run_warnings import warning_findings
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.report.history_values import learning_values
from tlstudio.specs.cross_validated import MOST_IMAGES, can_be_cross_validated

MUCH_BYTES = 1_000_000
"""Files that take a quarter of a second to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedImages:
    """An evaluation and where its images lie.

    Attributes:
        evaluation: Of one set of images.
        root: Folder that the paths in the evaluation are relative to.
    """

    evaluation: Evaluation
    root: Path

    @property
    def subset(self) -> Subset:
        """The kind of the evaluated images: a split of the run, or another folder."""
        return self.evaluation.subset


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedRun:
    """A run with its evaluations.

    Attributes:
        run: Which run.
        splits: The splits that have images, test before validation.
        problem: Why evaluations or predictions are missing; empty when all is well.
        warnings: Warnings of the training, except those that repeat a finding.
        learning: The learning curve as its view takes it; empty where it was not measured.
        enough: What the learning curve says of more images; None where it was not measured.
        can_cross_validate: Whether it can be cross-validated in a moment.
        label_scores: How well the labels that it learned from fit each other; None where that is not known.
        is_partial: Whether the predictions for single images, and the label scores, are still to be read.
    """

    run: RunFolder
    splits: Mapping[Subset, EvaluatedImages]
    problem: str = ""
    warnings: tuple[Finding, ...] = ()
    learning: Mapping[str, Any] = field(default_factory=dict)
    enough: Answer | None = None
    can_cross_validate: bool = False
    label_scores: ScoredLabels | None = None
    is_partial: bool = False

    @property
    def available(self) -> frozenset[Subset]:
        """The subsets that can be shown without choosing a folder."""
        crossed: tuple[Subset, ...] = ("cross-validated",) if self.can_cross_validate else ()
        return frozenset((*self.splits, *crossed))


def read_evaluated_run(run: RunFolder, *, images_root: Path, at_once: bool = True) -> EvaluatedRun:
    """Read the metrics and predictions of a run. Slow: not for the GUI thread.

    Args:
        run: Finished or not.
        images_root: Where the project's images lie now.
        at_once: False leaves out at first what takes long to read, where there is much of it.
    """
    problem = ""
    try:
        result = read_run_result(run)
    except UserError as error:
        return EvaluatedRun(run=run, splits={}, problem=str(error) if run.finished else "")
    is_partial = not at_once and _size(run.predictions) + _size(run.label_scores) > MUCH_BYTES
    if not is_partial:
        try:
            result = with_stored_predictions(result, run)
        except UserError as error:
            problem = str(error)
    history = RunHistory(run.read_events())
    findings = {finding.check for finding in (*result.test.findings, *result.validation.findings)}
    curve = history.learning_curve
    return EvaluatedRun(
        run=run,
        splits={
            evaluation.subset: EvaluatedImages(evaluation=evaluation, root=images_root)
            for evaluation in (result.test, result.validation)
            if evaluation.n
        },
        problem=problem,
        warnings=tuple(warning_findings(history.warnings, checks=findings)),
        learning=learning_values(history),
        enough=answer(curve) if curve is not None else None,
        can_cross_validate=_can_cross_validate(run, sum(result.images.get(one, 0) for one in SPLIT_NAMES)),
        label_scores=_label_scores(run) if not is_partial else None,
        is_partial=is_partial,
    )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _label_scores(run: RunFolder) -> ScoredLabels | None:
    try:
        return read_label_scores(run)
    except UserError:
        return None  # a check says what is damaged


def _can_cross_validate(run: RunFolder, images: int) -> bool:
    from tlstudio.specs.recipe import read_recipe  # brings pydantic

    try:
        recipe = read_recipe(run.recipe)
    except UserError:
        return False
    return 0 < images <= MOST_IMAGES and can_be_cross_validated(recipe)


def read_evaluated_images(result: Mapping[str, Any], *, root: Path, subset: Subset) -> EvaluatedImages:
    """Read the result of a job that evaluated a folder, or cross-validated. Slow: not for the GUI thread.

    Args:
        result: The object of `tlstudio evaluate --json`, with `"predictions"`, the path of a file.
        root: The folder of the images.
        subset: What was evaluated.
    """
    from tlstudio.evaluation.predictions import read_predictions_csv  # imports numpy

    splits = read_predictions_csv(Path(str(result["predictions"])))
    evaluation = Evaluation.from_json(result, subset=subset)
    predictions = next(iter(splits.values()), None)
    return EvaluatedImages(evaluation=evaluation.with_predictions(predictions), root=root)
