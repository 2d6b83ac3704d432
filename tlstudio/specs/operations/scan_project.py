"""Spec of the operation `scan-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ScanProjectArguments(OperationArguments):
    """Arguments of `scan-project`.

    Attributes:
        project: Folder of the project.
        anew: Folders are understood otherwise than before: classes that only folders gave are removed when no
            image has them now, and the images are divided anew.
    """

    project: Path
    anew: bool = False


SPEC = OperationSpec(
    id="scan-project",
    title="Reading the images",
    summary="Reads the folder of a project again; labels and split of known images stay.",
    arguments=ScanProjectArguments,
)
