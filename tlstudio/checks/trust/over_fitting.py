"""Over-fitting: training images are memorised, and predictions for new images are too confident.

A gap in accuracy alone says little. A linear probe of a few dozen images has nearly all of them right and
still does as well on new ones as the features allow. So two things are required: a gap of `WIDE_GAP` that is
more than chance explains (0.15 would be crossed by ordinary luck with thirty validation images), and a log
loss on the validation images above that of someone who knows only how often the classifier is right.

A small gap is no all-clear while validation falls: the finding then says since when, and whether by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.events import EpochEnded
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.ranking import rank_of
from tlstudio.core.wording import count
from tlstudio.evaluation.intervals import within_chance
from tlstudio.specs.checks.over_fitting import SPEC

WIDE_GAP = 0.2
"""Accuracy on the training images minus accuracy on the validation images."""
FEWER_RIGHT = 2
"""Validation has fallen when so many fewer of its images are right; one fewer is a step like any other."""
LOSS_RISE = 1.1
"""Validation has fallen, too, when its loss has grown by this factor since its lowest."""


class OverFitting:
    """Compares training with validation at the kept epoch or setting."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        kept = evidence.kept_epoch
        assert kept is not None, "a history has at least one epoch"
        if not kept.validation_n and evidence.has("split") and evidence.split.paths("validation"):
            return [
                Finding(
                    check=SPEC.id,
                    severity="note",
                    message="It also learned from the check images, so no curve warns of over-fitting.",
                    meaning="Judge it by images that it has not seen: those of the test set.",
                )
            ]
        if not kept.validation_n:
            return [
                Finding(
                    check=SPEC.id,
                    severity="note",
                    message="No check images: nothing warns you of over-fitting.",
                    mend="Keep some in Data → Split.",
                )
            ]
        if kept.train_accuracy is None or kept.validation_accuracy is None:
            # Training images are counted while an epoch learns from them, so there is no count for the start.
            return [
                Finding(
                    check=SPEC.id,
                    severity="note",
                    message="Whether it learnt its training images by heart is not known: the result is the "
                    "start, before the first epoch, and there the training images were not counted.",
                    meaning="Judge it by images that it has not seen: those of the test set.",
                )
            ]
        found = _judge(kept, trained=kept.train_accuracy, measured=kept.validation_accuracy)
        fall = _fall(evidence.history, kept)
        return [fall if fall is not None and found.severity == "ok" else found]


def _judge(kept: EpochEnded, *, trained: float, measured: float) -> Finding:
    gap, interval = trained - measured, kept.validation_interval
    numbers: dict[str, float | int | str] = {
        "train_accuracy": trained,
        "validation_accuracy": measured,
        "validation_n": kept.validation_n,
    }
    if kept.validation_loss is not None:
        numbers["validation_loss"] = kept.validation_loss
    if gap < WIDE_GAP or (interval is not None and trained <= interval[1]):
        points = count(max(round(100 * gap), 0), "point")
        if gap >= WIDE_GAP:
            points += f", which {count(kept.validation_n, 'check image')} can differ by chance"
        return Finding(
            check=SPEC.id,
            severity="ok",
            message=f"{'No over-fitting' if gap < WIDE_GAP else 'No over-fitting shown'} (gap {points}).",
            meaning="The gap is how much better the training images are answered than the check images.",
            numbers=numbers,
        )
    if kept.validation_loss is not None and kept.validation_loss <= loss_of_one_confidence(
        measured, classes=len(kept.confusion)
    ):
        return Finding(
            check=SPEC.id,
            severity="note",
            message=f"The training images are answered better ({percent(trained)}) than the check "
            f"images ({percent(measured)}), which is usual with few images.",
            meaning="It is no surer of the check images than it should be, so this does no harm.",
            mend="More images help most.",
            numbers=numbers,
        )
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"Over-fitting: the training images are answered far better ({percent(trained)}) than the "
        f"check images ({percent(measured)}); the classifier has learnt them by heart in part.",
        meaning="On new images it is right less often, and sure of itself when it is wrong.",
        mend="More images help most; more variation of them or a freeze line higher up help too.",
        numbers=numbers,
    )


def _fall(history: Sequence[EpochEnded], kept: EpochEnded) -> Finding | None:
    """The finding that validation has fallen since its best epoch; None when it has not, and for settings."""
    latest = history[-1]
    measured = [epoch for epoch in history if epoch.validation_accuracy is not None]
    if latest.axis == "setting" or latest.validation_accuracy is None or len(measured) < 2:
        return None
    peak = max(measured, key=lambda epoch: rank_of(epoch.validation_accuracy, epoch.validation_loss))
    before, after = peak.validation_accuracy or 0.0, latest.validation_accuracy
    lost = round((before - after) * latest.validation_n)
    losses = [epoch.validation_loss for epoch in measured if epoch.validation_loss is not None]
    has_risen = latest.validation_loss is not None and latest.validation_loss > LOSS_RISE * min(losses)
    if lost < FEWER_RIGHT and not has_risen:
        return None
    since = f"epoch {peak.epoch}" if peak.epoch else "the start"
    if lost >= FEWER_RIGHT:
        figures = f"{percent(before)} of the check images were right at {since}, {percent(after)} now"
    else:
        figures = f"the loss on the check images was {min(losses):.2f} and is {latest.validation_loss:.2f}"
    by_chance = within_chance(before, after, n=latest.validation_n)
    is_kept = kept.epoch == latest.epoch
    harm = is_kept and not by_chance
    explained = ", no more than chance explains" if by_chance else ""
    return Finding(
        check=SPEC.id,
        severity="warning" if harm else "note",
        message=f"Check images are answered worse than before: {figures}{explained}.",
        meaning="It goes on learning its training images, and that no longer helps with new ones."
        if is_kept
        else f"The classifier of {since} is the one that is kept.",
        mend="Train fewer epochs, or from a freeze line higher up; more images help most." if harm else "",
        numbers={
            "best_epoch": peak.epoch,
            "best_accuracy": before,
            "validation_accuracy": after,
            "validation_n": latest.validation_n,
        },
    )


def loss_of_one_confidence(accuracy: float, *, classes: int) -> float:
    """Mean log loss of a classifier whose confidence is always equal to its accuracy.

    Args:
        accuracy: Share of correct predictions, and the confidence of each prediction.
        classes: How many there are; the other classes share what is left.

    Returns:
        Nats; 0 for an accuracy of 1.
    """
    wrong = 1 - accuracy
    loss = -accuracy * log(accuracy) if accuracy > 0 else 0.0
    return loss - wrong * log(wrong / max(classes - 1, 1)) if wrong > 0 else loss


IMPLEMENTATION = OverFitting()
