"""Says in plain words what the curve of a range test shows."""

from __future__ import annotations

from tlstudio.core.rough import roughly
from tlstudio.specs.recipe import OptimiserSettings
from tlstudio.training.rates.judgement import RateJudgement


def rate_words(rate: float) -> str:
    """A rate with one digit that counts, without an exponent: "0.0007"."""
    return f"{float(roughly(rate)):.7f}".rstrip("0").rstrip(".")


def usual_rate() -> float:
    """The rate of the topmost stage where nobody chooses another."""
    return OptimiserSettings().learning_rate_stages


def judgement_words(judgement: RateJudgement) -> str:
    """Say what a curve shows, and whether the usual rate lies where the loss falls."""
    rises, usual = judgement.rises_from, f"The usual rate, {rate_words(usual_rate())},"
    if judgement.falls is None:
        if rises is None:
            return (
                "The curve suggests no rate: the loss hardly changes, whatever the rate. Keep the rate that "
                "is set."
            )
        side = "below" if usual_rate() < rises else "above"
        return (
            f"The curve suggests no rate: the loss never clearly falls, and it rises from about "
            f"{rate_words(rises)} on. {usual} lies {side} that."
        )
    low, high = judgement.falls
    rise = "" if rises is None else f" and above its start from about {rate_words(rises)} on"
    if usual_rate() < low:
        place = "below the range in which it falls"
    elif usual_rate() > high:
        place = "above the range in which it falls"
    else:
        place = "in the range in which it falls"
    return (
        f"The loss falls from the rate {rate_words(low)} on, and is lowest at about {rate_words(high)}"
        f"{rise}. {usual} lies {place}."
    )
