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
        only_new: Read only files that are new or look different, as after some were added.
    """

    project: Path
    anew: bool = False
    only_new: bool = False


SPEC = OperationSpec(
    id="scan-project",
    title="Reading the images",
    summary="Reads the folder of a project again; labels and split of known images stay.",
    arguments=ScanProjectArguments,
)
