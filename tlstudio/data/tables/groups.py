"""Finds groups: images that must stay on one side of a split, such as those of one patient or plant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tlstudio.core.errors import UserError
from tlstudio.core.patterns import SlowPatternError, find_in_all
from tlstudio.core.wording import count
from tlstudio.data.naming import listed
from tlstudio.data.tables.image_table import ImageTable

_PATTERN_PROBLEMS = {
    "missing ), unterminated subpattern": "a bracket “(” is never closed",
    "unbalanced parenthesis": "a bracket “)” was never opened",
    "unterminated character set": "a bracket “[” is never closed",
    "nothing to repeat": "there is nothing before it that could be repeated",
    "multiple repeat": "two signs of repetition follow each other",
    "bad escape": "a backslash stands before something that it does not go with",
    "bad character range": "a range in square brackets ends before it begins",
}
"""Parts of what `re` says, in plain words."""

SHOWN_NAMES = 3
"""Number of groups that are named as examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The groups that a column or pattern makes of images.

    Attributes:
        rule: The column or pattern.
        is_column: Whether the rule is a column of a table.
        of_path: The group of each image that has one.
        without: Images that have none, in the order of the images.
    """

    rule: str
    is_column: bool
    of_path: Mapping[str, str]
    without: tuple[str, ...]

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """The groups with their numbers of images, the largest first."""
        return Counter(self.of_path.values()).most_common()

    @property
    def is_one(self) -> bool:
        """True if all images are in one group, so that they cannot be divided."""
        return len(self.sizes) == 1 and not self.without and len(self.of_path) > 1

    @property
    def are_single(self) -> bool:
        """True if each group is a single image, so that the groups change nothing."""
        return len(self.sizes) == len(self.of_path) > 1

    @property
    def images_in_words(self) -> str:
        """The number of images that have a group, e.g. "all 72 images" or "60 of 72 images"."""
        total = len(self.of_path) + len(self.without)
        return f"{len(self.of_path)} of {count(total, 'image')}" if self.without else f"all {total} images"

    def describe(self) -> str:
        """A sentence with the number of groups, and of the images that have one and that have none."""
        # A pattern is for computers to read; its groups show what it does.
        rule = f"The column “{self.rule}”" if self.is_column else "The pattern for groups"
        names = [name for name, _ in self.sizes[:SHOWN_NAMES]]
        such_as = ", such as" if len(self.sizes) > SHOWN_NAMES else ":"
        sentence = f"{rule} puts {self.images_in_words} into {count(len(self.sizes), 'group')}"
        sentence += f"{such_as} {listed(names)}."
        if self.is_one:
            sentence += " All images in one group cannot be divided."
        elif self.are_single:
            sentence += " Each is a group of its own, so the groups keep nothing together."
        if self.without:
            sentence += f" Without a group: {listed(self.without)}."
        return sentence


def find_grouping(paths: Iterable[str], *, groups: str, table: ImageTable | None) -> Grouping:
    """Find the groups that a rule makes.

    Args:
        paths: Of the images.
        groups: A column of the table, or else a regular expression that is searched in the path: its first
            capture group, or the whole match when it has none, names the group.
        table: The table that speaks of the images; None without one.

    Raises:
        UserError: `groups` fits no image at all, or is neither a column nor a regular expression.
    """
    paths = tuple(paths)
    column = table.find_column(groups) if table is not None else None
    if table is not None and column is not None:
        of_path: Mapping[str, str] = table.values(column)
    else:
        of_path = _by_pattern(paths, groups, table=table)
    if not of_path:
        raise UserError(
            f"“{groups}” fits no image{_known(table)}.",
            mend="Write the name of a column of the table beside the images, or a pattern that is found in "
            'their paths, such as "patient[0-9]+".',
        )
    without = tuple(path for path in paths if path not in of_path)
    return Grouping(rule=groups, is_column=column is not None, of_path=of_path, without=without)


def refuse_unfit(grouping: Grouping, *, partial: bool) -> None:
    """Refuse groups that leave images out or make a split impossible.

    Args:
        grouping: As found.
        partial: Whether images may be without a group.

    Raises:
        UserError: They are not fit.
    """
    if grouping.without and not partial:
        number, total = len(grouping.of_path), len(grouping.of_path) + len(grouping.without)
        raise UserError(
            f"“{grouping.rule}” gives only {number} of {count(total, 'image')} a group; "
            f"without one: {listed(grouping.without)}.",
            work="Images of one group could lie on both sides of the split.",
            mend="Complete the table or correct the pattern, or allow images without a group.",
        )
    if grouping.is_one:
        raise UserError(
            f"“{grouping.rule}” puts all {len(grouping.of_path)} images into one group "
            f"(“{grouping.sizes[0][0]}”), so they cannot be divided.",
            mend="Give a column or a pattern that differs from patient to patient; in a pattern, the part in "
            "brackets names the group.",
        )


def _by_pattern(paths: Sequence[str], groups: str, *, table: ImageTable | None) -> dict[str, str]:
    try:
        found = find_in_all(groups, paths)
    except SlowPatternError as error:
        raise UserError(
            f"Searching for “{groups}” takes too long: it repeats so much that it fits in too many ways.",
            mend="Write it with fewer signs of repetition, as in “patient[0-9]+”.",
        ) from error
    except re.error as error:
        column = f"it is neither a column{_known(table)} nor a pattern"
        if table is None:
            column = "there is no table here that could have such a column, and it is no pattern"
        raise UserError(
            f"“{groups}” says nothing about the images: {column}, because {_pattern_problem(error)}.",
            mend="Correct the pattern." if table is None else "Give a column's name, or correct the pattern.",
        ) from error
    return {path: group for path, group in zip(paths, found, strict=True) if group}


def _pattern_problem(error: re.error) -> str:
    """Say what is wrong with a regular expression."""
    words = next((words for part, words in _PATTERN_PROBLEMS.items() if part in error.msg), "")
    place = "" if error.pos is None else f", at character {error.pos + 1}"
    return f"{words or 'it breaks the rules of regular expressions'}{place}"


def _known(table: ImageTable | None) -> str:
    return f" (columns of {table.path}: {', '.join(table.table.columns)})" if table is not None else ""
