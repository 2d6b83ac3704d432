from __future__ import annotations

from tlstudio.core.events import TrialEnded
from tlstudio.report.trials import take_trial


def ended(freeze: str, seconds: float) -> TrialEnded:
    return TrialEnded(
        run_id="run-1",
        freeze=freeze,
        accuracy=0.5,
        interval=(0.4, 0.6),
        n=100,
        elapsed_seconds=seconds,
        best=freeze == "head",
    )


def test_trials_come_in_order_as_the_view_takes_them():
    trials: list[dict] = []
    for freeze in ("head", "top"):
        take_trial(trials, ended(freeze, 1.0))
    assert [trial["freeze"] for trial in trials] == ["head", "top"]
    assert trials[0] == {
        "freeze": "head", "accuracy": 0.5, "interval": (0.4, 0.6), "n": 100, "elapsed_seconds": 1.0,
        "best": True,
    }  # fmt: skip


def test_a_repeated_trial_replaces_it_and_all_later_ones():
    trials: list[dict] = []
    for freeze, seconds in (("head", 1.0), ("top", 9.0), ("head", 2.0)):
        take_trial(trials, ended(freeze, seconds))
    assert [(trial["freeze"], trial["elapsed_seconds"]) for trial in trials] == [("head", 2.0)]
