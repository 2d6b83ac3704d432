"""Reads a column that a strategy asks for: one value for each image, from a table or the path."""

from __future__ import annotations

from collections.abc import Mapping

from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.tables.values_to_ignore import values_to_ignore
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.preparation import Preparation


def read_input_column(
    rule: str, spec: InputSpec, *, dataset: Dataset, preparation: Preparation
) -> Mapping[str, str]:
    """Read the value of each training and validation image.

    Args:
        rule: The column of a table, or the pattern that finds the value in a path.
        spec: The strategy's input, named in messages.
        dataset: The images.
        preparation: Of the run.

    Returns:
        The values by the path of the image, sorted by path.

    Raises:
        UserError: The column or pattern fits no image, not all of them, gives all the same value, or nearly
            every image its own.
    """
    paths = [image.path for image in dataset.images]
    images = preparation.images
    learned = sorted(image.path for image in images["train"] + images["validation"])
    try:
        return values_to_ignore(rule, paths=paths, learned=learned, table=load_table(dataset.root, paths))
    except UserError as error:
        raise UserError(f"{spec.title}: {error.what}", work=error.work, mend=error.mend) from error
