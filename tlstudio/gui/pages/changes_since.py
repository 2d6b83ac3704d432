"""Changes in the images since a run was trained. Imports no Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tlstudio.core.wording import count as counted
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import ProjectImage


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedOn:
    """The images and classes that a run was trained and tested on.

    Attributes:
        paths: Its images.
        classes: Its classes.
        began: When it read their labels, in ISO 8601 and UTC.
        tests: Those of its images that it was only tested on.
    """

    paths: frozenset[str]
    classes: tuple[str, ...]
    began: str
    tests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Numbers of images that changed since a run was trained, and whether classes did.

    Attributes:
        relabelled: Images of the run that a person labelled since.
        new: Labelled images that it did not have.
        gone: Images that it had and that are not used any more: left out, without a label, or missing.
        classes: Whether a class of the run has no image any more, or there is another one.
        only_tests: Whether of the run's images only test images were relabelled or are gone.
    """

    relabelled: int
    new: int
    gone: int
    classes: bool
    only_tests: bool = False

    def caution(self) -> str:
        """Say that the next test will be too good, where only test images were mended; else empty."""
        if not self.only_tests:
            return ""
        return (
            "Only test images were mended, so the next test will look better than the classifier is. Look as "
            "closely at training images, or test on images you have not looked at."
        )

    def words(self) -> str:
        """Describe the changes as a part of a sentence; empty when there are none."""
        parts = [
            f"{counted(count, 'image')} {what}"
            for count, what in (
                (self.relabelled, "relabelled"),
                (self.new, "added"),
                (self.gone, "not used any more"),
            )
            if count
        ]
        if not parts and self.classes:
            parts = ["other classes"]
        return ", ".join(parts)


def read_trained_on(run: RunFolder, *, noted: datetime | None) -> TrainedOn:
    """Read what a run was trained on. Slow for many images: not for the GUI thread.

    Args:
        run: Finished.
        noted: When it read the labels, if the project knows; else the time of its split file is taken.

    Raises:
        UserError: Its split or recipe cannot be read.
        OSError: The same.
    """
    from tlstudio.data.splits import read_split  # brings numpy

    began = noted or datetime.fromtimestamp(run.split.stat().st_mtime, UTC)
    sides = read_split(run.split).assignment
    return TrainedOn(
        paths=frozenset(sides),
        tests=frozenset(path for path, side in sides.items() if side == "test"),
        classes=tuple(str(name) for name in run.read_json(run.recipe).get("classes") or ()),
        began=began.astimezone(UTC).isoformat(timespec="milliseconds"),
    )


def changes_since(
    trained_on: TrainedOn, images: Sequence[ProjectImage], *, classes: Collection[str]
) -> Changes:
    """Compare the images of now with those of a run.

    Args:
        trained_on: Of the run.
        images: Those of the project that are used.
        classes: Those of the project that exist.
    """
    relabelled = new = others = 0
    gone = set(trained_on.paths)
    for image in images:
        if image.label() is None:
            continue
        if image.path not in trained_on.paths:
            new += 1
            continue
        gone.discard(image.path)
        # Both are UTC in one format, so they compare as text: this is done for thousands after each label.
        if image.labelled_at is not None and image.labelled_at > trained_on.began:
            relabelled += 1
            others += image.path not in trained_on.tests
    others += len(gone - trained_on.tests)
    return Changes(
        only_tests=bool(relabelled + len(gone)) and not others,
        relabelled=relabelled,
        new=new,
        gone=len(gone),
        classes=not set(trained_on.classes) <= set(classes),
    )
