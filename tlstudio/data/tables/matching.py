r"""Matches names in a table with image files: the one way in which labels, groups and sides find images.

A name may be a path or a bare file name, with `/` or `\`, in any capitals, with accents composed or
decomposed, with or without its ending, with folders before it that are not here. The closest way of writing
counts; a name that fits several files equally closely fits none.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The rows of a table by image, and the names in it that fit no image or several.

    Attributes:
        rows: Numbers of the rows of each image that has any, in order; usually one.
        missing: Names that fit no image, each once.
        ambiguous: Names that fit several images, with those.
    """

    rows: dict[str, list[int]]
    missing: tuple[str, ...]
    ambiguous: dict[str, tuple[str, ...]]


class ImageNames:
    """Finds images by the names that people write.

    Args:
        paths: Of the images, relative to the root, with `/`.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        paths = tuple(paths)
        # From the closest way of writing to the freest; each index is made when it is first needed.
        self._ways = (
            _Way(paths, of_path=_as_written, of_name=_as_written),
            _Way(paths, of_path=_usual, of_name=_usual),
            _Way(paths, of_path=_any_case, of_name=_any_case),
            _Way(paths, of_path=_without_ending, of_name=_any_case),
        )

    def find(self, name: str) -> tuple[str, ...]:
        """The images that a name fits best: none, one, or several when it is ambiguous."""
        return next((found for way in self._ways if (found := way.find(name))), ())

    def match(self, names: Sequence[str]) -> Matches:
        """Match all names of a column; empty ones are passed over."""
        rows: dict[str, list[int]] = defaultdict(list)
        missing: dict[str, None] = {}
        ambiguous: dict[str, tuple[str, ...]] = {}
        for number, name in enumerate(names):
            found = self.find(name) if name else ()
            if len(found) == 1:
                rows[found[0]].append(number)
            elif found:
                ambiguous[name] = found
            elif name:
                missing[name] = None
        return Matches(rows=dict(rows), missing=tuple(missing), ambiguous=ambiguous)


class _Way:
    """One way of writing names.

    Args:
        paths: Of the images.
        of_path: The parts of a path in this way of writing.
        of_name: The parts of a name in a table.
    """

    def __init__(
        self, paths: Sequence[str], *, of_path: Callable[[str], Parts], of_name: Callable[[str], Parts]
    ) -> None:
        self._paths, self._of_path, self._of_name = paths, of_path, of_name

    @cached_property
    def _wholes(self) -> dict[Parts, list[str]]:
        """Images by all parts of their path."""
        wholes: dict[Parts, list[str]] = defaultdict(list)
        for path in self._paths:
            wholes[self._of_path(path)].append(path)
        return dict(wholes)

    @cached_property
    def _ends(self) -> dict[Parts, list[str]]:
        """Images by the last parts of their path, however many."""
        ends: dict[Parts, list[str]] = defaultdict(list)
        for parts, paths in self._wholes.items():
            for start in range(1, len(parts)):
                ends[parts[start:]] += paths
        return dict(ends)

    def find(self, name: str) -> tuple[str, ...]:
        """Images whose path is the name, or ends in it, or that the name ends in with at least a folder."""
        parts = self._of_name(name)
        found = self._wholes.get(parts) or self._ends.get(parts)
        for start in range(1, len(parts)):
            if found:
                break
            end = parts[start:]
            found = self._wholes.get(end) or (self._ends.get(end) if len(end) > 1 else None)
        return tuple(found or ())


def _as_written(name: str) -> Parts:
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def _usual(name: str) -> Parts:
    """Bring a name to one form of Unicode, its ending to small letters, and cut spaces around its parts."""
    parts = [part.strip() for part in _as_written(unicodedata.normalize("NFC", name))]
    if parts:
        stem, dot, ending = parts[-1].rpartition(".")
        parts[-1] = f"{stem}{dot}{ending.lower()}"
    return tuple(parts)


def _any_case(name: str) -> Parts:
    return tuple(unicodedata.normalize("NFC", part.casefold()) for part in _usual(name))


def _without_ending(path: str) -> Parts:
    *folders, last = _any_case(path) or ("",)
    return (*folders, last.rpartition(".")[0] or last)
