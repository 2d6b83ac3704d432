"""Gives the images of a project the labels of a table."""

from __future__ import annotations

from tlstudio.core.errors import UserError
from tlstudio.core.spreadsheet import text_of_cell
from tlstudio.core.wording import count
from tlstudio.data.naming import listed
from tlstudio.data.tables.columns import label_source
from tlstudio.data.tables.image_table import open_image_table
from tlstudio.data.tables.matching import ImageNames
from tlstudio.data.tables.table_labels import faults_of_table
from tlstudio.operations.context import Context, Values
from tlstudio.project.store import Project
from tlstudio.specs.operations.import_labels import ImportLabelsArguments


def import_labels(arguments: ImportLabelsArguments, context: Context) -> Values:
    """Label images as a table says: `{"labelled", "not_found"}`; rows without a label change nothing.

    All labels are one step, so one undo takes them back.

    Raises:
        UserError: The table cannot be read, names no image of the project, has no column of labels, or gives
            an image two labels; then nothing is changed.
    """
    file = arguments.table.resolve()
    if not file.is_file():
        raise UserError(f"There is no file {file}.", mend="Name the table that holds the labels.")
    with Project(arguments.project) as project:
        paths = [image.path for image in project.images(with_left_out=True)]
        table = open_image_table(file.parent, file.name, names=ImageNames(paths))
        if table is None or not table.matches.rows:
            raise UserError(
                f"{file.name} names no image of the project.",
                mend="It needs a column “image” with the images’ paths or names, and a column “label”.",
            )
        for fault in faults_of_table(table):  # what is not meant must not become a label
            raise UserError(fault.message, mend=f"{fault.mend} Nothing was changed.")
        source = label_source(table)
        if source is None:
            raise UserError(
                f"It is not clear which column of {file.name} holds the labels.", mend="Call it “label”."
            )
        doubtful = sorted({path for column in source.columns for path in table.contradicting(column)})
        if doubtful:
            raise UserError(
                f"{file.name} gives {count(len(doubtful), 'image')} more than one label: {listed(doubtful)}.",
                mend="Leave one row for each image; nothing was changed.",
            )
        labels = {path: text_of_cell(name) for path, name in source.labels(table).items()}
        project.set_labels(labels)
    rows = {row for rows in table.matches.rows.values() for row in rows}
    names = table.table.values(table.image_column)
    not_found = [name for row, name in enumerate(names) if row not in rows and name]
    return {"labelled": len(labels), "not_found": not_found}


IMPLEMENTATION = import_labels
