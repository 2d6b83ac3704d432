"""Says which epoch or setting of a run is kept, and how it compares with the one that did best on validation.

Every word follows from the figures of the run: the recipe says what was wanted, not how it came out.
"""

from __future__ import annotations

from tlstudio.core.percent import percent
from tlstudio.core.ranking import rank_of
from tlstudio.evaluation.intervals import within_chance
from tlstudio.project.history import RunHistory


def kept_words(history: RunHistory) -> str:
    """Sentences about what a run kept; empty while it has no epoch, and where there was one setting alone.

    Args:
        history: Of a run that is over.
    """
    if history.latest is None:
        return ""
    kept, last = history.best_epoch, history.epoch
    if history.axis == "setting" and last == 1:
        return ""  # nothing was chosen
    if history.axis == "setting":
        words = f"Setting {kept} of {last} did best on images that had no part in fitting it, and is kept."
        return f"{words} {_on_check_images_alone(history)}".rstrip()
    which = f"The last epoch, {kept}," if kept == last > 0 else _name(kept)
    if not history.has_validation:
        return f"There were no images to compare epochs by; {which[0].lower()}{which[1:]} is kept."
    if not _is_best(history):
        return f"{which} is kept. {_compared(history)}".rstrip()
    if kept == last > 0:
        return f"{which} is kept; it is also the best on the check images."
    if last == 0:
        return f"{which} is kept: no epoch ended."
    if kept == 0:
        return f"{which} is kept: no epoch was better on the check images."
    return f"{which} was the best on the check images and is kept."


def _on_check_images_alone(history: RunHistory) -> str:
    """The sentence about a setting with more check images right: it was chosen by further images as well."""
    kept = history.best
    if kept is None or kept.validation_accuracy is None:
        return ""
    most = max(history.epochs, key=lambda setting: setting.validation_accuracy or 0.0)
    more, after = most.validation_accuracy or 0.0, kept.validation_accuracy
    if more <= after:
        return ""
    figures = _figures(more, after, n=kept.validation_n)
    return f"On the check images alone setting {most.epoch} was right more often {figures}."


def _is_best(history: RunHistory) -> bool:
    """Return whether no epoch did better on validation than the one that is kept."""
    kept, peak = history.best, history.peak
    if history.peak_epoch == history.best_epoch or kept is None or peak is None:
        return history.peak_epoch == history.best_epoch
    return rank_of(kept.validation_accuracy, kept.validation_loss) == rank_of(
        peak.validation_accuracy, peak.validation_loss
    )


def _compared(history: RunHistory) -> str:
    """The sentence about the epoch that did better on validation than the kept one; empty when not known."""
    kept, peak = history.best, history.peak
    if kept is None or peak is None:
        return ""
    before, after = peak.validation_accuracy or 0.0, kept.validation_accuracy or 0.0
    if before == after:
        return f"{_name(peak.epoch)} had as many check images right, and was surer of them."
    return f"{_name(peak.epoch)} had more check images right {_figures(before, after, n=kept.validation_n)}."


def _figures(more: float, fewer: float, *, n: int) -> str:
    """Both accuracies on n images, and whether chance explains their difference."""
    chance = "no more than" if within_chance(more, fewer, n=n) else "more than"
    return f"({percent(more, digits=1)} against {percent(fewer, digits=1)} of {n}), {chance} chance explains"


def _name(epoch: int) -> str:
    return f"Epoch {epoch}" if epoch else "The start (epoch 0)"
