"""Reads the images that a strategy asks for besides the labelled ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.wording import count
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.naming import listed
from tlstudio.data.scan import scan_folder
from tlstudio.data.tables.further_columns import label_column, names_of
from tlstudio.data.walk import walk_folder
from tlstudio.features.images import UNLABELLED, RunImage
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.strategies import strategy_spec


def read_input_images(
    spec: InputSpec,
    *,
    dataset: Dataset,
    preparation: Preparation,
    run_id: str,
    emit: Emit,
    control: Control,
) -> tuple[RunImage, ...]:
    """Read the images of one input of the strategy.

    Labels that they have are not used, unless the input asks for them. Copies of test images are left out,
    because a figure on images that training has seen, even without their labels, would be too good.

    Args:
        spec: The input.
        dataset: The labelled images, and those without a label.
        preparation: Of the run.
        run_id: Written into events.
        emit: Receives progress, and a warning for what is left out.
        control: Checked once per file.

    Returns:
        The images, sorted by content; none when they are not required and there are none.

    Raises:
        UserError: The folder cannot be read, holds too few usable images, or one of no class of this run
            where labels are asked for.
        Cancelled: The person cancelled.
    """
    folder = preparation.recipe.inputs.get(spec.id)
    if folder:
        if spec.elsewhere and Path(folder).resolve() == dataset.root.resolve():
            message = (
                f"{spec.title}: {folder} is the folder of the labelled images itself, so nothing can be "
                "learned about another place. Give images from there."
            )
            emit(WarningRaised(run_id=run_id, code="same-folder", message=message))
        how = HowToRead(layout="top")
        source = scan_folder(
            Path(folder), how=how, has_classes=spec.labelled, run_id=run_id, emit=emit, control=control
        )
    elif spec.else_unlabelled:
        source = _without_label(dataset)
        if not source.images and spec.required:
            raise UserError(
                f"{spec.title}: every image in {source.root} has a label.",
                mend="Give a folder of further images; they need no labels.",
            )
    else:
        return ()
    return _usable(source, preparation, spec, run_id=run_id, emit=emit) if source.images else ()


def count_input_images(dataset: Dataset, recipe: Recipe, *, control: Control) -> int:
    """Count the images that `read_input_images` would read, by names alone; quick, for an estimate.

    Raises:
        UserError: A folder cannot be read.
        Cancelled: The person cancelled.
    """
    number = 0
    for spec in strategy_spec(recipe.strategy).inputs:
        folder = recipe.inputs.get(spec.id)
        if spec.kind == "images" and folder:
            number += len(walk_folder(Path(folder), control=control).files)
        elif spec.kind == "images" and spec.else_unlabelled:
            number += len(_without_label(dataset).images)
        elif spec.kind == "columns" and folder:
            number += _labelled_further(dataset, names_of(folder))
    return number


def _labelled_further(dataset: Dataset, names: Sequence[str]) -> int:
    """Count the images that have a label in further columns alone."""
    others = {image.path for image in _without_label(dataset).images}
    table = load_table(dataset.root, [image.path for image in dataset.images]) if others else None
    found: set[str] = set()
    for name in names:
        column = table.find_column(name) if table is not None else None
        if table is not None and column is not None:
            found |= others & label_column(table, column).keys()
    return len(found)


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
    if len(images) < spec.fewest:
        found = count(len(images), "usable image is", plural="usable images are")
        others = len(source.images) - len(images)
        besides = f", besides {count(others, 'copy', plural='copies')} of test images or of one another"
        raise UserError(
            f"{spec.title}: only {found} in {source.root}{besides if others else ''}, and at least "
            f"{spec.fewest} are needed.",
            mend="Give a folder with more images" + ("." if spec.labelled else "; they need no labels."),
        )
    if copies:
        copied = count(len(copies), "copy of a test image is", plural="copies of test images are")
        message = f"{spec.title}: {copied} not used."
        emit(WarningRaised(run_id=run_id, code="input-copies", message=message, paths=copies))
    if source.problems:
        message = f"{spec.title}: {count(len(source.problems), 'file')} cannot be used."
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
