"""What the curve shows, in a sentence."""

from __future__ import annotations

import pytest

from tlstudio.training.rates.judgement import RateJudgement
from tlstudio.training.rates.words import judgement_words, rate_words


@pytest.mark.parametrize(
    ("rate", "words"), [(0.00074, "0.0007"), (0.000034, "0.00003"), (0.1, "0.1"), (0.0132, "0.015")]
)
def test_a_rate_has_one_digit_that_counts(rate, words):
    assert rate_words(rate) == words


@pytest.mark.parametrize(
    ("falls", "place"),
    [((1e-4, 3e-3), "in"), ((6e-4, 3e-3), "below"), ((2e-5, 2e-4), "above")],
)
def test_it_says_whether_the_usual_rate_lies_where_the_loss_falls(falls, place):
    words = judgement_words(RateJudgement(smoothed=(), falls=falls, rises_from=0.02))
    assert words.endswith(f"The usual rate, 0.0003, lies {place} the range in which it falls.")
    assert f"lowest at about {rate_words(falls[1])} and above its start from about 0.02 on." in words
    assert "above its start" not in judgement_words(RateJudgement(smoothed=(), falls=falls))


def test_without_a_suggestion_no_number_is_suggested():
    flat, rising = RateJudgement(smoothed=()), RateJudgement(smoothed=(), rises_from=0.002)
    assert judgement_words(flat).startswith("The curve suggests no rate: the loss hardly changes")
    assert judgement_words(rising).endswith(
        "it rises from about 0.002 on. The usual rate, 0.0003, lies below that."
    )
    low = judgement_words(RateJudgement(smoothed=(), rises_from=1e-5))
    assert low.endswith("lies above that.")
