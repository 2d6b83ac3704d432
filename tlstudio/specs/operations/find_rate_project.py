"""Spec of the operation `find-rate-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.spec import OperationSpec


class FindRateProjectArguments(OperationArguments):
    """Arguments of `find-rate-project`.

    Attributes:
        project: Folder of the project.
        recipe: Settings of the fine-tuning; its own rates matter by their ratio alone.
    """

    project: Path
    recipe: RecipeArgument


SPEC = OperationSpec(
    id="find-rate-project",
    title="Finding a learning rate",
    summary="Finds a learning rate for fine-tuning on a project's images.",
    arguments=FindRateProjectArguments,
)
