"""Writes the labels of a project to a table."""

from __future__ import annotations

import io

from tlstudio.core.errors import UserError
from tlstudio.core.files import write_text
from tlstudio.core.spreadsheet import safe_cell
from tlstudio.core.tables import write_rows
from tlstudio.operations.context import Context, Values
from tlstudio.project.store import Project
from tlstudio.specs.operations.export_labels import ExportLabelsArguments


def export_labels(arguments: ExportLabelsArguments, context: Context) -> Values:
    """Write a row for each image that is not left out: `{"file", "images", "labelled"}`.

    The columns are `image` and `label`, and each further label column by its name.

    Raises:
        UserError: The file cannot be written, or would lie among the images.
    """
    file = arguments.table.resolve()
    with Project(arguments.project) as project:
        dataset = project.dataset()
        if file.is_relative_to(project.images_root):
            raise UserError(
                f"{file} lies inside the folder of images.",
                mend="Choose a place outside: nothing is written among your images.",
            )
    text = io.StringIO()
    header = ("image", "label", *(safe_cell(column.name) for column in dataset.columns[1:]))
    rows = [
        tuple(
            map(safe_cell, (image.path, *(image.labels.get(column.name, "") for column in dataset.columns)))
        )
        for image in dataset.images
    ]
    write_rows(text, [header, *rows])
    write_text(file, text.getvalue())
    return {"file": str(file), "images": len(rows), "labelled": len(dataset.labelled())}


IMPLEMENTATION = export_labels
