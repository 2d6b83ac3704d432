"""Spec of the operation `check-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class CheckProjectArguments(OperationArguments):
    """Arguments of `check-project`.

    Attributes:
        project: Folder of the project.
    """

    project: Path


SPEC = OperationSpec(
    id="check-project",
    title="Checking the images",
    summary="Data health of a project with its current labels.",
    arguments=CheckProjectArguments,
)
