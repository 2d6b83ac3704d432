"""The runs that can be cross-validated on cached features, and how that is done."""

from __future__ import annotations

from tlstudio.specs import default_strategy
from tlstudio.specs.recipe import Recipe

REPEATS = 3
"""Times that the images are divided into folds anew; more changed the figure by less than its interval."""
MOST_IMAGES = 1000
"""Images up to which a set counts as small: a test set of 150 of them has an interval of ten points."""


def can_be_cross_validated(recipe: Recipe) -> bool:
    """Return whether heads of the run's kind are fitted in a moment: linear ones, on frozen features.

    Args:
        recipe: Of the run.
    """
    is_probe = recipe.strategy == default_strategy(trains_stages=False).id
    return is_probe and recipe.head.kind == "linear"
