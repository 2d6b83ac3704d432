"""The five steps of the first lesson, and when each is done. Imports no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tlstudio.core.text_files import read_json_or_none
from tlstudio.samples.first_lesson import FIRST_LESSON, WRONG_LABELS
from tlstudio.samples.marker import MARKER

FAULTS = len(WRONG_LABELS) + 1
"""Three wrong labels and one odd image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about a person's progress in the lesson.

    Attributes:
        seen: Pages that were shown.
        trained: Whether a run is finished.
        mended: How many of the faults are mended.
        retrained: Whether a run was trained since all faults were mended.
        runs: How many runs are finished: after the second, the images that are left may be wrong no more.
    """

    seen: frozenset[str] = frozenset()
    trained: bool = False
    mended: int = 0
    retrained: bool = False
    runs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonStep:
    """One step of the lesson.

    Attributes:
        page: Page where it is done.
        title: A few words.
        text: What to do, and why.
        is_done: Whether it was done.
    """

    page: str
    title: str
    text: str
    is_done: Callable[[Facts], bool]


STEPS = (
    LessonStep(
        page="data",
        title="Look at the images",
        text="240 pictures of small parts. Three are in the wrong class and one fits none; the classifier "
        "will find them. Look around, then go to Model.",
        is_done=lambda facts: "model" in facts.seen or facts.trained,
    ),
    LessonStep(
        page="model",
        title="Train",
        text="Choose “Quick”, which is right here and takes seconds. Then press Train.",
        is_done=lambda facts: facts.trained,
    ),
    LessonStep(
        page="evaluate",
        title="See where it errs",
        text="Open Evaluate. The large figure is the share of right answers on images that were kept aside; "
        "it is lower than it should be.",
        is_done=lambda facts: "evaluate" in facts.seen or facts.mended > 0,
    ),
    LessonStep(
        page="evaluate",
        title="Find and mend",
        text="Some labels under “Most wrong images” are wrong. Select one, press Relabel and choose what it "
        "shows; for the one that shows none of them, “No class”.",
        is_done=lambda facts: facts.mended == FAULTS,
    ),
    LessonStep(
        page="evaluate",
        title="Train again and compare",
        text="Press Train again: this run learns from the right labels, and is tested with them. Its large "
        "figure should be higher than that of the first.",
        is_done=lambda facts: facts.retrained,
    ),
)


def current_step(facts: Facts) -> int:
    """Index of the first step that is not done; the number of steps when all are."""
    return next((number for number, step in enumerate(STEPS) if not step.is_done(facts)), len(STEPS))


def where_to_mend(path: str, label: str | None) -> str:
    """Name a planted image that is not mended yet, and say where it is and what it shows.

    Args:
        path: Of the image.
        label: Its class now.
    """
    shows = f"a {WRONG_LABELS[path]}" if path in WRONG_LABELS else "no class: take its label away (Del)"
    return f"{PurePosixPath(path).name} is in the class “{label}” on the Data page, and shows {shows}."


def is_lesson(images_root: Path) -> bool:
    """Return whether a folder of images is the sample of the first lesson."""
    marker = read_json_or_none(images_root / MARKER)
    return isinstance(marker, dict) and marker.get("sample") == FIRST_LESSON
