from __future__ import annotations

import pytest

from tlstudio.gui.pages.model.cost_text import about, cost_in_words, cost_rows, short

PROBE = {
    "seconds_per_epoch": None,
    "features_seconds": 2.4,
    "has_unseen_images": True,
    "training_seconds": 0.31,
    "evaluation_seconds": 1.2,
    "total_seconds": 4.0,
    "memory_bytes": 1_234_000_000,
    "cache_bytes": 45_678_901,
}
FINE = {**PROBE, "seconds_per_epoch": 2.0, "features_seconds": 12.0, "total_seconds": 41.0}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.01, "a moment"),
        (0.3, "0.3 s"),
        (1.4, "1 s"),
        (12.4, "12 s"),
        (41, "40 s"),
        (98, "100 s"),
        (130, "2 min"),
        (26 * 60, "25 min"),
        (59 * 60, "1 h"),
        (95 * 60, "1.5 h"),
    ],
)
def test_short_durations(seconds, words):
    assert short(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(41, "about 40 s"), (150, "2–3 min"), (26 * 60, "about 25 min")]
)
def test_approximate_durations(seconds, words):
    assert about(seconds) == words


def test_cost_of_a_linear_probe():
    assert cost_rows(PROBE) == {
        "whole run": "about 4 s", "one epoch": "–", "memory": "1.2 GB", "on disk": "46.0 MB"
    }  # fmt: skip
    assert cost_in_words({}, PROBE) == (
        "2 s to look at the images once, then 0.3 s to fit the head, and 1 s for the final figures."
    )


def test_cost_of_fine_tuning():
    assert "12 s to look at the images once, then 15 epochs of 2 s," in cost_in_words({"epochs": 15}, FINE)
    assert "then 1 epoch of 2 s" in cost_in_words({"epochs": 1}, FINE)


def test_stages_that_learn_without_epochs_of_labels_are_no_fitting_of_a_head():
    assert "then 0.3 s to learn, and" in cost_in_words({"strategy": "pretrain"}, PROBE)


def test_looked_at_before_is_said_only_when_it_is_so():
    seen = cost_in_words({}, {**FINE, "features_seconds": 0.2, "has_unseen_images": False})
    assert seen.startswith("The backbone has looked at the images before; now 15 epochs")
    # Few images take no time, and still nobody has looked at them.
    few = cost_in_words({}, {**FINE, "features_seconds": 0.2})
    assert few.startswith("0.2 s to look at the images once, then 15 epochs")


def test_unknown_costs_are_shown_as_dashes():
    unknown = dict.fromkeys(PROBE)
    assert set(cost_rows(unknown).values()) == {"–"}


def test_the_tries_of_a_choice_are_said_before_it_starts():
    words = cost_in_words({"freeze": "auto"}, {**PROBE, "tries": 4, "tries_seconds": 95.0})
    assert words.startswith("4 tries take 95 s together, then the best one trains.")
