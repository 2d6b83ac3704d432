"""Spec of the operation `label-status`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class LabelStatusArguments(OperationArguments):
    """Arguments of `label-status`.

    Attributes:
        project: Folder of the project.
    """

    project: Path


SPEC = OperationSpec(
    id="label-status",
    title="Counting labels",
    summary="Count the labels of a project.",
    arguments=LabelStatusArguments,
)
