"""Runs the checks of a classifier on a run: while it is trained, at its end, and later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.events import Emit, EpochEnded, ignore
from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.core.types import Split
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.evaluation.run_result import RunResult, read_whole_result
from tlstudio.project.runs import RunFolder
from tlstudio.specs.spec import Occasion


def examine_run(
    run: RunFolder,
    *,
    dataset: Dataset | None = None,
    split: Split | None = None,
    history: Sequence[EpochEnded] | None = None,
    evaluation: Evaluation | None = None,
    left_out: LeftOut | None = None,
    emit: Emit = ignore,
    control: Control | None = None,
) -> list[Finding]:
    """Run the checks of a classifier: their findings, the most severe first.

    Args:
        run: Which run.
        dataset: Its images, where they are loaded, or those of another folder; without them, checks that need
            them do not run. Of the checks of data, those run that concern a classifier, too.
        split: The split of its images; None takes that of the run.
        history: Epochs of its training; None takes those of the run.
        evaluation: On the images to be judged by; None takes the run's own, and while it is being trained the
            validation images at the epoch that is kept so far.
        left_out: What the evaluation on another folder leaves out; None for the run's own images.
        emit: Receives the progress of checks that take long.
        control: Checked before each check runs.

    Raises:
        UserError: The results of the run are damaged.
        Cancelled: The person cancelled.
    """
    evidence = Evidence(
        dataset=dataset,
        run=run,
        split=split,
        history=history,
        evaluation=evaluation,
        left_out=left_out,
        run_id=run.path.name,
        emit=emit,
    )
    findings = run_checks(evidence, subject="classifier", control=control)
    occasion: Occasion = "training" if left_out is None else "other-folder"
    about_data = run_checks(evidence, subject="data", occasion=occasion, control=control)
    return most_severe_first([*findings, *(found for found in about_data if found.severity != "ok")])


def read_examined_result(run: RunFolder, *, control: Control | None = None) -> RunResult:
    """Read a finished run with its findings; one made before they were stored with it is examined now.

    Raises:
        UserError: The run is not finished, or its metrics are damaged.
        Cancelled: The person cancelled.
    """
    result = read_whole_result(run)
    if result.reported.findings:
        return result
    return replace(
        result,
        validation=examined(result.validation, run, control=control),
        test=examined(result.test, run, control=control),
    )


def examined(evaluation: Evaluation, run: RunFolder, *, control: Control | None = None) -> Evaluation:
    """Replace the findings of an evaluation by those of the checks now; one of no images stays as it is."""
    if not evaluation.n:
        return evaluation
    return replace(evaluation, findings=tuple(examine_run(run, evaluation=evaluation, control=control)))
