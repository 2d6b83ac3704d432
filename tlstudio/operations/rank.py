"""Ranks backbones on a folder of images."""

from __future__ import annotations

from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import with_near_duplicates
from tlstudio.operations.ranking import rank_dataset
from tlstudio.operations.scanning import scan_for_training
from tlstudio.specs.operations.rank import RankArguments


def rank(arguments: RankArguments, context: Context) -> Values:
    """Rank backbones on a folder: `{"backbones"}`, the rows of `rank --json`, the most accurate first."""
    dataset = scan_for_training(arguments.folder, recipe=arguments.recipe, context=context)
    dataset = with_near_duplicates(dataset, context)
    rows = rank_dataset(dataset, arguments.recipe, backbones=arguments.backbones, context=context)
    return {"backbones": rows}


IMPLEMENTATION = rank
