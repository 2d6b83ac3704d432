"""Finds the columns of a project's images that can be ignored, or learned as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.tables.further_columns import offered_columns
from tlstudio.data.tables.groups import find_grouping
from tlstudio.data.tables.image_table import ImageTable
from tlstudio.data.tables.values_to_ignore import values_to_ignore
from tlstudio.gui.pages.data.group_choices import group_choices
from tlstudio.project.store import ProjectImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns, folders and parts of names of a project's images.

    Attributes:
        choices: Rule and title of what gives every image a value, and several images the same one.
        further: Name and title of each column of the table that can be learned besides the classes.
        paths: Of all images.
        learned: Of those that training may learn from.
        table: The table beside the images; None without one.
    """

    choices: tuple[tuple[str, str], ...]
    further: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...]
    learned: tuple[str, ...]
    table: ImageTable | None

    def problem_of(self, rule: str) -> str:
        """Return why a rule cannot be used; empty when it can, or while nothing is labelled."""
        if not self.learned:
            return ""
        try:
            values_to_ignore(rule, paths=self.paths, learned=self.learned, table=self.table)
        except UserError as error:
            return error.what  # the help above the field says what can be given
        return ""


def read_columns(root: Path, images: Sequence[ProjectImage]) -> Columns:
    """Read the table beside the images, and find what can be offered. Reads files: not on the GUI thread."""
    paths = tuple(image.path for image in images)
    table = load_table(root, paths)
    labels = {image.path: name for image in images if (name := image.label())}
    choices = []
    for choice in group_choices(paths, table, labels=labels):
        if choice.rule:
            found = find_grouping(paths, groups=choice.rule, table=table)
            if not (found.without or found.is_one or found.are_single):
                choices.append((choice.rule, choice.title))
    tested = {image.path for image in images if "test" in (image.split, image.given_split)}
    learned = (path for path in paths if path in labels and path not in tested)
    return Columns(
        choices=tuple(choices),
        further=tuple((column.name, column.title) for column in offered_columns(table, labels=labels)),
        paths=paths,
        learned=tuple(learned),
        table=table,
    )
