"""Turns what the search for a learning rate found into plain values: shared by the folder and the project."""

from __future__ import annotations

from tlstudio.operations.context import Values
from tlstudio.specs.recipe import Recipe
from tlstudio.training.rates.finder import FoundRate
from tlstudio.training.rates.words import judgement_words, rate_words, usual_rate

LEAST_RATE, DIGITS = 0.00001, 5
"""The settings of the window hold no finer rates."""


def rate_values(found: FoundRate, recipe: Recipe) -> Values:
    """The object of `find-rate --json`.

    Args:
        found: What was found.
        recipe: The settings, whose ratio of the two rates is kept.
    """
    judgement, sweep, optimiser = found.judgement, found.sweep, recipe.optimiser
    suggestion = None
    if judgement.suggestion is not None:
        stages = float(rate_words(judgement.suggestion))
        head = stages * optimiser.learning_rate_head / optimiser.learning_rate_stages
        suggestion = {"stages": stages, "head": min(1.0, max(LEAST_RATE, round(head, DIGITS)))}
    return {
        "suggestion": suggestion,
        "falls": None if judgement.falls is None else list(judgement.falls),
        "usual": usual_rate(),
        "sentence": judgement_words(judgement),
        "images": found.images,
        "start_loss": sweep.start_loss,
        "curve": [
            {"rate": rate, "loss": loss, "smoothed": smoothed}
            for rate, loss, smoothed in zip(sweep.rates, sweep.losses, judgement.smoothed, strict=True)
        ],
    }
