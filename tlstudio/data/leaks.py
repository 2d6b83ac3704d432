"""Finds images that lie on several sides of a division although they are (near) copies or of one group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tlstudio.core.dataset import Image
from tlstudio.core.types import SplitName
from tlstudio.core.wording import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaks:
    """Copies, near-duplicates and groups of images that lie on several sides of a division.

    Attributes:
        copies: Paths of exact copies, those of one image after another.
        pictures: Number of different pictures among them.
        near: Paths of near-duplicates that are no exact copies, those of one picture after another.
        near_pictures: Number of different pictures among them.
        groups: Groups with images on several sides.
        grouped: Paths of their images.
    """

    copies: tuple[str, ...]
    pictures: int
    near: tuple[str, ...]
    near_pictures: int
    groups: tuple[str, ...]
    grouped: tuple[str, ...]


def find_leaks(images: Iterable[Image], sides: Mapping[str, SplitName]) -> Leaks:
    """Find what lies on several sides.

    Args:
        images: Those without a side are passed over.
        sides: By path.
    """
    by_content: dict[str, list[Image]] = defaultdict(list)
    by_near: dict[str, list[Image]] = defaultdict(list)
    by_group: dict[str, list[Image]] = defaultdict(list)
    for image in images:
        if image.path in sides:
            by_content[image.sha256].append(image)
            if image.near is not None:
                by_near[image.near].append(image)
            if image.group is not None:
                by_group[image.group].append(image)

    def straddles(related: list[Image]) -> bool:
        return len({sides[image.path] for image in related}) > 1

    def straddles_unlike(related: list[Image]) -> bool:
        # Each side has a set of contents; sides with the same ones are exact copies of each other.
        found: dict[SplitName, set[str]] = defaultdict(set)
        for image in related:
            found[sides[image.path]].add(image.sha256)
        return len(found) > 1 and len(set().union(*found.values())) > 1

    copies = [related for related in by_content.values() if len(related) > 1 and straddles(related)]
    near = [related for related in by_near.values() if straddles_unlike(related)]
    groups = {name: related for name, related in by_group.items() if straddles(related)}
    return Leaks(
        copies=tuple(image.path for related in copies for image in related),
        pictures=len(copies),
        near=tuple(image.path for related in near for image in related),
        near_pictures=len(near),
        groups=tuple(groups),
        grouped=tuple(image.path for related in groups.values() for image in related),
    )


def leak_sentences(leaks: Leaks) -> list[tuple[str, tuple[str, ...]]]:
    """One sentence for each kind of leak, with the paths of its images; empty without any."""
    found = []
    if leaks.copies:
        pictures = count(leaks.pictures, "picture lies", plural="pictures lie")
        sentence = f"{pictures} on several sides of the division as exact copies: what is tested was learned."
        found.append((sentence, leaks.copies))
    if leaks.near:
        pictures = count(leaks.near_pictures, "picture lies", plural="pictures lie")
        sentence = (
            f"{pictures} on several sides of the division as near-duplicates (saved again, resized, cut or "
            "turned a little): what is tested was nearly learned."
        )
        found.append((sentence, leaks.near))
    if leaks.groups:
        groups = count(len(leaks.groups), "group has", plural="groups have")
        sentence = f"{groups} images on several sides of the division: the test is too easy."
        found.append((sentence, leaks.grouped))
    return found
