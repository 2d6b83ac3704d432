"""Reads what a strategy asks for besides the labelled images, and makes it part of the run's recipe."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tlstudio.core.class_words import read_class_words, words_for
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit
from tlstudio.features.images import UNLABELLED, RunImage
from tlstudio.training.run.input_column import read_input_column
from tlstudio.training.run.input_columns import LearnedColumns, read_input_columns
from tlstudio.training.run.input_images import read_input_images
from tlstudio.training.run.input_run import examine_input_run
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.strategies import strategy_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The images and columns that a strategy asked for, by the id of its input.

    Attributes:
        images: Of each input that is images.
        columns: Of each input that is a column, the value of each training and validation image by its path.
        learned: The label columns, where there are several.
    """

    images: Mapping[str, tuple[RunImage, ...]]
    columns: Mapping[str, Mapping[str, str]]
    learned: LearnedColumns | None = None


def read_inputs(
    dataset: Dataset, preparation: Preparation, *, run_id: str, emit: Emit, control: Control
) -> tuple[Preparation, Inputs]:
    """Read all inputs of the strategy that are images or columns, and examine those that are runs or classes.

    Args:
        dataset: The labelled images, and those without a label.
        preparation: Of the run.
        run_id: Written into events.
        emit: Receives progress, and a warning for what is left out.
        control: Checked once per file.

    Returns:
        The preparation with the hashes of the inputs in its recipe and the labels of all columns, and what
        was read.

    Raises:
        UserError: An input cannot be used, or was changed since the run started.
        Cancelled: The person cancelled.
    """
    recipe = preparation.recipe
    images: dict[str, tuple[RunImage, ...]] = {}
    columns: dict[str, Mapping[str, str]] = {}
    hashes: dict[str, str] = {}
    learned: LearnedColumns | None = None
    asked = strategy_spec(recipe.strategy).inputs
    for spec in asked:
        given = recipe.inputs.get(spec.id)
        if spec.kind == "images":
            found = read_input_images(
                spec, dataset=dataset, preparation=preparation, run_id=run_id, emit=emit, control=control
            )
            if found:
                images[spec.id] = found
                hashes[spec.id] = _images_sha256(found)
        elif spec.kind == "run" and given:
            hashes[spec.id] = examine_input_run(
                Path(given), preparation, spec, run_id=run_id, emit=emit, control=control
            )
        elif spec.kind == "column" and given:
            columns[spec.id] = read_input_column(given, spec, dataset=dataset, preparation=preparation)
            hashes[spec.id] = _values_sha256(columns[spec.id])
        elif spec.kind == "columns" and given:
            learned = read_input_columns(
                given, dataset=dataset, preparation=preparation, run_id=run_id, emit=emit
            )
            hashes[spec.id] = _values_sha256(learned.values)
            if learned.only_further:
                images[spec.id] = learned.only_further
        elif spec.kind == "classes" and given:
            words_for(recipe.classes, read_class_words(given))
    if preparation.is_resumed:
        before = recipe.inputs_sha256
        changed = [spec.title for spec in asked if hashes.get(spec.id) != before.get(spec.id)]
        if changed:
            raise UserError(
                f"What was given to this run was changed since it started: {', '.join(changed)}.",
                work="The run is kept as it is.",
                mend="Make it as it was when the run started, or start a new run in another folder.",
            )
    complete = replace(
        preparation,
        recipe=recipe.model_copy(update={"inputs_sha256": hashes}),
        images=learned.images if learned else preparation.images,
    )
    return complete, Inputs(images=images, columns=columns, learned=learned)


def _images_sha256(images: Iterable[RunImage]) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(image.sha256.encode())
        if image.label != UNLABELLED:
            digest.update(str(image.label).encode())
    return digest.hexdigest()


def _values_sha256(values: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, value in values.items():
        digest.update(f"{path}\0{value}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
