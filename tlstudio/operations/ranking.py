"""Ranks backbones on a data set, without its test images: shared by the folder and the project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Split
from tlstudio.models.catalogue import backbone_info, ready_offline
from tlstudio.operations.context import Context
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.ranking import RankedBackbone, rank_backbones
from tlstudio.training.run.preparation import prepare


def rank_dataset(
    dataset: Dataset,
    recipe: Recipe,
    *,
    backbones: Sequence[str],
    split: Split | None = None,
    context: Context,
) -> list[dict[str, Any]]:
    """Rank backbones by their accuracy on the training and validation images.

    Args:
        dataset: The images.
        recipe: How they are divided and fitted into a backbone's input.
        backbones: Ids; empty for all that work without a network here.
        split: Drawn before; None to draw one as the recipe says.
        context: Of the operation.

    Returns:
        The rows of `rank --json`, the most accurate first.

    Raises:
        UserError: There is no such backbone, or there are too few images.
        Cancelled: The person cancelled.
    """
    ids = list(dict.fromkeys(backbone_info(name).id for name in backbones)) or ready_offline()
    with TemporaryDirectory() as nowhere:  # no run begins: this says which images one would learn from
        run = RunFolder(Path(nowhere) / context.run_id)
        preparation = prepare(dataset, run, recipe, resume=False, drawn=split)
    keep_freed_memory()
    rows = rank_backbones(
        (*preparation.images["train"], *preparation.images["validation"]),
        ids,
        recipe=preparation.recipe,
        device=choose_device(recipe.device).device,
        threads=set_threads(recipe.threads),
        run_id=context.run_id,
        emit=context.emit,
        control=context.control,
    )
    return [_as_json(row) for row in rows]


def _as_json(row: RankedBackbone) -> dict[str, Any]:
    info = backbone_info(row.id)
    return {
        "id": row.id,
        "title": info.title,
        "accuracy": row.accuracy,
        "interval": list(row.interval.pair),
        "n": row.n,
        "difference": row.difference,
        "difference_interval": list(row.difference_interval.pair),
        "seconds_per_1000": round(row.seconds_per_1000, 2),
        "parameters": info.parameters,
        "bytes": info.download_bytes,
        "licence": info.licence,
    }
