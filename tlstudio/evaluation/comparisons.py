"""The comparisons of a run's classifier with the plain start, an untrained backbone and its teacher.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json
from tlstudio.core.percent import percent, points
from tlstudio.core.typed_values import read_dataclass
from tlstudio.project.runs import MAKE_AGAIN, RunFolder

log = logging.getLogger(__name__)


def _check(*, fractions: Iterable[float], amounts: Iterable[float], others: Iterable[float]) -> None:
    """Raise ValueError for figures that no comparison gives."""
    if not all(0 <= value <= 1 for value in fractions):
        raise ValueError("a fraction that is none")
    if not all(0 <= value < math.inf for value in amounts) or not all(map(math.isfinite, others)):
        raise ValueError("a number that is none")


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneComparison:
    """A label column that was learned together with others, compared with the same column learned alone.

    Attributes:
        n: Number of images.
        accuracy: Of the classifier of all columns, a fraction.
        alone_accuracy: Of the classifier of this column alone, a fraction.
        difference: Of the two; positive when the columns together are better.
        interval: 95 % interval of the difference.
    """

    n: int
    accuracy: float
    alone_accuracy: float
    difference: float
    interval: tuple[float, float]

    def check(self) -> None:
        """Raise ValueError for figures that no comparison gives."""
        _check(
            fractions=(self.accuracy, self.alone_accuracy),
            amounts=(self.n,),
            others=(self.difference, *self.interval),
        )

    @property
    def words(self) -> str:
        """The figures in words, to follow those of the comparison with the plain head."""
        return (
            f"and on {self.n} of the images {percent(self.accuracy, digits=1)} against "
            f"{percent(self.alone_accuracy, digits=1)} by a classifier of that column alone "
            f"({points(self.difference, self.interval, digits=1)})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnComparison:
    """One label column of a classifier compared with classifiers of that column alone, on the same images.

    Attributes:
        name: Of the column.
        n: Number of images.
        accuracy: Of the classifier of all columns, a fraction.
        start_accuracy: Of a head of this column alone on the backbone as it came, a fraction.
        difference: Of the two; positive when the columns together are better.
        interval: 95 % interval of the difference.
        alone: The comparison with a classifier of this column alone, trained in the same way; None where
            there is none.
    """

    name: str
    n: int
    accuracy: float
    start_accuracy: float
    difference: float
    interval: tuple[float, float]
    alone: AloneComparison | None = None

    def check(self) -> None:
        """Raise ValueError for figures that no comparison gives."""
        _check(
            fractions=(self.accuracy, self.start_accuracy),
            amounts=(self.n,),
            others=(self.difference, *self.interval),
        )
        if self.alone is not None:
            self.alone.check()

    @property
    def words(self) -> str:
        """The figures in words, without a full stop."""
        words = (
            f"“{self.name}” {percent(self.accuracy, digits=1)} right against "
            f"{percent(self.start_accuracy, digits=1)} with its plain head "
            f"({points(self.difference, self.interval, digits=1)})"
        )
        return f"{words}, {self.alone.words}" if self.alone is not None else words


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyComparison:
    """A strategy compared with the plain start, on images that had no part in either.

    Attributes:
        start_accuracy: Accuracy of the plain start, a fraction.
        accuracy: Accuracy of what the strategy made, a fraction.
        n: Number of images.
        difference: Of the two accuracies; positive when the strategy is better.
        interval: 95 % interval of the difference.
        start_returned: Whether the run returned the start.
        reason: One sentence in place of the usual one, from a strategy that compares in its own way.
        numbers: Further figures of such a strategy, by name.
        labelled: Whether the labels of the images are known. Else both accuracies are agreement with the
            answers that several methods have in common.
        columns: The comparison in each label column, where there are several; the other figures are those of
            the first one.
    """

    start_accuracy: float
    accuracy: float
    n: int
    difference: float
    interval: tuple[float, float]
    start_returned: bool
    reason: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    labelled: bool = True
    columns: tuple[ColumnComparison, ...] = ()

    def check(self) -> None:
        """Raise ValueError for figures that no comparison gives."""
        _check(
            fractions=(self.start_accuracy, self.accuracy),
            amounts=(self.n,),
            others=(self.difference, *self.interval, *self.numbers.values()),
        )
        for column in self.columns:
            column.check()

    @property
    def sentence(self) -> str:
        """One plain sentence with both figures, their difference and its interval."""
        if self.reason:
            return self.reason
        figures = (
            f"{percent(self.accuracy, digits=1)} right against {percent(self.start_accuracy, digits=1)} "
            f"with the plain head alone ({points(self.difference, self.interval, digits=1)})"
        )
        if self.start_returned:
            return f"This strategy did not clearly help: {figures}. So the plain head is kept."
        return f"The result of this strategy is kept: {figures}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingComparison:
    """A head on the pretrained backbone compared with one on the same backbone with random weights.

    Attributes:
        accuracy: With the pretrained weights, a fraction.
        random_accuracy: With random weights, a fraction.
        majority_accuracy: Of always naming the largest class, a fraction.
        n: Number of images.
        difference: Of the first two; positive when pretraining helped.
        interval: 95 % interval of the difference.
    """

    accuracy: float
    random_accuracy: float
    majority_accuracy: float
    n: int
    difference: float
    interval: tuple[float, float]

    def check(self) -> None:
        """Raise ValueError for figures that no comparison gives."""
        _check(
            fractions=(self.accuracy, self.random_accuracy, self.majority_accuracy),
            amounts=(self.n,),
            others=(self.difference, *self.interval),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherComparison:
    """The classifier of a run compared with the finished run that it learned from, on the same images.

    Attributes:
        accuracy: Of the classifier, a fraction.
        teacher_accuracy: Of the teacher, a fraction.
        n: Number of images.
        on_test_images: Whether these are the test images; else the validation images.
        difference: Of the two accuracies; positive when the classifier is better.
        interval: 95 % interval of the difference.
        weights_bytes: Bytes of all weights of the classifier.
        teacher_weights_bytes: Bytes of all weights of the teacher.
        seconds_per_1000: Seconds for the features of 1000 decoded images on this computer.
        teacher_seconds_per_1000: The same of the teacher.
    """

    accuracy: float
    teacher_accuracy: float
    n: int
    on_test_images: bool
    difference: float
    interval: tuple[float, float]
    weights_bytes: int
    teacher_weights_bytes: int
    seconds_per_1000: float
    teacher_seconds_per_1000: float

    def check(self) -> None:
        """Raise ValueError for figures that no comparison gives."""
        _check(
            fractions=(self.accuracy, self.teacher_accuracy),
            amounts=(
                *(self.n, self.weights_bytes, self.teacher_weights_bytes),
                *(self.seconds_per_1000, self.teacher_seconds_per_1000),
            ),
            others=(self.difference, *self.interval),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """The comparisons of a run; None where one was not made.

    Attributes:
        strategy: The strategy against the plain start.
        pretraining: The pretrained backbone against a random one.
        teacher: The classifier against the run that it learned from.
    """

    strategy: StrategyComparison | None = None
    pretraining: PretrainingComparison | None = None
    teacher: TeacherComparison | None = None


_Made = TypeVar("_Made", StrategyComparison, PretrainingComparison, TeacherComparison)


def read_comparisons(run: RunFolder) -> Comparisons:
    """Read the comparisons of a run; of runs that made none, all are None.

    Raises:
        UserError: The file is damaged.
    """
    if not run.comparisons.exists():
        return Comparisons()
    values: Any = run.read_json(run.comparisons)
    try:
        comparisons = read_dataclass(Comparisons, values)
        for made in (comparisons.strategy, comparisons.pretraining, comparisons.teacher):
            if made is not None:
                made.check()
    except ValueError as error:
        raise UserError(f"{run.comparisons} is damaged.", mend=MAKE_AGAIN) from error
    return comparisons


def drop_damaged_comparisons(run: RunFolder) -> None:
    """Delete `comparisons.json` of a run if it is damaged, so that all comparisons are made again."""
    try:
        read_comparisons(run)
    except UserError:
        run.comparisons.unlink()


def write_comparisons(run: RunFolder, comparisons: Comparisons) -> None:
    """Write `comparisons.json` of a run, without comparisons that would be refused when it is read.

    A figure that is no number must not end a training that has come this far.
    """
    write_json(
        run.comparisons,
        asdict(
            Comparisons(
                strategy=_if_sound(comparisons.strategy),
                pretraining=_if_sound(comparisons.pretraining),
                teacher=_if_sound(comparisons.teacher),
            )
        ),
    )


def _if_sound(made: _Made | None) -> _Made | None:
    if made is not None:
        try:
            made.check()
        except ValueError:
            log.warning("left out a comparison with impossible figures: %s", made)
            return None
    return made
