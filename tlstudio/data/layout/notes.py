"""Says in sentences what was made of the folders, and how to have them understood otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tlstudio.core.dataset import DataNote, Image, LayoutChoice
from tlstudio.core.types import SPLIT_NAMES, SPLIT_USES
from tlstudio.data.layout.recognise import Layout, recognise_layout
from tlstudio.data.naming import listed, natural_key

# As the command line's flag_words.py has them.
_TOP = "“Each folder is a class” on the Data page"
_DEEPEST = "“Innermost folders” on the Data page"
_AUTO = "“Recognise the folders” on the Data page"
_GROUPS = "“Groups…” on the Data page, with the pattern"


def layout_notes(layout: Layout, images: Sequence[Image], *, choice: LayoutChoice) -> list[DataNote]:
    """Put a layout into words; a plain one, with a folder for each class, needs none.

    Args:
        layout: As recognised.
        images: With their classes and sides.
        choice: What the person chose; "auto" for nothing.
    """
    if choice == "auto":
        return [*_division(layout, images), *_levels(layout), *_wrapper(layout)]
    if choice == "deepest":
        message = "The folder that an image lies in is taken as its class, wherever it lies, as you chose."
        return [DataNote(code="deepest-folders", message=message, choices=("auto",))]
    recognised = recognise_layout([image.path for image in images])
    if not (recognised.division or recognised.levels == "places"):
        return []
    names = list(recognised.division) if recognised.division else _ordered(recognised.outer)
    like = "a division of the images" if recognised.division else "places that hold the same classes"
    return [
        DataNote(
            code="folders-as-classes",
            message=f"The folders {listed(names)} look like {like}, but each folder directly in the one you "
            "gave is taken as a class, as you chose.",
            mend=f"If that is not meant: {_AUTO}.",
            choices=("auto",),
        )
    ]


def _division(layout: Layout, images: Sequence[Image]) -> list[DataNote]:
    if not layout.division:
        return []
    # Images without a class are used on no side: a side that has no others is as good as not given.
    usable = [image for image in images if image.labels] or images
    counts = Counter(image.given_split for image in usable)
    uses = [f"{counts[side]} for {SPLIT_USES[side]}" for side in SPLIT_NAMES if counts[side]]
    parts = listed(list(layout.division))
    if layout.divided == "around":
        message = f"The folders {parts} are taken as a division of the images ({listed(uses)})"
        message += ", not as classes; the classes are the folders inside them."
    else:
        message = f"Each class holds the folders {parts}: they are taken as a division ({listed(uses)})."
    missing = [SPLIT_USES[side] for side in SPLIT_NAMES if side != "train" and not counts[side]]
    if missing:
        message += f" Nothing is given for {listed(missing)}; what you want of it is drawn from training."
    if layout.outside:
        message += f" Images in {listed(layout.outside)} lie beside the division and are not used."
    return [
        DataNote(
            code="division",
            message=message,
            mend=f"If these folders are classes: {_TOP}.",
            # The innermost folders are the same classes without the division, so it would be drawn anew.
            choices=("deepest", "top") if layout.divided == "around" else ("top",),
        )
    ]


def _levels(layout: Layout) -> list[DataNote]:
    choice: LayoutChoice
    outer, inner = listed(_ordered(layout.outer)), listed(_ordered(layout.inner))
    before = f"^{re.escape(layout.base)}/" if layout.base else "^"
    match layout.levels:
        case "places":
            message = (
                f"The folders {outer} hold the same folders ({inner}): these are taken as the classes, and "
                f"{outer} as places."
            )
            mend = f"If {outer} are the classes: {_TOP}."
            choice, places, pattern = "top", "places", f"{before}([^/]+)/"
        case "classes-with-places":
            message = (
                f"The folders {outer} are taken as the classes; each holds the same folders ({inner}), which "
                "are taken as places or days."
            )
            mend = f"If {inner} are the classes: {_DEEPEST}."
            choice, places, pattern = "deepest", inner, f"{before}[^/]+/([^/]+)/"
        case "taxonomy":
            message = (
                f"The folders {outer} are taken as the classes, because what lies inside a class usually "
                f"belongs to it; the folders inside them ({inner}) are not told apart."
            )
            mend = f"To tell those apart: {_DEEPEST}."
            choice, places, pattern = "deepest", "", ""
        case "plain":
            return []
    groups = "" if layout.division else pattern  # a division that is given is not drawn by groups
    if groups:
        mend += f" To test on {places} never seen before: {_GROUPS} '{groups}'."
    return [DataNote(code=layout.levels, message=message, mend=mend, choices=(choice,), groups=groups)]


def _wrapper(layout: Layout) -> list[DataNote]:
    if not layout.base:
        return []
    message = f"Everything lies in “{layout.base}”: the classes are looked for there."
    return [DataNote(code="wrapper", message=message)]


def _ordered(names: Sequence[str]) -> list[str]:
    return sorted(names, key=natural_key)
