"""Describes the cost of a run, rounded as coarsely as a measurement of a second requires. Imports no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlstudio.core.wording import count as counted
from tlstudio.gui.number_text import memory
from tlstudio.specs import STRATEGIES

COST_TIPS = {
    "whole run": "From pressing Train to the final figures, with these images on this computer",
    "one epoch": "Without a figure when the head alone is trained: that needs no epochs",
    "memory": "The most memory that training will use",
    "on disk": "Kept in the cache, so that the next run is faster. Settings show its size and can empty it.",
}
DEFAULT_EPOCHS = 15


def cost_rows(estimate: Mapping[str, Any]) -> dict[str, str]:
    """The figures of an estimate by their name in `COST_TIPS`; a dash where there is none."""
    total, epoch = estimate.get("total_seconds"), estimate.get("seconds_per_epoch")
    sizes = {"memory": estimate.get("memory_bytes"), "on disk": estimate.get("cache_bytes")}
    return {
        "whole run": "–" if total is None else about(total),
        "one epoch": "–" if epoch is None else short(epoch),
        **{name: "–" if size is None else memory(_rounded(size)) for name, size in sizes.items()},
    }


def cost_in_words(recipe: Mapping[str, Any], estimate: Mapping[str, Any]) -> str:
    """Describe what takes the time, in a sentence.

    Args:
        recipe: The measured recipe, plain values.
        estimate: Its values.
    """
    if estimate.get("tries"):
        together = short(float(estimate["tries_seconds"] or 0))
        return (
            f"{estimate['tries']} tries take {together} together, then the best one trains. You see every "
            "try on the Train page and can stop at any time; the best so far is kept."
        )
    looking = float(estimate.get("features_seconds") or 0)
    first = (
        f"{_capital(short(looking))} to look at the images once, then"
        if estimate.get("has_unseen_images")
        else "The backbone has looked at the images before; now"
    )
    epoch = estimate.get("seconds_per_epoch")
    if epoch is None:
        # A strategy may train stages in a way of its own before the head is fitted.
        strategy = str(recipe.get("strategy"))
        trains = strategy in STRATEGIES and STRATEGIES.get(strategy).trains_stages
        learning = (
            f"{short(estimate.get('training_seconds') or 0)} {'to learn' if trains else 'to fit the head'}"
        )
    else:
        count = int(recipe.get("epochs") or DEFAULT_EPOCHS)
        learning = f"{counted(count, 'epoch')} of {short(epoch)}"
    return f"{first} {learning}, and {short(estimate.get('evaluation_seconds') or 0)} for the final figures."


def about(seconds: float) -> str:
    """A time as "about 40 s", "2–3 min" or "about 1.5 h"."""
    if seconds < 100:
        return f"about {short(seconds)}"
    minutes = seconds / 60
    if minutes < 10:
        low = int(minutes)
        return f"{low}–{low + 1} min"
    return f"about {short(seconds)}"


def short(seconds: float) -> str:
    """A time rounded to the digits that are certain: "0.3 s", "12 s", "35 s", "2 min", "25 min", "1.5 h"."""
    if seconds < 0.05:
        return "a moment"
    if seconds < 0.95:
        return f"{seconds:.1f} s"
    if seconds < 20:
        return f"{seconds:.0f} s"
    if seconds < 100:
        return f"{5 * round(seconds / 5)} s"
    minutes = seconds / 60
    if minutes < 10:
        return f"{minutes:.0f} min"
    if minutes < 57.5:
        return f"{5 * round(minutes / 5)} min"
    return f"{round(2 * minutes / 60) / 2:g} h"


def _rounded(size: int) -> int:
    """Round to two significant digits."""
    step = 10 ** max(0, len(str(int(size))) - 2)
    return int(round(size / step) * step)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
