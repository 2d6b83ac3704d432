"""Places images on the sides of a split: related ones together, each class near its share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tlstudio.core.dataset import DEFAULT_COLUMN, Image
from tlstudio.core.types import SPLIT_NAMES, SplitName

TESTED_FROM = 4
"""From this many independent images on, a class gets at least one on each side asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Images that stay together: exact duplicates, those of one group, and whatever that ties together.

    Attributes:
        paths: Sorted.
        counts: Images of each class.
    """

    paths: tuple[str, ...]
    counts: Counter[str]


def related_units(images: Sequence[Image], *, column: str = DEFAULT_COLUMN) -> list[Unit]:
    """Join what is related.

    Args:
        images: Labelled, sorted by path.
        column: Whose classes are counted.

    Returns:
        Units sorted by their first path.
    """
    leader = list(range(len(images)))

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    seen: dict[tuple[str, str], int] = {}
    for index, image in enumerate(images):
        ties = [("content", image.sha256)]
        if image.group is not None:
            ties.append(("group", image.group))
        for tie in ties:
            one, other = find(index), find(seen.setdefault(tie, index))
            leader[max(one, other)] = min(one, other)
    members: dict[int, list[Image]] = defaultdict(list)
    for index, image in enumerate(images):
        members[find(index)].append(image)
    # Most units are one image, so their counts are one of a few: each is kept once.
    counts: dict[tuple[str, ...], Counter[str]] = {}
    units = []
    for unit in members.values():
        labels = tuple(image.labels[column] for image in unit)
        if labels not in counts:
            counts[labels] = Counter(labels)
        units.append(Unit(tuple(image.path for image in unit), counts[labels]))
    return units


def side_sizes(images: int, independent: int, *, validation: float, test: float) -> dict[SplitName, int]:
    """How many images of one class each side should get.

    Args:
        images: Of the class.
        independent: Units of the class.
        validation: Fraction asked for.
        test: Fraction asked for.
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
    """A split in the making.

    Args:
        targets: Class name to the number of images wanted on each side.
        seed: Decides the order in which units of one size are placed.
    """

    def __init__(self, targets: Mapping[str, Mapping[SplitName, int]], *, seed: int) -> None:
        self._targets = targets
        self._seed = seed
        self._held: dict[SplitName, Counter[str]] = {side: Counter() for side in SPLIT_NAMES}
        self._side_of: dict[Unit, SplitName] = {}

    def hold(self, class_name: str, side: SplitName) -> None:
        """Count an image that is placed already and stays."""
        self._held[side][class_name] += 1

    def place(self, units: Iterable[Unit]) -> dict[str, SplitName]:
        """Choose a side for each unit, the largest first.

        Returns:
            Path to side, for all images of the units.
        """
        ordered = sorted(units, key=lambda unit: (-len(unit.paths), self._draw(unit)))
        for unit in ordered:
            self._put(unit, max(SPLIT_NAMES, key=lambda side: self._gain(unit, side)))
        # Large groups can leave a class without training images, or a side with nothing at all.
        smallest_first = ordered[::-1]
        for name in self._targets:
            if not self._held["train"][name]:
                self._move_first((unit for unit in smallest_first if name in unit.counts), "train")
        for side in ("validation", "test"):
            if not self._held[side].total() and any(sizes[side] for sizes in self._targets.values()):
                self._move_first((unit for unit in smallest_first if self._train_can_spare(unit)), side)
        return {path: side for unit, side in self._side_of.items() for path in unit.paths}

    def _draw(self, unit: Unit) -> str:
        # A hash, not a shuffle: one image more or less does not redraw all the others.
        return sha256(f"{self._seed}/{unit.paths[0]}".encode("utf-8", errors="surrogateescape")).hexdigest()

    def _gain(self, unit: Unit, side: SplitName) -> float:
        """By how much the squared distance from the targets shrinks, small classes weighing as large ones."""
        gain = 0.0
        for name, count in unit.counts.items():
            sizes = self._targets[name]
            missing = sizes[side] - self._held[side][name]
            gain += count * (2 * missing - count) / sum(sizes.values())
        return gain

    def _put(self, unit: Unit, side: SplitName) -> None:
        if unit in self._side_of:
            self._held[self._side_of[unit]].subtract(unit.counts)
        self._held[side].update(unit.counts)
        self._side_of[unit] = side

    def _move_first(self, candidates: Iterable[Unit], side: SplitName) -> None:
        unit = next(iter(candidates), None)
        if unit is not None:
            self._put(unit, side)

    def _train_can_spare(self, unit: Unit) -> bool:
        train = self._held["train"]
        return self._side_of[unit] == "train" and all(
            train[name] > count for name, count in unit.counts.items()
        )
