"""Spec of the operation `rank-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import OperationSpec


class RankProjectArguments(OperationArguments):
    """Arguments of `rank-project`.

    Attributes:
        project: Folder of the project.
        backbones: Ids of the backbones to compare; empty for all that work without a network here.
        recipe: How the images are fitted into a backbone's input.
    """

    project: Path
    backbones: tuple[str, ...] = ()
    recipe: RecipeArgument = Recipe()


SPEC = OperationSpec(
    id="rank-project",
    title="Comparing backbones",
    summary="measure backbones on a project's images and this computer",
    arguments=RankProjectArguments,
)
