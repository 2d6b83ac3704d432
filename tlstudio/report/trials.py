"""The freeze lines that a run tried, gathered from its events; the same for a live run and a finished one."""

from __future__ import annotations

from typing import Any

from tlstudio.core.events import TrialEnded


def take_trial(trials: list[dict[str, Any]], event: TrialEnded) -> None:
    """Add a trial to those before it; those of a run that goes on after a kill replace the earlier ones.

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
