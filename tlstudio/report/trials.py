"""Gathers the trials of a run (freeze lines that were tried) from its events, live or finished."""

from __future__ import annotations

from typing import Any

from tlstudio.core.events import TrialEnded


def take_trial(trials: list[dict[str, Any]], event: TrialEnded) -> None:
    """Add a trial; when a resumed run repeats a trial, that and all later ones are replaced.

    Args:
        trials: In order, as the view "trials" takes them; changed in place.
        event: The newest.
    """
    names = [trial["freeze"] for trial in trials]
    if event.freeze in names:
        del trials[names.index(event.freeze) :]
    trials.append(
        {
            "freeze": event.freeze,
            "accuracy": event.accuracy,
            "interval": event.interval,
            "n": event.n,
            "elapsed_seconds": event.elapsed_seconds,
            "best": event.best,
        }
    )
