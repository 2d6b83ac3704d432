"""Datasets made by hand, and short ways to run one check on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import check_of
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.events import EpochEnded
from tlstudio.core.finding import Finding
from tlstudio.core.types import ProblemFile, Split
from tlstudio.evaluation.comparisons import (
    Comparisons,
    PretrainingComparison,
    StrategyComparison,
    TeacherComparison,
)
from tlstudio.evaluation.evaluation import Evaluation, Subset
from tlstudio.evaluation.intervals import paired_difference, wilson
from tlstudio.evaluation.label_scores import ScoredLabel, ScoredLabels
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
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
    """Run one check and return its findings."""
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


def evaluation(
    true: Sequence[int],
    predicted: Sequence[int],
    *,
    sure: float = 0.9,
    subset: Subset = "test",
    classes: tuple[str, ...] = ("a", "b", "c"),
) -> Evaluation:
    """An evaluation of images `0.jpg`, `1.jpg` … with these labels and predictions, all equally sure."""
    probabilities = np.full((len(true), len(classes)), (1 - sure) / max(len(classes) - 1, 1))
    if len(true):
        probabilities[np.arange(len(true)), list(predicted)] = sure
    predictions = Predictions(
        paths=tuple(f"{number}.jpg" for number in range(len(true))),
        classes=classes,
        probabilities=probabilities,
        true_indices=np.array(true, dtype=np.int64),
    )
    return evaluate_predictions(predictions, subset=subset)


def judge(check: str, of: Evaluation, *, split: Split | None = None) -> list[Finding]:
    """Run one check on an evaluation and return its findings."""
    return examine(check, Evidence(evaluation=of, split=split))


def judge_comparison(check: str, comparisons: Comparisons) -> Finding:
    """Run one check on a run's comparisons and return its only finding."""
    evidence = Evidence(evaluation=evaluation([0, 1], [0, 1]), comparisons=comparisons)
    (found,) = examine(check, evidence)
    return found


def strategy(
    before: float, after: float, *, n: int = 200, start_returned: bool = False
) -> StrategyComparison:
    """A strategy with these two accuracies; where they differ, they differ one way only."""
    won, lost = max(0, round(n * (after - before))), max(0, round(n * (before - after)))
    return StrategyComparison(
        start_accuracy=before,
        accuracy=after,
        n=n,
        difference=after - before,
        interval=paired_difference(won, lost, n).pair,
        start_returned=start_returned,
    )


def pretraining(trained: float, random: float, *, n: int = 200) -> PretrainingComparison:
    """Pretraining with these two accuracies; where they differ, they differ one way only."""
    found = strategy(random, trained, n=n)
    return PretrainingComparison(
        accuracy=trained,
        random_accuracy=random,
        majority_accuracy=0.25,
        n=n,
        difference=found.difference,
        interval=found.interval,
    )


def teacher(student: float, teacher: float, *, n: int = 200) -> TeacherComparison:
    """A student and its teacher with these two accuracies; the student is half as large and as quick."""
    found = strategy(teacher, student, n=n)
    return TeacherComparison(
        accuracy=student,
        teacher_accuracy=teacher,
        n=n,
        on_test_images=True,
        difference=found.difference,
        interval=found.interval,
        weights_bytes=10_000_000,
        teacher_weights_bytes=20_000_000,
        seconds_per_1000=5.0,
        teacher_seconds_per_1000=5.2,
    )


def scored_labels(*, wrong: int, n: int = 20, unjudged: int = 0) -> ScoredLabels:
    """Scored labels of which the first ones look wrong."""
    judged = [0.9] * wrong + [0.0] * (n - wrong)
    labels = (
        ScoredLabel(path=f"{number}.jpg", label="a", suggestion="b", wrong=probability)
        for number, probability in enumerate([*judged, *[None] * unjudged])
    )
    return ScoredLabels(labels=tuple(labels), rate=wrong / n, interval=(0.03, 0.2), is_shown=wrong > 0)
