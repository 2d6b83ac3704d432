"""What parts of a run cost, as the short probe before it finds out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesCost:
    """Of reading the images and computing what lies below the line.

    Attributes:
        seconds: For what is not in the cache, before training.
        later_seconds: For the views that are filled in while training runs.
        shown_share: Of the validation images, those whose features the run will compute itself, so that its
            final figures need no second look at them; 0 … 1.
        cache_bytes: Of all activations and decoded images of the run.
    """

    seconds: float
    later_seconds: float
    shown_share: float
    cache_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStart:
    """Of fitting the head to features.

    Attributes:
        solve_seconds: For a linear head.
        epoch_seconds: For one epoch of a head with a hidden layer; 0 for a linear one.
    """

    solve_seconds: float
    epoch_seconds: float
