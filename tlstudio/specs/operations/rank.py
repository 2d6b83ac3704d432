"""Spec of the operation `rank`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import OperationSpec


class RankArguments(OperationArguments):
    """Arguments of `rank`.

    Attributes:
        folder: Labelled images.
        backbones: Ids of the backbones to compare; empty for all that work without a network here.
        recipe: How the images are read, divided and fitted into a backbone's input.
    """

    folder: Path
    backbones: tuple[str, ...] = ()
    recipe: RecipeArgument = Recipe()


SPEC = OperationSpec(
    id="rank",
    title="Comparing backbones",
    summary="measure backbones on these images and this computer",
    arguments=RankArguments,
)
