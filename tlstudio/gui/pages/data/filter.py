"""Chooses and sorts the images that the Data page shows, and describes each. Imports no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tlstudio.core.percent import percent
from tlstudio.core.types import SPLIT_WORDS
from tlstudio.project.store import ProjectImage

Kind = Literal["all", "unlabelled", "useful", "sure", "problems", "split", "class", "finding", "left_out"]
SUGGESTED = ("useful", "sure")
"""Filters whose images come with suggestions."""
BY_LIST = ("finding", *SUGGESTED)
"""Filters that list their images, in their order."""
SORTS = {"name": "Sort: name", "class": "Sort: class", "split": "Sort: split"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A class that the app offers for an image; no label yet.

    Attributes:
        class_name: The class.
        probability: How likely it is, 0 … 1; None where that is not known.
    """

    class_name: str
    probability: float | None = None

    def words(self, *, label: str) -> str:
        """Put it into words for the place below the image, beside its label or instead of it."""
        likely = f" {percent(self.probability)}" if self.probability is not None else ""
        return f"{f'{label} → ' if label else ''}{self.class_name}?{likely}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A filter: which images are shown.

    Attributes:
        kind: The family of filters.
        value: The split or class, or the finding's sentence.
        paths: Images of a filter that lists them, in its order.
    """

    kind: Kind = "all"
    value: str = ""
    paths: tuple[str, ...] = ()

    def holds(self, image: ProjectImage) -> bool:
        """Return whether an image passes the filter."""
        if self.kind in ("unlabelled", *SUGGESTED):
            return image.label() is None
        if self.kind == "split":
            return image.split == self.value and image.label() is not None
        if self.kind == "class":
            return image.label() == self.value
        return self.kind in ("all", "left_out")


def shown_images(
    images: Sequence[ProjectImage], *, shown: Shown, search: str, sort: str, classes: Sequence[str]
) -> list[ProjectImage]:
    """The images to show, in order.

    Args:
        images: Sorted by path; only those that are left out for the filter "left_out", else without them.
        shown: The filter.
        search: Part of the path, upper or lower case; empty for all.
        sort: A key of `SORTS`.
        classes: In their order; unlabelled images come first.
    """
    wanted = search.casefold().strip()
    places = {path: place for place, path in enumerate(shown.paths)}
    if shown.kind == "finding":
        chosen = [image for image in images if image.path in places]
    elif shown.kind in BY_LIST:
        chosen = [image for image in images if image.path in places and shown.holds(image)]
    elif shown.kind in ("all", "left_out"):
        chosen = list(images)
    else:
        chosen = [image for image in images if shown.holds(image)]
    if wanted:
        chosen = [image for image in chosen if wanted in image.path.casefold()]
    if sort == "class":
        of_class = {name: place for place, name in enumerate(classes)}
        chosen.sort(key=lambda image: of_class.get(image.label() or "", -1))
    elif sort == "split":
        of_side = {name: place for place, name in enumerate(SPLIT_WORDS)}
        chosen.sort(key=lambda image: of_side.get(image.split or "", -1))
    elif sort == "name":
        # By file name, so that IMG_7 of every class folder lie together.
        chosen.sort(key=lambda image: image.path.rpartition("/")[2].casefold())
        if shown.kind in BY_LIST:  # copies side by side, what looks worst first
            chosen.sort(key=lambda image: places[image.path])
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers of images of each kind.

    Attributes:
        by_class: Images per class; None counts the unlabelled.
        by_split: Labelled images per side; None counts those that have no side yet.
        grouped: Whether any image belongs to a group.
        given: Whether the side of any image came with it.
    """

    by_class: Mapping[str | None, int]
    by_split: Mapping[str | None, int]
    grouped: bool
    given: bool = False

    def to_learn_from(self, *, validation: float, test: float) -> int:
        """Count the images that a training will learn from, with its share of those that have no side yet."""
        waiting = self.by_split.get(None, 0)
        return self.by_split.get("train", 0) + round(waiting * (1 - validation - test))


def counts(images: Sequence[ProjectImage]) -> Counts:
    """Count the images of each kind; in one pass, because it runs after every label."""
    pairs = Counter((image.label(), image.split) for image in images)
    by_class: Counter[str | None] = Counter()
    by_split: Counter[str | None] = Counter()
    for (label, side), count in pairs.items():
        by_class[label] += count
        if label is not None:
            by_split[side] += count
    grouped = any(image.group is not None for image in images)
    given = any(image.given_split is not None for image in images)
    return Counts(by_class=by_class, by_split=by_split, grouped=grouped, given=given)


def badge(image: ProjectImage) -> str:
    """The split of an image in a few letters; empty for an image without a label."""
    if image.left_out:
        return "left out"
    if image.split is None or image.label() is None:
        return ""
    return SPLIT_WORDS[image.split]


def tip(image: ProjectImage) -> str:
    """The tool tip of an image."""
    use = ", left out" if image.left_out else f", used for {image.split}" if badge(image) else ""
    return f"{image.path}\n{image.label() or 'no label yet'}{use}\n{image.width} × {image.height} pixels"


def label_source(image: ProjectImage, *, now: datetime) -> str:
    """Say who gave an image its label, and when in local time.

    Args:
        image: Labelled or not.
        now: With its time zone.
    """
    if image.labelled_at is None:
        return "from its folder" if image.label() else "press a number key to label it"
    when = datetime.fromisoformat(image.labelled_at).astimezone(now.tzinfo)
    time = f"{when:%H:%M}" if when.date() == now.date() else f"{when:%d %b %Y, %H:%M}"
    return f"labelled by you, {time}" if image.label() else f"label removed by you, {time}"
