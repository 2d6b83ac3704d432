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
        images_root: Where the images of the run lie now, when it is not where they were.
    """

    run: Path
    out: Path
    images_root: Path | None = None


SPEC = OperationSpec(
    id="report",
    title="Writing the report",
    summary="write the report, as a web page or PDF",
    arguments=ReportArguments,
)
