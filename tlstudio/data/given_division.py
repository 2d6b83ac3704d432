"""A division into train, validation and test that came with the images, and what is drawn besides it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tlstudio.core.dataset import Image
from tlstudio.core.types import SPLIT_NAMES, SPLIT_WORDS, SplitName
from tlstudio.data.naming import listed
from tlstudio.data.placing import related_units


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDivision:
    """A given division of images, and the fractions that are still to be drawn.

    Attributes:
        sides: The sides that came with the images.
        fixed: The side of each image that keeps the given one. Where a side is lacking, images for training
            are not among them: some of them become that side.
        validation: Fraction of the other images that validation is to get.
        test: Fraction of the other images that the test is to get.
    """

    sides: frozenset[SplitName] = frozenset()
    fixed: Mapping[str, SplitName] = field(default_factory=dict)
    validation: float
    test: float

    def relatives(self, labelled: Sequence[Image], *, column: str) -> dict[str, SplitName]:
        """Find the sides of images without a given one that are related to images whose side is fixed."""
        found: dict[str, SplitName] = {}
        if not self.fixed:
            return found
        free = {image.path for image in labelled if image.given_split is None}
        for unit in related_units(labelled, column=column) if free else ():
            sides = Counter(self.fixed[path] for path in unit.paths if path in self.fixed)
            if sides:
                side = max(SPLIT_NAMES, key=lambda name: sides[name])
                found |= {path: side for path in unit.paths if path in free}
        return found

    def notes(self) -> tuple[str, ...]:
        """Say that the division was given, and what was drawn besides; no sentence when nothing was given."""
        if not self.sides:
            return ()
        given = listed([SPLIT_WORDS[side] for side in SPLIT_NAMES if side in self.sides])
        drawn = [
            SPLIT_WORDS[side]
            for side, fraction in (("validation", self.validation), ("test", self.test))
            if fraction > 0 and "train" not in self.fixed.values()
        ]
        verb = "was" if len(drawn) == 1 else "were"
        end = f"{listed(drawn)} {verb} drawn from the training images" if drawn else "nothing was drawn"
        return (f"The division into {given} came with the images; {end}.",)


def classes_not_taught(images: Sequence[Image]) -> dict[str, list[str]]:
    """Classes of which a division that came with the images gives none for training, with their images.

    Images without a side are divided later, and may be trained on.
    """
    sides = {image.given_split for image in images if image.labels}
    if sides <= {None}:
        return {}
    by_class: dict[str, list[Image]] = defaultdict(list)
    for image in images:
        if (name := image.label()) is not None:
            by_class[name].append(image)
    return {
        name: [image.path for image in of_class]
        for name, of_class in by_class.items()
        if all(image.given_split in ("validation", "test") for image in of_class)
    }


def given_division(labelled: Sequence[Image], *, validation: float, test: float) -> GivenDivision:
    """Find the division that came with images.

    Args:
        labelled: The labelled images.
        validation: Fraction that is wanted where none is given.
        test: Fraction that is wanted where none is given.
    """
    given = {image.path: image.given_split for image in labelled if image.given_split is not None}
    sides = frozenset(given.values())
    if "validation" in sides:
        validation = 0.0
    if "test" in sides:
        test = 0.0
    draws = validation > 0 or test > 0
    fixed = {path: side for path, side in given.items() if side != "train" or not draws}
    return GivenDivision(sides=sides, fixed=fixed, validation=validation, test=test)
