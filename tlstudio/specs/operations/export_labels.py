"""Spec of the operation `export-labels`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ExportLabelsArguments(OperationArguments):
    """Arguments of `export-labels`.

    Attributes:
        project: Folder of the project.
        table: The file to write.
    """

    project: Path
    table: Path


SPEC = OperationSpec(
    id="export-labels",
    title="Writing labels",
    summary="Write the labels of a project to a table.",
    arguments=ExportLabelsArguments,
)
