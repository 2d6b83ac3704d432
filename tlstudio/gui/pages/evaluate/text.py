"""What the metrics of a run mean, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import Metrics, guessing_accuracy
from tlstudio.gui.number_text import percent, percent_interval
from tlstudio.gui.widgets.lists.note_list import Note, worst_first

ENOUGH_IMAGES = 100
FEW_OF_CLASS = 10
GOOD_CALIBRATION, POOR_CALIBRATION = 0.05, 0.15
MOST_NAMED = 4

SUBSETS = {"test": "test images", "validation": "validation images", "folder": "images of that folder"}

F1_TIP = (
    "F1 joins precision and recall in one figure. Macro means: worked out for each class, then averaged, "
    "so that small classes count as much as large ones. 1 is perfect."
)
BALANCED_TIP = (
    "The share found of each class, averaged over the classes: large classes do not hide small ones."
)
ECE_TIP = (
    "Expected calibration error: by how much the stated probabilities miss how often the answers are right. "
    "0.03 means that “90 % sure” is right about 87 to 93 times in 100."
)
INTERVAL_TIP = (
    "With this many images the figure could have come out differently by luck. In 95 of 100 cases the true "
    "share lies within this interval. More test images make it narrower."
)


def headline(evaluation: Evaluation) -> tuple[str, str]:
    """The accuracy, and the sentence beside it with n and interval."""
    metrics, images = evaluation.primary.metrics, SUBSETS[evaluation.subset]
    if metrics.accuracy is None:
        return "—", f"of 0 {images}"
    within = f" · 95 % interval {percent_interval(metrics.interval.pair)}" if metrics.interval else ""
    return percent(metrics.accuracy, digits=1), f"of {metrics.n} {images} right{within}"


def other_metrics(evaluation: Evaluation) -> list[tuple[str, str]]:
    """The smaller metrics, each with its tip; those that are not known are left out."""
    metrics = evaluation.primary.metrics
    shown = []
    if metrics.macro_f1 is not None:
        shown.append((f"macro F1 {metrics.macro_f1:.3f}", F1_TIP))
    if metrics.balanced_accuracy is not None:
        share = percent(metrics.balanced_accuracy, digits=1)
        shown.append((f"balanced accuracy {share}", BALANCED_TIP))
    if metrics.ece is not None:
        shown.append((f"ECE {metrics.ece:.3f}", ECE_TIP))
    return shown


def notes(evaluation: Evaluation, *, has_test: bool, problem: str = "") -> list[Note]:
    """What to know when reading the metrics, the most severe first.

    Args:
        evaluation: Of the images that are shown.
        has_test: Whether the run kept test images.
        problem: Why predictions are missing; may be empty.
    """
    metrics = evaluation.primary.metrics
    found: list[Note] = []
    if problem:
        found.append(Note("bad", problem))
    if evaluation.subset == "validation":
        found.append(Note("warn", _about_validation(has_test)))
    if 0 < metrics.n < ENOUGH_IMAGES:
        found.append(Note("warn", _about_few(metrics)))
    found += [*_absent(metrics), *guessing_notes(metrics.accuracy, metrics.confusion), *_mixed_up(metrics)]
    found += [*_weakest(metrics), *_calibration(evaluation.primary)]
    return worst_first(found)


def guessing_notes(accuracy: float | None, confusion: Sequence[Sequence[int]]) -> list[Note]:
    """How the accuracy compares with always predicting the largest class; nothing without images.

    Args:
        accuracy: As a fraction, None without images.
        confusion: Counts [true][predicted].
    """
    guessing = guessing_accuracy(confusion)
    if accuracy is None or guessing is None:
        return []
    points = 100 * (accuracy - guessing)
    tip = f"Always naming the largest class would be right for {percent(guessing)} of the images."
    if points <= 0:
        return [Note("bad", "No better than always naming the largest class", tip)]
    return [Note("ok", f"{points:.0f} points better than blind guessing", tip)]


def _about_validation(has_test: bool) -> str:
    chosen = "the classifier was chosen by them, so they are a little too good"
    if has_test:
        return f"Validation figures: {chosen}. The test images are the honest measure."
    return f"This run kept no test images. These are its validation images: {chosen}."


def _about_few(metrics: Metrics) -> str:
    if metrics.interval is None:
        return f"Only {metrics.n} images: a rough figure."
    low, high = percent(metrics.interval.low), percent(metrics.interval.high)
    return (
        f"Only {metrics.n} images: on many more of the same kind, between {low} and {high} would be right. "
        "Small differences between runs may be luck."
    )


def _absent(metrics: Metrics) -> list[Note]:
    names = [entry.class_name for entry in metrics.per_class if not entry.n]
    if not names or not metrics.n:
        return []
    named = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        named += f" and {len(names) - MOST_NAMED} more"
    text = f"No images of {named}: nothing is known about them, and the averages leave them out."
    return [Note("warn", text)]


def _mixed_up(metrics: Metrics) -> list[Note]:
    cell = metrics.worst_cell()
    if cell is None:
        return [Note("ok", f"All {metrics.n} answers are right.")] if metrics.n else []
    true, predicted = cell
    count = metrics.confusion[true][predicted]
    times = "once" if count == 1 else f"{count} times"
    text = f"Most often mixed up: {metrics.classes[true]} taken for {metrics.classes[predicted]}, {times}"
    return [Note("info", text)]


def _weakest(metrics: Metrics) -> list[Note]:
    recalls = [(entry.recall, entry) for entry in metrics.per_class if entry.recall is not None]
    if len(recalls) < 2:
        return []
    recall, weakest = min(recalls, key=lambda pair: pair[0])
    if recall >= 1:
        return []
    found = round(recall * weakest.n)
    few = f"; with {weakest.n} images that is only a hint" if weakest.n < FEW_OF_CLASS else ""
    return [Note("info", f"Weakest class: {weakest.class_name}, {found} of {weakest.n} found{few}")]


def _calibration(column: ColumnEvaluation) -> list[Note]:
    ece, overconfidence = column.metrics.ece, column.calibration.overconfidence
    if ece is None or overconfidence is None or column.metrics.n < FEW_OF_CLASS:
        return []
    if ece <= GOOD_CALIBRATION:
        return [Note("ok", f"Its percentages can be taken at their word (ECE {ece:.2f})")]
    how = "more sure than it should be" if overconfidence > 0 else "less sure than it could be"
    text = f"It is {how}: its percentages are off by {100 * ece:.0f} points on average"
    return [Note("warn" if ece > POOR_CALIBRATION and overconfidence > 0 else "info", text)]
