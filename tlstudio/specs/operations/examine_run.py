"""Spec of the operation `examine-run`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ExamineRunArguments(OperationArguments):
    """Arguments of `examine-run`.

    Attributes:
        run: Folder of a finished run.
    """

    run: Path


SPEC = OperationSpec(
    id="examine-run",
    title="Checking the classifier",
    summary="Runs the checks of a classifier on a finished run.",
    arguments=ExamineRunArguments,
)
