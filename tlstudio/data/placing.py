"""Assigns units of images to the sides of a split, so that each class gets about its share on each side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tlstudio.core.dataset import DEFAULT_COLUMN, Image
from tlstudio.core.types import SPLIT_NAMES, SplitName
from tlstudio.data.units import unit_numbers

TESTED_FROM = 4
"""Independent images of a class from which on it gets at least one on each side that is wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Images that stay together; see `unit_numbers`.

    Attributes:
        paths: Sorted.
        counts: Number of images of each class.
    """

    paths: tuple[str, ...]
    counts: Counter[str]


def related_units(images: Sequence[Image], *, column: str = DEFAULT_COLUMN) -> list[Unit]:
    """Divide images into units.

    Args:
        images: Labelled, sorted by path.
        column: Whose classes are counted.

    Returns:
        Units sorted by their first path.
    """
    members: dict[int, list[Image]] = defaultdict(list)
    for image, number in zip(images, unit_numbers(images), strict=True):
        members[number].append(image)
    # Most units are one image, so their counts are one of a few: equal counts share one object.
    counts: dict[tuple[str, ...], Counter[str]] = {}
    units = []
    for unit in members.values():
        labels = tuple(image.labels[column] for image in unit)
        if labels not in counts:
            counts[labels] = Counter(labels)
        units.append(Unit(tuple(image.path for image in unit), counts[labels]))
    return units


def side_sizes(images: int, independent: int, *, validation: float, test: float) -> dict[SplitName, int]:
    """Compute how many images of one class each side should get.

    Args:
        images: Number of images of the class.
        independent: Number of units of the class.
        validation: Wanted fraction.
        test: Wanted fraction.
    """
    sizes = {"validation": int(images * validation + 0.5), "test": int(images * test + 0.5)}
    if independent >= TESTED_FROM:
        sizes["validation"] = max(sizes["validation"], int(validation > 0))
        sizes["test"] = max(sizes["test"], int(test > 0))
    elif independent == TESTED_FROM - 1 and not any(sizes.values()):
        sizes["validation" if validation > 0 else "test"] = int(validation + test > 0)
    while sum(sizes.values()) > max(0, images - 1):
        sizes[max(sizes, key=lambda name: sizes[name])] -= 1
    return {
        "train": images - sum(sizes.values()),
        "validation": sizes["validation"],
        "test": sizes["test"],
    }


class Placing:
    """Assigns units to sides one by one, with a count of the images of each class on each side.

    Args:
        targets: Class name to the wanted number of images on each side.
        seed: Decides the order in which units of equal size are placed.
    """

    def __init__(self, targets: Mapping[str, Mapping[SplitName, int]], *, seed: int) -> None:
        self._targets = targets
        self._seed = seed
        self._held: dict[SplitName, Counter[str]] = {side: Counter() for side in SPLIT_NAMES}
        self._side_of: dict[Unit, SplitName] = {}

    def add_placed(self, class_name: str, side: SplitName) -> None:
        """Count an image whose side is fixed already."""
        self._held[side][class_name] += 1

    def place(self, units: Iterable[Unit]) -> dict[str, SplitName]:
        """Choose a side for each unit, the largest unit first.

        Returns:
            Side by path, for all images of the units.
        """
        ordered = sorted(units, key=lambda unit: (-len(unit.paths), self._draw(unit)))
        for unit in ordered:
            self._assign(unit, max(SPLIT_NAMES, key=lambda side: self._gain(unit, side)))
        # Large groups can leave a class without training images, or a side with nothing at all.
        smallest_first = ordered[::-1]
        for name in self._targets:
            if not self._held["train"][name]:
                self._move_first((unit for unit in smallest_first if name in unit.counts), "train")
        for side in ("validation", "test"):
            if not self._held[side].total() and any(sizes[side] for sizes in self._targets.values()):
                self._move_first((unit for unit in smallest_first if self._can_leave_train(unit)), side)
        return {path: side for unit, side in self._side_of.items() for path in unit.paths}

    def _draw(self, unit: Unit) -> str:
        # A hash, not a shuffle: adding or removing one image does not change the order of the others.
        return sha256(f"{self._seed}/{unit.paths[0]}".encode("utf-8", errors="surrogateescape")).hexdigest()

    def _gain(self, unit: Unit, side: SplitName) -> float:
        """Compute how far placing a unit on a side shrinks the squared distance from the targets.

        All classes weigh the same.
        """
        gain = 0.0
        for name, count in unit.counts.items():
            sizes = self._targets[name]
            missing = sizes[side] - self._held[side][name]
            gain += count * (2 * missing - count) / sum(sizes.values())
        return gain

    def _assign(self, unit: Unit, side: SplitName) -> None:
        if unit in self._side_of:
            self._held[self._side_of[unit]].subtract(unit.counts)
        self._held[side].update(unit.counts)
        self._side_of[unit] = side

    def _move_first(self, candidates: Iterable[Unit], side: SplitName) -> None:
        unit = next(iter(candidates), None)
        if unit is not None:
            self._assign(unit, side)

    def _can_leave_train(self, unit: Unit) -> bool:
        train = self._held["train"]
        return self._side_of[unit] == "train" and all(
            train[name] > count for name, count in unit.counts.items()
        )
