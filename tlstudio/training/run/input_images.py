"""Reads what a strategy asks for besides the labelled images: unlabelled ones, and finished runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.naming import listed
from tlstudio.data.scan import scan_folder
from tlstudio.data.walk import walk_folder
from tlstudio.features.images import RunImage
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_runs import examine_input_run
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.strategies import strategy_spec

UNLABELLED = -1
"""Label of an image that has none."""


def read_input_images(
    dataset: Dataset, preparation: Preparation, *, run_id: str, emit: Emit, control: Control
) -> tuple[Preparation, Mapping[str, tuple[RunImage, ...]]]:
    """Read the images of all inputs of the strategy that are images, and examine those that are runs.

    Labels that they have are not used, except those of inputs that ask for them. Copies of test images are
    left out, because a figure on images that training has seen, even without their labels, would be too good.

    Args:
        dataset: The labelled images, and those without a label.
        preparation: Of the run.
        run_id: Written into events.
        emit: Receives progress, and a warning for what is left out.
        control: Checked once per file.

    Returns:
        The preparation with the hashes of the inputs in its recipe, and the images by the id of the input.

    Raises:
        UserError: A folder cannot be read, holds no usable image, or was changed since the run started; a run
            cannot be learned from.
        Cancelled: The person cancelled.
    """
    recipe = preparation.recipe
    found: dict[str, tuple[RunImage, ...]] = {}
    hashes: dict[str, str] = {}
    for spec in strategy_spec(recipe.strategy).inputs:
        folder = recipe.inputs.get(spec.id)
        if spec.kind == "run" and folder:
            hashes[spec.id] = examine_input_run(Path(folder), preparation, spec)
        if spec.kind != "images" or not (folder or spec.else_unlabelled):
            continue
        source = (
            scan_folder(Path(folder), how=HowToRead(layout="top"), run_id=run_id, emit=emit, control=control)
            if folder
            else _without_label(dataset)
        )
        if source.images:
            found[spec.id] = _usable(source, preparation, spec, run_id=run_id, emit=emit)
    hashes |= {name: _sha256(images) for name, images in found.items()}
    columns = {spec.id for spec in strategy_spec(recipe.strategy).inputs if spec.kind == "column"}
    others = {name: value for name, value in recipe.inputs_sha256.items() if name in columns}
    if preparation.is_resumed and recipe.inputs_sha256 != {**others, **hashes}:
        raise UserError(
            "What was given to this run besides the labelled images was changed since it started.",
            work="The run is kept as it is.",
            mend="Put it back, or start a new run in another folder.",
        )
    complete = recipe.model_copy(update={"inputs_sha256": {**others, **hashes}})
    return replace(preparation, recipe=complete), found


def count_input_images(dataset: Dataset, recipe: Recipe, *, control: Control) -> int:
    """Count the images that `read_input_images` would read, by names alone; quick, for an estimate.

    Raises:
        UserError: A folder cannot be read.
        Cancelled: The person cancelled.
    """
    count = 0
    for spec in strategy_spec(recipe.strategy).inputs:
        folder = recipe.inputs.get(spec.id)
        if spec.kind == "images" and folder:
            count += len(walk_folder(Path(folder), control=control).files)
        elif spec.kind == "images" and spec.else_unlabelled:
            count += len(_without_label(dataset).images)
    return count


def _without_label(dataset: Dataset) -> Dataset:
    column = dataset.column().name
    images = tuple(image for image in dataset.images if column not in image.labels)
    return replace(dataset, images=images, problems=())


def _usable(
    source: Dataset, preparation: Preparation, spec: InputSpec, *, run_id: str, emit: Emit
) -> tuple[RunImage, ...]:
    tested = {image.sha256 for image in preparation.images["test"]}
    copies = tuple(image.path for image in source.images if image.sha256 in tested)
    images = _without_copies(image for image in source.images if image.sha256 not in tested)
    if not images:
        raise UserError(
            f"{spec.title}: every image in {source.root} is also a test image.", mend="Give other images."
        )
    if copies:
        message = f"{spec.title}: {len(copies)} not used, because they are also test images."
        emit(WarningRaised(run_id=run_id, code="input-copies", message=message, paths=copies))
    if source.problems:
        message = f"{spec.title}: {len(source.problems)} files cannot be used."
        emit(
            WarningRaised(
                run_id=run_id,
                code="input-skipped",
                message=message,
                paths=tuple(problem.path for problem in source.problems),
                reasons=tuple(f"{problem.reason} {problem.mend}" for problem in source.problems),
            )
        )
    return tuple(
        RunImage(
            path=image.path,
            file=source.root / image.path,
            sha256=image.sha256,
            label=_label(image, source, preparation, spec) if spec.labelled else UNLABELLED,
        )
        for image in images
    )


def _label(image: Image, source: Dataset, preparation: Preparation, spec: InputSpec) -> int:
    """Index of the image's class in the recipe."""
    name, classes = image.labels.get(source.column().name), preparation.recipe.classes
    if name not in classes:
        raise UserError(
            f"{spec.title}: {image.path} is of no class of this classifier.",
            mend=f"Put such images into folders named {listed(classes)}, and take others out.",
        )
    return classes.index(name)


def _without_copies(images: Iterable[Image]) -> list[Image]:
    """The images sorted by content, each content once, so that names and copies do not matter."""
    return list({image.sha256: image for image in sorted(images, key=lambda image: image.sha256)}.values())


def _sha256(images: Iterable[RunImage]) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(image.sha256.encode())
        if image.label != UNLABELLED:
            digest.update(str(image.label).encode())
    return digest.hexdigest()
