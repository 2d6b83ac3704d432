"""Finds the images that a run learned from and was chosen by, also where its `images.csv` is missing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.core.wording import count
from tlstudio.data.splits import read_split
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.project.images_root import find_images_root
from tlstudio.project.run_images import SIDES, KnownImage, read_known_images, refuse_other_number
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingImages:
    """The images that had a part in a training, as far as they are known.

    Attributes:
        images: Those that others can be compared with.
        number: How many there are altogether; 0 when that is not known.
        files: Where they were found, for each image, when the run has no list of them; their near hashes are
            not known then.
    """

    images: tuple[KnownImage, ...]
    number: int
    files: tuple[Path, ...] = ()

    @property
    def are_all(self) -> bool:
        """True if every image of the training can be compared."""
        return len(self.images) == self.number > 0


def find_training_images(run: RunFolder, *, control: Control) -> TrainingImages:
    """Find the images of a training: in `images.csv`, and without it where the images were.

    Args:
        run: Which run.
        control: Checked once per image.

    Raises:
        UserError: `images.csv` is damaged, or lacks images.
        Cancelled: The person cancelled.
    """
    if not run.images.exists():
        return _still_there(run, control=control)
    images = tuple(read_known_images(run.images))
    number = _number(run)
    if number is not None:
        refuse_other_number(run.images, images, number=number)
    return TrainingImages(images=images, number=len(images))


def doubt_words(question: str, *, compared: int, known: int) -> str:
    """Say how far a question about the images of a training can be answered without its `images.csv`.

    Args:
        question: Begins the sentence, such as "Whether it has learned from these images".
        compared: Number of its images that are still there.
        known: How many there were; 0 when that is not known.
    """
    missing = "the list of its training images, images.csv, is missing, and"
    if not compared:
        return f"{question} cannot be checked: {missing} its images are no longer where they were."
    part = f"only {compared} of its {count(known, 'image')} could be compared, as they are now"
    return f"{question} can be checked in part only: {missing} {part}; the others are gone."


def _number(run: RunFolder) -> int | None:
    """Count the images of the training, as the other files of the run tell; None when none does."""
    with suppress(UserError, OSError):
        counted = read_run_result(run).images
        if all(side in counted for side in SIDES):
            return sum(counted[side] for side in SIDES)
    with suppress(UserError, OSError):
        return len(_sides(run))
    return None


def _sides(run: RunFolder) -> dict[str, str]:
    assignment = read_split(run.split).assignment
    return {path: side for path, side in assignment.items() if side in SIDES}


def _still_there(run: RunFolder, *, control: Control) -> TrainingImages:
    """The images of a run that are still where they were."""
    sides: dict[str, str] = {}
    root: Path | None = None
    with suppress(UserError, OSError):
        sides = _sides(run)
        root = find_images_root(run, read_recipe(run.recipe), paths=sides)
    if root is None:
        return TrainingImages(images=(), number=len(sides))
    images, files = [], []
    for path, side in sides.items():
        control.check()
        file = root / path
        with suppress(OSError):
            images.append(KnownImage(path=path, split=side, sha256=sha256_of(file), near_hash=""))
            files.append(file)
    return TrainingImages(images=tuple(images), number=len(sides), files=tuple(files))
