"""Spec of the operation `scan-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ScanProjectArguments(OperationArguments):
    """Arguments of `scan-project`.

    Attributes:
        project: Folder of the project.
    """

    project: Path


SPEC = OperationSpec(
    id="scan-project",
    title="Reading the images",
    summary="Reads the folder of a project again; labels and split of known images stay.",
    arguments=ScanProjectArguments,
)
