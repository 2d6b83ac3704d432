"""Recognises the backbone that weights of the person's own are of."""

from __future__ import annotations

from pathlib import Path

from tlstudio.models.catalogue import CLIP
from tlstudio.models.clip import recognise
from tlstudio.specs.recipe import Recipe


def with_recognised_backbone(recipe: Recipe) -> Recipe:
    """The recipe; where its backbone is to be recognised from the weights file, with the one that was.

    Raises:
        UserError: It cannot be recognised.
    """
    chosen = recipe.backbone
    if chosen.id != CLIP or chosen.weights_file is None:
        return recipe
    named = chosen.model_copy(update={"id": recognise(Path(chosen.weights_file))})
    return recipe.model_copy(update={"backbone": named})
