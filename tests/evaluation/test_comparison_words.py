"""The comparison of two runs in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.evaluation.test_run_comparison import made
from tlstudio.evaluation.comparison_words import (
    accuracies_words,
    figures_words,
    note_words,
    p_words,
    verdict_words,
)

NAMES = {"first": "Run 3", "second": "Run 5"}


def test_what_is_not_shown_is_not_claimed():
    words = verdict_words(made(4, 1, 43), **NAMES)
    assert words.startswith("Run 5 is not shown to be better than Run 3: 4 images only Run 5 gets right, 1 ")
    assert "holds zero" in words
    assert "test images would likely show it" in words
    assert "not shown to be worse" in verdict_words(made(1, 4, 43), **NAMES)


def test_what_is_shown_is_said_with_its_counts():
    assert verdict_words(made(12, 2, 86), **NAMES) == (
        "Run 5 is better than Run 3: 12 images only Run 5 gets right, 2 images only Run 3."
    )
    assert verdict_words(made(0, 12, 86), **NAMES) == (
        "Run 5 is worse than Run 3: 12 images only Run 3 gets right, none only Run 5."
    )


@pytest.mark.parametrize(("won", "words"), [(0, "No difference"), (3, "Neither is shown to be better")])
def test_no_difference_is_none(won: int, words: str):
    assert verdict_words(made(won, won, 50), **NAMES).startswith(words)


def test_other_reasons_for_doubt():
    assert "Too few images differ" in verdict_words(made(5, 0, 43), **NAMES)
    assert "Of 9 comparisons at once" in verdict_words(made(8, 0, 40, tries=9), **NAMES)
    tiny = verdict_words(made(51, 50, 10_000), **NAMES)
    assert "test images" not in tiny, "nobody will label so many"


def test_figures_and_p():
    found = made(4, 1, 43)
    assert figures_words(found) == "+6.2 points, 95 % interval −3.5 to +15.5"
    assert accuracies_words(found) == "97.9 % against 91.7 % right (McNemar's test: p = 0.38)"
    assert p_words(0.0004) == "p < 0.001"


def test_images_that_are_not_compared_are_named():
    assert note_words(made(1, 1, 8), **NAMES) == []
    notes = note_words(replace(made(1, 1, 8), relabelled=6, unknown=1, tested=(48, 44)), **NAMES)
    assert [note.split(":")[0] for note in notes] == [
        "6 test images have other labels in Run 5 than in Run 3",
        "1 test image is gone from where they were, so whether both runs have them is not known",
        "Only test images of both runs are compared",
    ]
