"""Spec of the operation `estimate`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.spec import OperationSpec


class EstimateArguments(OperationArguments):
    """Arguments of `estimate`.

    Attributes:
        project: Folder of the project.
        recipe: Settings of the training.
    """

    project: Path
    recipe: RecipeArgument


SPEC = OperationSpec(
    id="estimate",
    title="Estimating the training",
    summary="What a training with the labels of a project would take on this computer.",
    arguments=EstimateArguments,
)
