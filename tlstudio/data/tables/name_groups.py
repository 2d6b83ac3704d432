"""Guesses from file names which images belong together, such as those of one patient: patient12_03.jpg."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SIGNS = {"_": "“_”", "-": "“-”", " ": "space"}
FEWEST_GROUPS = 5
"""Groups of several images below which equal beginnings of names may be kinds, cameras or days."""
REPEATED = 0.5
"""Least share of the images that are in groups of several."""
LARGEST = 0.25
"""Largest share of the images that one group may hold."""
NEW_ENDINGS = 0.5
"""Endings may be so many times fewer than images: those of groups are counted anew in each, 01, 02, 03."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """A rule by which file names may tell groups.

    Attributes:
        title: In words.
        pattern: A regular expression, as in a recipe; its first capture group is the name of the group.
    """

    title: str
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedGroups:
    """Groups as file names suggest them.

    Attributes:
        rule: Which tells them.
        of_path: The group of each image.
    """

    rule: NameRule
    of_path: Mapping[str, str]

    @property
    def several(self) -> dict[str, list[str]]:
        """The paths of each group that holds several images, by its name."""
        groups: dict[str, list[str]] = {}
        for path, name in self.of_path.items():
            groups.setdefault(name, []).append(path)
        return {name: paths for name, paths in groups.items() if len(paths) > 1}


def name_rules() -> list[NameRule]:
    """The rules, in the order in which they are offered."""
    rules = []
    for sign, word in _SIGNS.items():
        first, last = rf"(?:^|/)([^/{sign}]+){sign}[^/]*$", rf"(?:^|/)([^/]+){sign}[^/{sign}]*$"
        rules += [
            NameRule(title=f"File name up to the first {word}", pattern=first),
            NameRule(title=f"File name up to the last {word}", pattern=last),
        ]
    number = r"(?:^|/)([^\W\d_]+[ _-]?\d+)[^/]*$"
    return [*rules, NameRule(title="Word and number at the start of the file name", pattern=number)]


def guess_groups(paths: Sequence[str], *, labels: Mapping[str, str]) -> GuessedGroups | None:
    """Guess groups from file names.

    Names such as `cardboard_007.jpg`, whose beginning is the class, and numbers that run on through all
    images, as a camera writes them, tell no groups.

    Args:
        paths: Of all images.
        labels: The class of each image that has one.

    Returns:
        The groups by the rule that puts most images into groups of several; None where no rule is likely.
    """
    guesses = [guess for rule in name_rules() if (guess := _guess(rule, paths, labels)) is not None]
    return max(guesses, key=lambda guess: sum(map(len, guess.several.values())), default=None)


def _guess(rule: NameRule, paths: Sequence[str], labels: Mapping[str, str]) -> GuessedGroups | None:
    of_path, endings = {}, []
    for path in paths:
        match = re.search(rule.pattern, path)
        if match is None:
            return None
        of_path[path] = match[1]
        endings.append(path[match.end(1) :].rpartition(".")[0])
    sizes = Counter(of_path.values())
    several = [size for size in sizes.values() if size > 1]
    kinds = len(set(labels.values()))
    is_likely = (
        len(several) >= max(FEWEST_GROUPS, 2 * kinds)
        and sum(several) >= REPEATED * len(paths)
        and max(several) <= LARGEST * len(paths)
        and len(set(endings)) <= NEW_ENDINGS * len(paths)
        and len(set(endings)) > 1
    )
    return GuessedGroups(rule=rule, of_path=of_path) if is_likely else None
