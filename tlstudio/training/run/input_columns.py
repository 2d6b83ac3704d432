"""Reads the columns that a strategy asks for: one value for each image, from a table or the path."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.naming import listed
from tlstudio.data.tables.groups import find_grouping
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.strategies import strategy_spec


def read_input_columns(
    dataset: Dataset, preparation: Preparation
) -> tuple[Preparation, Mapping[str, Mapping[str, str]]]:
    """Read the value of each training and validation image for all inputs that are columns.

    Args:
        dataset: The images.
        preparation: Of the run.

    Returns:
        The preparation with the hashes of the values in its recipe, and the values by the id of the input and
        the path of the image.

    Raises:
        UserError: A column or pattern fits no image, not all of them, or gives all the same value; or the
            values were changed since the run started.
    """
    recipe = preparation.recipe
    specs = [spec for spec in strategy_spec(recipe.strategy).inputs if spec.kind == "column"]
    given = {spec.id: recipe.inputs[spec.id] for spec in specs if recipe.inputs.get(spec.id)}
    if not given:
        return preparation, {}
    paths = [image.path for image in dataset.images]
    table = load_table(dataset.root, paths)
    images = preparation.images
    learned = sorted(image.path for image in images["train"] + images["validation"])
    found: dict[str, Mapping[str, str]] = {}
    for name, rule in given.items():
        values = find_grouping(paths, groups=rule, table=table).of_path
        _refuse_unfit(rule, {path: values.get(path) for path in learned})
        found[name] = {path: values[path] for path in learned}
    hashes = {name: _sha256(values) for name, values in found.items()}
    if preparation.is_resumed and any(
        recipe.inputs_sha256.get(name) != value for name, value in hashes.items()
    ):
        raise UserError(
            "What this run was to ignore was changed in the table since it started.",
            work="The run is kept as it is.",
            mend="Put the table back, or start a new run in another folder.",
        )
    complete = recipe.model_copy(update={"inputs_sha256": {**recipe.inputs_sha256, **hashes}})
    return replace(preparation, recipe=complete), found


def _refuse_unfit(rule: str, values: Mapping[str, str | None]) -> None:
    without = [path for path, value in values.items() if value is None]
    if without:
        raise UserError(
            f"“{rule}” says nothing about {len(without)} of {len(values)} images, such as {listed(without)}.",
            mend="Complete the table or correct the pattern: each image needs a value to ignore.",
        )
    different = set(values.values())
    if len(different) < 2:
        raise UserError(
            f"“{rule}” is “{next(iter(different))}” for all images, so there is nothing to ignore.",
            mend="Give a column or a pattern that differs between images.",
        )
    if 2 * len(different) > len(values):
        raise UserError(
            f"“{rule}” has {len(different)} different values for {len(values)} images: too many to ignore.",
            mend="Give one that many images share, such as the camera or the place.",
        )


def _sha256(values: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, value in values.items():
        digest.update(f"{path}\0{value}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
