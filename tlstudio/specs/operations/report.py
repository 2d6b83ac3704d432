"""Spec of the operation `report`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ReportArguments(OperationArguments):
    """Arguments of `report`.

    Attributes:
        run: Folder of a run.
        out: File to write.
    """

    run: Path
    out: Path


SPEC = OperationSpec(
    id="report",
    title="Writing the report",
    summary="write the HTML report",
    arguments=ReportArguments,
)
