"""Finds near-duplicates of a data set by the looks of its images, so that a split keeps them on one side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from tlstudio.checks.data_facts import DataFacts
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.data.near.clusters import clusters_of, near_pairs
from tlstudio.data.windows import choose_windows
from tlstudio.features.looks import VERSION, LookStore, make_missing_looks
from tlstudio.models.catalogue import BackboneInfo, availability, catalog
from tlstudio.operations.context import Context
from tlstudio.project.store import Project
from tlstudio.specs.recipe import Recipe, ValueSettings

FOUND_BY = 2
"""Raised when near-duplicates are told otherwise, so that those of a project are looked for anew."""


def with_near_duplicates(
    dataset: Dataset, context: Context, *, settings: ValueSettings | None = None
) -> Dataset:
    """The data set with the name of its cluster at each image that has a near-duplicate.

    Args:
        dataset: Just scanned.
        context: Of the operation.
        settings: How images with more than 8 bits are shown; None as when nothing was set.

    Raises:
        Cancelled: The person cancelled.
    """
    store = _store(dataset.images, settings)
    _make_missing(store, dataset, context)
    clusters = _clusters(store, dataset.images)
    images = tuple(
        replace(image, near=clusters[image.sha256]) if image.sha256 in clusters else image
        for image in dataset.images
    )
    return replace(dataset, images=images)


def refresh_near_duplicates(
    project: Project, context: Context, *, makes_missing: bool, settings: ValueSettings
) -> None:
    """Find the near-duplicates of a project anew when its images have changed since they were found.

    Args:
        project: Its images that are left out count, so that they need not be found when they come back.
        context: Of the operation.
        makes_missing: Whether images whose looks are not kept are decoded for it; else they are found later.
        settings: How images with more than 8 bits are shown.

    Raises:
        Cancelled: The person cancelled.
    """
    images = project.images(with_left_out=True)
    hashes = sorted({image.sha256 for image in images})
    store = _store(project.images(), settings)  # as they are shown: without those that are left out
    key = [f"{FOUND_BY}.{VERSION}", *hashes, *map(repr, store.values)]
    digest = sha256("".join(key).encode()).hexdigest()
    if digest == project.near_found_for():
        return
    if makes_missing:
        _make_missing(store, replace(project.dataset(), images=tuple(images)), context)
    is_whole = makes_missing or not store.missing(hashes)
    clusters = _clusters(store, images)
    near = {image.path: clusters[image.sha256] for image in images if image.sha256 in clusters}
    project.save_near(near, found_for=digest if is_whole else None)


def feature_recipe(draft: Recipe, dataset: Dataset) -> Recipe | None:
    """The recipe by which features of the images may be computed for checks.

    Args:
        draft: Names the backbone; its own weights from a file are not used for checks.
        dataset: Its images.

    Returns:
        The draft with the windows of values of the images; None where the weights are not on this computer.
    """
    recipe = Recipe(values=draft.values) if draft.backbone.weights_file is not None else draft
    try:
        is_here = availability(_backbone(recipe.backbone.id)).state in ("embedded", "cached")
        found = choose_windows(dataset.images, recipe.values) or ()
    except UserError:
        return None
    if not is_here:
        return None
    return recipe.model_copy(update={"values": recipe.values.model_copy(update={"found": found})})


def _backbone(backbone_id: str) -> BackboneInfo:
    known = {info.id: info for info in catalog()}
    if backbone_id in known:
        return known[backbone_id]
    from tlstudio.models.backbones import find_backbone  # needs torch; the catalogue does not

    return find_backbone(backbone_id)


def data_facts(
    dataset: Dataset, *, recipe: Recipe | None = None, settings: ValueSettings | None = None
) -> DataFacts:
    """Gather the facts about the images, once near-duplicates were looked for.

    Args:
        dataset: Its images.
        recipe: With the backbone whose features checks may compute; None where they may not.
        settings: How images with more than 8 bits are shown; None as when nothing was set.
    """
    store = _store(dataset.images, settings)
    known = _kept(store, dataset.images)
    facts = dict(zip(known, store.facts(known), strict=True))
    return DataFacts(
        looks={image.path: facts[image.sha256] for image in dataset.images if image.sha256 in facts},
        recipe=recipe,
    )


def _store(images: Iterable[Image], settings: ValueSettings | None) -> LookStore:
    """Open the store of looks as images are shown; with a channel that they lack, each scaled by itself."""
    try:
        return LookStore(values=choose_windows(images, settings or ValueSettings()) or ())
    except UserError:
        return LookStore()


def _make_missing(store: LookStore, dataset: Dataset, context: Context) -> None:
    roots = {source.id: source.root for source in dataset.sources}
    files = [(Path(roots[image.source]) / image.path, image.sha256) for image in dataset.images]
    make_missing_looks(store, files, run_id=context.run_id, emit=context.emit, control=context.control)


def _clusters(store: LookStore, images: Iterable[Image]) -> Mapping[str, str]:
    """The name of its cluster by the SHA-256 of each image that has a near-duplicate."""
    known = sorted(_kept(store, images))  # clusters have the same names whatever the order of the images
    pairs = near_pairs(store.greys(known))
    found = {}
    for members in clusters_of(pairs, number=len(known)):
        found.update(dict.fromkeys((known[member] for member in members), known[members[0]]))
    return found


def _kept(store: LookStore, images: Iterable[Image]) -> list[str]:
    hashes = dict.fromkeys(image.sha256 for image in images)
    missing = store.missing(hashes)
    return [one for one in hashes if one not in missing]
