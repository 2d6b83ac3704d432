"""What the figures of a run mean, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlstudio.gui.number_text import percent, percent_interval
from tlstudio.gui.pages.evaluate.contents import Part
from tlstudio.gui.widgets.lists.note_list import Note, worst_first

ENOUGH_IMAGES = 100
FEW_OF_CLASS = 10
GOOD_CALIBRATION, POOR_CALIBRATION = 0.05, 0.15
MOST_NAMED = 4

SOURCES = {"test": "test images", "validation": "validation images", "folder": "images of that folder"}

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


def headline(part: Part) -> tuple[str, str]:
    """The accuracy, and the sentence beside it with n and interval."""
    accuracy, interval = part.figures.get("accuracy"), part.figures.get("interval")
    if accuracy is None:
        return "—", f"of 0 {SOURCES[part.source]}"
    within = f" · 95 % interval {percent_interval(interval)}" if interval else ""
    return percent(accuracy, digits=1), f"of {part.n} {SOURCES[part.source]} right{within}"


def other_figures(part: Part) -> list[tuple[str, str]]:
    """The smaller figures, each with its tip; those that are not known are left out."""
    shown = (("macro F1", "macro_f1", F1_TIP), ("ECE", "ece", ECE_TIP))
    figures = [(f"{name} {part.figures[key]:.3f}", tip) for name, key, tip in shown if _known(part, key)]
    if _known(part, "balanced_accuracy"):
        words = f"balanced accuracy {percent(part.figures['balanced_accuracy'], digits=1)}"
        figures.insert(1, (words, BALANCED_TIP))
    return figures


def _known(part: Part, key: str) -> bool:
    return part.figures.get(key) is not None


def notes(part: Part, *, has_test: bool, problem: str = "") -> list[Note]:
    """What to know when reading the figures.

    Args:
        part: The figures.
        has_test: Whether the run kept test images.
        problem: Why answers are missing.
    """
    found: list[Note] = []
    if problem:
        found.append(Note("bad", problem))
    if part.source == "validation":
        found.append(Note("warn", _about_validation(has_test)))
    if 0 < part.n < ENOUGH_IMAGES:
        found.append(Note("warn", _about_few(part)))
    found += [*_absent(part), *_guessing(part), *_mixed_up(part), *_weakest(part), *_calibration(part)]
    return worst_first(found)


def _about_validation(has_test: bool) -> str:
    chosen = "the classifier was chosen by them, so they are a little too good"
    if has_test:
        return f"Validation figures: {chosen}. The test images are the honest measure."
    return f"This run kept no test images. These are its validation images: {chosen}."


def _about_few(part: Part) -> str:
    interval = part.figures.get("interval")
    if not interval:
        return f"Only {part.n} images: a rough figure."
    low, high = percent(interval[0]), percent(interval[1])
    return (
        f"Only {part.n} images: on many more of the same kind, between {low} and {high} would be right. "
        "Small differences between runs may be luck."
    )


def _absent(part: Part) -> list[Note]:
    names = [str(row["class"]) for row in part.figures.get("per_class") or () if not row["n"]]
    if not names or not part.n:
        return []
    named = ", ".join(names[:MOST_NAMED]) + (
        f" and {len(names) - MOST_NAMED} more" * (len(names) > MOST_NAMED)
    )
    return [
        Note("warn", f"No images of {named}: nothing is known about them, and the averages leave them out.")
    ]


def _guessing(part: Part) -> list[Note]:
    counts = [sum(row) for row in part.figures.get("confusion") or ()]
    accuracy = part.figures.get("accuracy")
    if accuracy is None or not sum(counts):
        return []
    guessing = max(counts) / sum(counts)
    points = 100 * (accuracy - guessing)
    tip = f"Always naming the largest class would be right for {percent(guessing)} of the images."
    if points <= 0:
        return [Note("bad", "No better than always naming the largest class", tip)]
    return [Note("ok", f"{points:.0f} points better than blind guessing", tip)]


def _mixed_up(part: Part) -> list[Note]:
    cell = part.worst_cell()
    if cell is None:
        return [Note("ok", f"All {part.n} answers are right.")] if part.n else []
    true, predicted = cell
    count = part.figures["confusion"][true][predicted]
    times = "once" if count == 1 else f"{count} times"
    text = f"Most often mixed up: {part.classes[true]} taken for {part.classes[predicted]}, {times}"
    return [Note("info", text)]


def _weakest(part: Part) -> list[Note]:
    rows: list[Mapping[str, Any]] = [row for row in part.figures.get("per_class") or () if row["n"]]
    if len(rows) < 2:
        return []
    weakest = min(rows, key=lambda row: row["recall"])
    if weakest["recall"] >= 1:
        return []
    found = round(weakest["recall"] * weakest["n"])
    few = f"; with {weakest['n']} images that is only a hint" if weakest["n"] < FEW_OF_CLASS else ""
    return [Note("info", f"Weakest class: {weakest['class']}, {found} of {weakest['n']} found{few}")]


def _calibration(part: Part) -> list[Note]:
    ece = part.figures.get("ece")
    if ece is None or part.reliability is None or part.n < FEW_OF_CLASS:
        return []
    bins = part.reliability["bins"]
    total = sum(entry["n"] for entry in bins) or 1
    lean = sum(entry["n"] * (entry["confidence"] - entry["accuracy"]) for entry in bins) / total
    if ece <= GOOD_CALIBRATION:
        return [Note("ok", f"Its percentages can be taken at their word (ECE {ece:.2f})")]
    how = "more sure than it should be" if lean > 0 else "less sure than it could be"
    kind = "warn" if ece > POOR_CALIBRATION and lean > 0 else "info"
    return [Note(kind, f"It is {how}: its percentages are off by {100 * ece:.0f} points on average")]  # type: ignore[arg-type]
