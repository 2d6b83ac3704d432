"""Runs the checks of a classifier on a finished run; for older runs, stored without findings."""

from __future__ import annotations

from tlstudio.checks.examine import read_examined_result
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs.operations.examine_run import ExamineRunArguments


def examine_run(arguments: ExamineRunArguments, context: Context) -> Values:
    """Check a run on its test images and on its validation images.

    Returns:
        `{"test", "validation"}`: the values of the findings; none where there are no images.
    """
    result = read_examined_result(open_run(arguments.run), control=context.control)
    return {
        evaluation.subset: [finding.as_values() for finding in evaluation.findings]
        for evaluation in (result.test, result.validation)
    }


IMPLEMENTATION = examine_run
