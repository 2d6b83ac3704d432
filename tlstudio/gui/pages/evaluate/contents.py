"""Contents of the Evaluate page for a run, read from its folder outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.evaluation.evaluation import Evaluation, Subset
from tlstudio.evaluation.run_result import read_run_result, with_stored_predictions
from tlstudio.gui.pages.run_warnings import warning_findings
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder


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
    """

    run: RunFolder
    splits: Mapping[Subset, EvaluatedImages]
    problem: str = ""
    warnings: tuple[Finding, ...] = ()


def read_evaluated_run(run: RunFolder, *, images_root: Path) -> EvaluatedRun:
    """Read the metrics and predictions of a run. Slow: not for the GUI thread.

    Args:
        run: Finished or not.
        images_root: Where the project's images lie now.
    """
    problem = ""
    try:
        result = read_run_result(run)
    except UserError as error:
        return EvaluatedRun(run=run, splits={}, problem=str(error) if run.finished else "")
    try:
        result = with_stored_predictions(result, run)
    except UserError as error:
        problem = str(error)
    return EvaluatedRun(
        run=run,
        splits={
            evaluation.subset: EvaluatedImages(evaluation=evaluation, root=images_root)
            for evaluation in (result.test, result.validation)
            if evaluation.n
        },
        problem=problem,
        warnings=tuple(_warnings(run, findings=[*result.test.findings, *result.validation.findings])),
    )


def _warnings(run: RunFolder, *, findings: Sequence[Finding]) -> list[Finding]:
    history = RunHistory(run.read_events())
    return warning_findings(history.warnings, checks={finding.check for finding in findings})


def read_evaluated_folder(result: Mapping[str, Any], *, root: Path) -> EvaluatedImages:
    """Read the result of the job "evaluate" on another folder. Slow: not for the GUI thread.

    Args:
        result: The object of `tlstudio evaluate --json`, with `"predictions"`, the path of a file.
        root: The folder.
    """
    from tlstudio.evaluation.predictions import read_predictions_csv  # imports numpy

    splits = read_predictions_csv(Path(str(result["predictions"])))
    evaluation = Evaluation.from_json(result, subset="folder")
    predictions = next(iter(splits.values()), None)
    return EvaluatedImages(evaluation=evaluation.with_predictions(predictions), root=root)
