"""Words tried on labelled images."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tlstudio.training.trials.words_trial import try_words

LABELS = torch.arange(60) % 3


def logits(right: int) -> Tensor:
    """Of which so many, spread over the classes, are right; the others name the next class."""
    answers = torch.where(torch.arange(60) < right, LABELS, (LABELS + 1) % 3)
    return torch.nn.functional.one_hot(answers, 3).double()


@pytest.mark.parametrize(
    ("words", "start", "returned"),
    [(57, 50, False), (50, 52, False), (30, 57, True), (20, 30, True), (22, 20, False), (18, 18, True)],
)
def test_words_are_kept_unless_the_plain_head_is_better_or_they_are_by_chance(words, start, returned):
    found = try_words(logits(words), LABELS, logits(start))
    assert (found.n, found.start_returned) == (60, returned)
    assert ("So the plain head is kept." in found.sentence) == returned
    found.check()


def test_both_figures_and_chance_are_said():
    sentence = try_words(logits(57), LABELS, logits(54)).sentence
    assert "By words alone 95.0 % of 60 labelled images are right (86–98 %; chance gives 33 %); "
    assert "has 90.0 % (+5.0 points" in sentence
    off = try_words(logits(20), LABELS, logits(20))
    assert "so these words do not sort these images" in off.sentence


@pytest.mark.parametrize(
    ("right", "returned", "said"),
    [
        (60, False, "chance gives 33 %)."),
        (20, False, "does not show whether they are better than chance"),
        (5, True, "no better than chance"),
    ],
)
def test_without_a_start_words_are_given_up_where_they_are_shown_to_be_chance(right, returned, said):
    found = try_words(logits(right), LABELS, None)
    assert found.start_returned == returned
    assert said in found.sentence


def test_one_image_of_each_class_shows_nothing():
    both_right = torch.eye(2)
    found = try_words(both_right, torch.tensor([0, 1]), None)
    assert (found.accuracy, found.start_returned) == (1, False)
    assert found.interval[0] < 0


def test_naming_one_class_for_all_is_chance():
    labels = torch.tensor([0] * 50 + [1] * 10)
    answers = torch.tensor([[1.0, 0.0]]).repeat(60, 1)
    assert try_words(answers, labels, None).numbers["chance"] == pytest.approx(50 / 60)
    assert not try_words(answers, labels, None).start_returned
