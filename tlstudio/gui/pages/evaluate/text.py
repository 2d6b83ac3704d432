"""Texts of the Evaluate page: the metrics of a run in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.core.percent import percent
from tlstudio.core.wording import count
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.number_text import percent_interval
from tlstudio.gui.widgets.lists.finding_list import window_finding
from tlstudio.specs.checks import better_than_guessing, more_images

ELSEWHERE = (better_than_guessing.SPEC.id, more_images.SPEC.id)
"""Checks whose findings have a place of their own on the page."""


def headline(evaluation: Evaluation) -> tuple[str, str]:
    """The accuracy, and the sentence beside it with n and interval."""
    metrics, images = evaluation.primary.metrics, evaluation.images
    if metrics.accuracy is None:
        return "—", f"of 0 {images}"
    within = f" · 95 % interval {percent_interval(metrics.interval.pair)}" if metrics.interval else ""
    groups = f" from {metrics.groups} groups" if metrics.groups else ""
    words = f"of {metrics.n} {images}{groups} right{within}"
    return percent(metrics.accuracy, digits=1), f"{words}{_left_out(evaluation.left_out)}"


def _left_out(counts: Mapping[str, int]) -> str:
    """Say how many images of a folder do not count, as words to follow the figure without them."""
    seen = counts.get("same_file", 0) + counts.get("same_picture", 0)
    others = sum(counts.values()) - seen
    parts = [f"{seen} of its training left out"] * bool(seen) + [f"{others} not counted"] * bool(others)
    return "".join(f" · {part}" for part in parts)


def verdict_of(evaluation: Evaluation) -> Finding:
    """Judge in one sentence whether it is usable, from the figures that are shown and the gravest finding.

    It is made here and not read from the run, so that runs of every version are judged alike.
    """
    judged = evaluation.verdict
    return Finding(
        check=better_than_guessing.SPEC.id,
        severity=judged.severity,
        message=judged.message,
        mend=judged.mend,
    )


def other_metrics(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Say in plain words what other known measures say; each with their names and values."""
    metrics = evaluation.primary.metrics
    shown = []
    if metrics.balanced_accuracy is not None and metrics.accuracy is not None:
        alike = percent(metrics.balanced_accuracy, digits=1)
        names = f"Balanced accuracy {alike}"
        if metrics.macro_f1 is not None:
            names += f", macro F1 {metrics.macro_f1:.3f}"
        same = alike == percent(metrics.accuracy, digits=1)
        shown.append((f"{'the same' if same else alike} with each class counted alike", names))
    if metrics.ece is not None:
        names = f"Calibration error (ECE) {metrics.ece:.3f}"
        off = f"its percentages are off by {100 * metrics.ece:.0f} points on average"
        if metrics.ece_limit is None:
            shown.append((off, names))
        elif metrics.ece <= metrics.ece_limit:
            words = f"its percentages fit, as far as {count(metrics.n, 'image')} can show"
            shown.append((words, f"{names}; up to {metrics.ece_limit:.3f} is chance"))
        else:
            shown.append((off, f"{names}; chance explains {metrics.ece_limit:.3f}"))
    return shown


def findings_of(evaluation: Evaluation, *, problem: str = "") -> list[Finding]:
    """List what to know besides the verdict when reading the metrics, the most severe first.

    Args:
        evaluation: Of the images that are shown.
        problem: Why predictions are missing; may be empty.
    """
    problems = [window_finding("serious", problem)] if problem else []
    others = [found for found in evaluation.findings if found.check not in ELSEWHERE]
    return most_severe_first([*problems, *others])
