"""Spec of the operation `export`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ExportArguments(OperationArguments):
    """Arguments of `export`.

    Attributes:
        run: Folder of a run.
        format: Id of the export format.
        out: File to write.
        images_root: Where the images of the run lie now, when it is not where they were.
    """

    run: Path
    format: str
    out: Path
    images_root: Path | None = None


SPEC = OperationSpec(
    id="export",
    title="Exporting and checking",
    summary="export a model and prove it gives the same answers",
    arguments=ExportArguments,
)
