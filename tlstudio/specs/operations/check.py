"""Spec of the operation `check`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.dataset import LayoutChoice
from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class CheckArguments(OperationArguments):
    """Arguments of `check`.

    Attributes:
        folder: Images in folders or loose, or a table of images and their labels.
        groups: Column of labels.csv, or a regular expression on the path whose first group names the group.
        layout: How folders are understood.
        label_column: Column of the table that gives the classes; None to find out.
    """

    folder: Path
    groups: str | None = None
    layout: LayoutChoice = "auto"
    label_column: str | None = None


SPEC = OperationSpec(
    id="check",
    title="Checking the images",
    summary="data health of a folder",
    arguments=CheckArguments,
)
