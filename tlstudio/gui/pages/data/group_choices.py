"""Rules that can tell which images belong together, offered without regular expressions. Imports no Qt."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tlstudio.data.layout.sides import find_division
from tlstudio.data.tables.image_table import ImageTable
from tlstudio.data.tables.name_groups import name_rules

ENOUGH = 0.5
"""A rule is offered when it fits at least this share of the images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    """One rule to offer.

    Attributes:
        title: In words.
        rule: A column or a pattern, as in a recipe; empty for no groups.
    """

    title: str
    rule: str


def group_choices(
    paths: Sequence[str], table: ImageTable | None, *, labels: Mapping[str, str]
) -> list[GroupChoice]:
    """The rules that fit these images: none, columns of the table, folders, parts of the file names.

    Args:
        paths: Of the images.
        table: The table beside them.
        labels: The class of each image that has one.
    """
    found = [GroupChoice(title="Nothing: each image is for itself", rule="")]
    if table is not None:
        found += [
            GroupChoice(title=f"Column “{column}” of {table.path}", rule=column)
            for column in table.others
            if not _are_sides(table.values(column).values())
        ]
    folders = [
        GroupChoice(title="The folder directly in yours", rule="^([^/]+)/"),
        GroupChoice(title="The second folder", rule="^[^/]+/([^/]+)/"),
        GroupChoice(title="The third folder", rule="^[^/]+/[^/]+/([^/]+)/"),
    ]
    # Groups that are the classes would put each class into one part alone.
    candidates = [choice for choice in folders if not _are_classes(choice.rule, paths, labels)]
    candidates += [GroupChoice(title=rule.title, rule=rule.pattern) for rule in name_rules()]
    return found + [choice for choice in candidates if _fits(choice.rule, paths)]


def _are_sides(values: Collection[str]) -> bool:
    """Return whether these say only on which side of a division each image is, such as train and test."""
    return bool(values) and find_division(values).keys() == set(values)


def _are_classes(rule: str, paths: Sequence[str], labels: Mapping[str, str]) -> bool:
    """Return whether a pattern finds the class of every image."""
    names = ((re.search(rule, path), labels.get(path)) for path in paths)
    return all(match is not None and match[1] == name for match, name in names)


def _fits(rule: str, paths: Sequence[str]) -> bool:
    """Return whether a pattern finds groups in enough images: more than one, and not one for each image.

    The parts of a given division are no groups: all images of one would be kept together, or ignored.
    """
    matches = [match[1] for path in paths if (match := re.search(rule, path)) is not None]
    is_enough = len(matches) >= ENOUGH * len(paths) and 1 < len(set(matches)) < len(matches)
    return is_enough and not _are_sides(matches)
