"""Tries what learning without labels gave: heads on the features after it and before, on the labelled images.

No labelled image had a part in learning without labels, and each is predicted by a head that was fitted
without it.
"""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.core.percent import percent, points
from tlstudio.core.wording import count
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.features.views import PLAIN
from tlstudio.training.loop.checkpoint import Tensors, copy_of, restore_parameters
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.do_no_harm import comparing, comparison_of
from tlstudio.training.trials.out_of_fold import folds_of_run, held_out_labels, out_of_fold_logits


def try_unlabelled(
    state: TrainingState, start: Tensors, *, images: int, control: Control
) -> StrategyComparison | None:
    """Compare the stages as they have become with those at the start.

    Args:
        state: With activations at the freeze line; its classifier is as before when this returns.
        start: Trainable parameters before learning without labels, by name.
        images: Number of images without a label that were learned from.
        control: Checked once per batch; stop ends it.

    Returns:
        None when the person stopped.

    Raises:
        Cancelled: The person cancelled.
    """
    extracted = state.extracted
    both = replace(extracted.train, images=state.train + state.validation, views=(PLAIN,))
    everything = replace(state)
    everything.extracted = replace(extracted, train=both, validation=replace(both, images=()))
    folds, parameters = folds_of_run(state), extracted.model.trainable_parameters()
    learned = copy_of(parameters)
    logits, progress = [], comparing(folds, state, emit=ignore)
    try:
        for values in (start, learned):
            restore_parameters(parameters, values)
            head = FitHead(is_result=True)
            held_out = out_of_fold_logits((head,), everything, folds, progress=progress, control=control)
            if held_out is None:
                return None
            logits.append(held_out)
    finally:
        restore_parameters(parameters, learned)
    before, after = logits
    found = comparison_of(before, after, held_out_labels(state, folds), must_be="better")
    return replace(found, reason=_sentence(found, images=images))


def _sentence(found: StrategyComparison, *, images: int) -> str:
    """One plain sentence with both figures, their difference and what was kept."""
    did, kept = (
        ("did not clearly help", "so the backbone is used as it was")
        if found.start_returned
        else ("helped", "so it is kept")
    )
    return (
        f"First learning from {count(images, 'image')} without a label {did}: a head is then right for "
        f"{percent(found.accuracy, digits=1)} of the labelled images that it has not seen, without it for "
        f"{percent(found.start_accuracy, digits=1)} ({points(found.difference, found.interval, digits=1)}), "
        f"{kept}."
    )
