"""Spec of the operation `check`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class CheckArguments(OperationArguments):
    """Arguments of `check`.

    Attributes:
        folder: One sub-folder per class, or loose images.
        groups: Column of labels.csv, or a regular expression on the path whose first group names the group.
    """

    folder: Path
    groups: str | None = None


SPEC = OperationSpec(
    id="check",
    title="Checking the images",
    summary="data health of a folder",
    arguments=CheckArguments,
)
