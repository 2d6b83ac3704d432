"""Spec of the operation `new-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class NewProjectArguments(OperationArguments):
    """Arguments of `new-project`.

    Attributes:
        folder: Of the images.
        out: Folder of the project, which holds none yet.
        ignore_labels: Whether folders and tables give no classes, so that all images are to be labelled.
    """

    folder: Path
    out: Path
    ignore_labels: bool = False


SPEC = OperationSpec(
    id="new-project",
    title="Making a project",
    summary="Make a project of a folder of images, without the window.",
    arguments=NewProjectArguments,
)
