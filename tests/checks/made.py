"""Datasets made by hand, and short ways to run one check on them."""

from __future__ import annotations

from pathlib import Path

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import check_of
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.events import EpochEnded
from tlstudio.core.finding import Finding
from tlstudio.core.types import ProblemFile
from tlstudio.evaluation.intervals import wilson
from tlstudio.specs import CHECKS


def image(path: str, *, sha256: str = "", size: tuple[int, int] = (300, 200)) -> Image:
    """An image whose class is the first folder of its path; without a folder it is unlabelled."""
    name = path.split("/")[0] if "/" in path else None
    return Image(path=path, sha256=sha256 or path, labels=labels_of(name), width=size[0], height=size[1])


def dataset(*images: Image, problems: tuple[ProblemFile, ...] = (), empty: tuple[str, ...] = ()) -> Dataset:
    """A data set of these images."""
    classes = sorted({label for image in images if (label := image.label())})
    return Dataset.of_folder(
        Path("/x"), images=images, classes=classes, problems=problems, empty_classes=empty
    )


def images(**sizes: int) -> list[Image]:
    """So many images of each class."""
    return [image(f"{name}/{n}.jpg") for name, size in sizes.items() for n in range(size)]


def examine(check: str, of: Dataset | Evidence) -> list[Finding]:
    """What one check finds."""
    evidence = Evidence(dataset=of) if isinstance(of, Dataset) else of
    return list(check_of(CHECKS.get(check)).examine(evidence, control=Control()))


def epoch(
    *,
    number: int = 1,
    best: int = 1,
    train_accuracy: float | None = 0.9,
    correct: int = 18,
    n: int = 20,
    validation_loss: float | None = 0.3,
) -> EpochEnded:
    """An epoch with `correct` of `n` validation images of two classes right."""
    return EpochEnded(
        run_id="r",
        epoch=number,
        epochs=10,
        train_loss=0.1,
        train_accuracy=train_accuracy,
        validation_loss=validation_loss,
        validation_accuracy=correct / n if n else None,
        validation_interval=(wilson(correct, n).low, wilson(correct, n).high) if n else None,
        validation_n=n,
        confusion=((correct, 0), (n - correct, 0)) if n else (),
        best_epoch=best,
        learning_rate=0.1,
        elapsed_seconds=1.0,
    )
