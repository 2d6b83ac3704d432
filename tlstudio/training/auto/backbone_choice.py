"""Chooses the backbone for "Choose for me" among those that are ready offline, on the person's images."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.percent import percent
from tlstudio.evaluation.intervals import Z95
from tlstudio.features.images import RunImage
from tlstudio.models.backbones import find_backbone
from tlstudio.models.catalogue import ready_offline
from tlstudio.models.licences import licence_terms
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.ranking import RankedBackbone, rank_backbones


def choose_backbone(
    recipe: Recipe,
    images: Sequence[RunImage],
    *,
    device: str,
    threads: int,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Recipe:
    """Take the smallest backbone that is nearly as accurate as the best one, if backbones are to be compared.

    Nearly is within one standard error of their paired difference, the usual rule for the simplest of several
    models (Breiman et al. 1984, "Classification and Regression Trees", section 3.4.3). A backbone is left out
    if its licence allows less than that of the recipe's own. The speed on this computer does not matter, so
    that the same images give the same choice.

    Args:
        recipe: Of a run that has not begun.
        images: That the run learns from or is checked on; test images have no part.
        device: torch's name of the device.
        threads: Threads for decoding and computing.
        run_id: Written into events.
        emit: Receives the progress, and a note on what was taken and why.
        control: Checked once per image and fold.

    Returns:
        The recipe with the backbone that was taken; unchanged where backbones are not to be compared.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    if recipe.freeze != "auto" or not recipe.backbone.compared:
        return recipe
    names = comparable(recipe)
    if len(names) < 2:
        return _with(recipe, recipe.backbone.id)
    rows = rank_backbones(
        images,
        names,
        recipe=recipe,
        device=device,
        threads=threads,
        timings=0,
        run_id=run_id,
        emit=emit,
        control=control,
    )
    close = [row.id for row in rows if row.difference + _standard_error(row) >= 0]
    taken = min(close, key=lambda name: (find_backbone(name).parameters, names.index(name)))
    emit(
        WarningRaised(run_id=run_id, code="backbone-chosen", message=_sentence(taken, rows), severity="note")
    )
    return _with(recipe, taken)


def comparable(recipe: Recipe) -> list[str]:
    """Ids of the backbones that are compared: the recipe's own, and those that are ready offline.

    Only the recipe's own, where its weights come from a file of the person.
    """
    own = recipe.backbone.id
    if recipe.backbone.weights_file is not None:
        return [own]
    least = _freedom(own)
    return [own, *(name for name in ready_offline() if name != own and _freedom(name) >= least)]


def _freedom(backbone_id: str) -> int:
    """Rank of what the licence of a backbone allows; more is higher."""
    return ("red", "amber", "green").index(licence_terms(find_backbone(backbone_id).licence).light)


def _standard_error(row: RankedBackbone) -> float:
    """Standard error of the difference to the best backbone, from its 95 % interval."""
    return (row.difference_interval.high - row.difference_interval.low) / (2 * Z95)


def _sentence(taken: str, rows: Sequence[RankedBackbone]) -> str:
    figures = ", ".join(
        f"{find_backbone(row.id).title} {percent(row.accuracy, digits=1)} of {row.n} images" for row in rows
    )
    return (
        f"Of the backbones that are ready offline, {find_backbone(taken).title} is taken, the smallest of "
        f"those that are about as good as the best on your images ({figures})."
    )


def _with(recipe: Recipe, backbone_id: str) -> Recipe:
    chosen = recipe.backbone.model_copy(update={"id": backbone_id, "compared": False})
    return recipe.model_copy(update={"backbone": chosen})
