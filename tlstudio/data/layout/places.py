"""Tells levels of folders apart: which are classes, and which are places, days or patients.

When each of several folders holds the same inner folders, either the outer or the inner ones are the classes.
Names decide: series such as "site 1, site 2", dates and words such as "camera" or "patient" are places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal

from tlstudio.data.naming import same_name

Levels = Literal["plain", "places", "classes-with-places", "taxonomy"]

_PLACE_WORDS = frozenset(
    {"site", "place", "plot", "field", "farm", "camera", "cam", "station", "location", "area", "region"}
    | {"zone", "house", "room", "session", "day", "date", "week", "month", "year", "night", "batch"}
    | {"patient", "subject", "person", "animal", "plant", "donor", "user", "writer", "wearer", "slide"}
    | {"plate", "well", "run", "trip", "tray", "scanner", "stain", "style", "domain", "source", "part"}
    | {"series", "folder", "set", "view", "side", "original", "originals", "augmented", "raw", "left"}
    | {"right", "front", "back", "color", "colour", "gray", "grey", "grayscale", "segmented"}
)
_CLASS_WORDS = frozenset(
    {"class", "grade", "type", "category", "label", "species", "stage", "level", "score", "kind"}
)
_DATE = re.compile(r"^(19|20)\d\d([\s_.-]?\d\d){0,2}([\s_.T-].*)?$")


def judge_levels(inner: Mapping[str, Collection[str]], *, loose: int, images: int) -> Levels:
    """Decide what two levels of folders are.

    Args:
        inner: The names of the inner folders of each outer one.
        loose: Number of images that lie in outer folders directly.
        images: Number of images in all of them.

    Returns:
        "plain": the outer folders are classes, and inner ones are few or lie beside images; "places": the
        outer ones are places, the inner ones classes; "classes-with-places": the other way round; "taxonomy":
        each outer folder has inner ones of its own.
    """
    names = {outer: {same_name(name) for name in inside} for outer, inside in inner.items()}
    if len(names) < 2 or loose * 20 > images or not all(names.values()):
        return "plain"
    holders = Counter(name for inside in names.values() for name in inside)
    shared = {name for name, count in holders.items() if count > 1}
    if len(holders) < 2 or max(len(inside) for inside in names.values()) < 2:
        return "plain"
    if len(shared) > 1 and 2 * len(shared) >= len(holders) and all(names[name] & shared for name in names):
        return "places" if _place_score(names) >= _place_score(holders) else "classes-with-places"
    return "taxonomy"


def _place_score(names: Collection[str]) -> int:
    """Judge whether names are of places rather than classes: -1 classes, 0 open, 1 a series, 2 places."""
    words = [set(re.findall(r"[^\W\d_]+", name.casefold())) for name in names]
    singular = [found | {word.removesuffix("s") for word in found} for found in words]
    if all(found & _CLASS_WORDS for found in singular):
        return -1
    if all(_DATE.match(name) for name in names) or all(
        found & _PLACE_WORDS or any(word[:-1] in _PLACE_WORDS for word in found) for found in singular
    ):
        return 2
    numbered = {re.sub(r"\d+", "#", name.casefold()) for name in names}
    lettered = {re.sub(r"((?<=[\s_\d-])[A-Za-z]|(?<=[a-z])[A-Z])$", "#", name) for name in names}
    is_series = any(len(found) == 1 and "#" in next(iter(found)) for found in (numbered, lettered))
    return int(is_series and len(names) > 1)
