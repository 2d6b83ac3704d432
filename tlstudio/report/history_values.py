"""A run's history as the plain values that the figures of curves and trials take."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tlstudio.evaluation.enough import answer
from tlstudio.project.history import RunHistory


def curve_values(history: RunHistory, *, planned: int = 0) -> dict[str, Any]:
    """Collect the values that the views "loss-curve" and "accuracy-curve" take.

    Args:
        history: Of the run.
        planned: Epochs that the axis has room for; 0 for a run that is over.
    """
    epochs = [
        {
            "epoch": event.epoch,
            "train_loss": event.train_loss,
            "train_accuracy": event.train_accuracy,
            "validation_loss": event.validation_loss,
            "validation_accuracy": event.validation_accuracy,
            "interval": event.validation_interval,
            "validation_n": event.validation_n,
        }
        for event in history.epochs
    ]
    # Without validation the last epoch is kept; the best is unknown.
    best_epoch = history.best_epoch if history.has_validation else None
    return {"epochs": epochs, "planned": planned, "best_epoch": best_epoch, "unit": history.axis}


def learning_values(history: RunHistory) -> dict[str, Any]:
    """The learning curve as the view "learning-curve" and `learning_words` take it; empty without one."""
    found = history.learning_curve
    if found is None:
        return {}
    values = {"points": [asdict(point) for point in found.points], "expected": asdict(found.expected)}
    if found.now is not None:
        values["now"] = asdict(found.now)
    said = answer(found)
    return {**values, "words": f"{said.message} {said.meaning}"} if found.more_per_class else values


def map_values(history: RunHistory) -> dict[str, Any]:
    """The map of two places as the view "domain-map" and `map_words` take it; empty without one."""
    found = history.domain_map
    return {} if found is None else {"before": asdict(found.before), "after": asdict(found.after)}


def trial_values(history: RunHistory) -> list[dict[str, Any]]:
    """The trials as the view "trials" and `choice_words` take them, in order."""
    return [
        {
            "freeze": event.freeze,
            "accuracy": event.accuracy,
            "interval": event.interval,
            "n": event.n,
            "elapsed_seconds": event.elapsed_seconds,
            "best": event.best,
            "against": event.against,
            "difference": event.difference,
            "noise": event.noise,
            "option": event.option,
            "against_option": event.against_option,
            "ended_early": event.ended_early,
        }
        for event in history.trials
    ]
