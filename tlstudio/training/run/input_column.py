"""Reads a column that a strategy asks for: one value for each image, from a table or the path."""

from __future__ import annotations

from collections.abc import Mapping

from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.naming import listed
from tlstudio.data.tables.groups import find_grouping
from tlstudio.training.run.preparation import Preparation


def read_input_column(rule: str, *, dataset: Dataset, preparation: Preparation) -> Mapping[str, str]:
    """Read the value of each training and validation image.

    Args:
        rule: The column of a table, or the pattern that finds the value in a path.
        dataset: The images.
        preparation: Of the run.

    Returns:
        The values by the path of the image, sorted by path.

    Raises:
        UserError: The column or pattern fits no image, not all of them, gives all the same value, or nearly
            every image its own.
    """
    paths = [image.path for image in dataset.images]
    values = find_grouping(paths, groups=rule, table=load_table(dataset.root, paths)).of_path
    images = preparation.images
    learned = sorted(image.path for image in images["train"] + images["validation"])
    _refuse_unfit(rule, {path: values.get(path) for path in learned})
    return {path: values[path] for path in learned}


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
