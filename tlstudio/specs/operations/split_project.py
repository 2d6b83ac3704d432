"""Spec of the operation `split-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class SplitProjectArguments(OperationArguments):
    """Arguments of `split-project`.

    Attributes:
        project: Folder of the project.
        validation: Fraction of the labelled images.
        test: Fraction of the labelled images.
        seed: Another seed gives another split.
    """

    project: Path
    validation: float
    test: float
    seed: int


SPEC = OperationSpec(
    id="split-project",
    title="Dividing the images",
    summary="Draws a new split for a project.",
    arguments=SplitProjectArguments,
)
