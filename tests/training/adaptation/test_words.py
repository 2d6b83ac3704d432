"""Sentences about an adaptation have both figures and their interval."""

from __future__ import annotations

from dataclasses import replace

import torch

from tlstudio.core.types import Interval
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.two_sample import Difference
from tlstudio.training.adaptation import words
from tlstudio.training.adaptation.class_mix import ClassMix
from tlstudio.training.adaptation.kinship import Kinship

FAR = Difference(accuracy=0.98, n=100, interval=Interval(low=0.93, high=0.99))
NEAR = Difference(accuracy=0.52, n=100, interval=Interval(low=0.42, high=0.62))
FOUND = StrategyComparison(
    start_accuracy=0.4, accuracy=0.9, n=80, difference=0.5, interval=(0.38, 0.6), start_returned=False
)


def mix(differs: int | None) -> ClassMix:
    values = torch.tensor([0.7, 0.3])
    return ClassMix(shares=values, low=values - 0.1, high=values + 0.1, differs=differs)


def test_the_verdict_names_both_figures_the_interval_and_the_places():
    said = words.verdict(words.agreement(FOUND), start_returned=False, before=FAR, after=NEAR, mix="Mix.")
    for part in ("40 %", "90 %", "+50 points", "+38 to +60", "98 % before", "by chance after", "Mix."):
        assert part in said
    kept = words.verdict(
        words.accuracy(FOUND, method="x"), start_returned=True, before=FAR, after=NEAR, mix=""
    )
    assert kept.endswith(words.KEPT)


def test_reasons_not_to_adapt_are_one_plain_statement():
    assert "52 %" in words.same_place(NEAR)
    below = replace(NEAR, accuracy=0.17)
    assert "no better than by chance" in words.same_place(below)
    assert "p = 0.40" in words.other_world(Kinship(p=0.4, similarity=0.2))


def test_what_is_known_of_the_mix_is_said():
    names, here = ("ants", "bees"), (0.5, 0.5)
    said = words.mix_sentence(mix(0), shares=here, classes=names)
    assert "“ants” seems to be 70 % of the images there (60 % to 80 %) and is 50 % here" in said
    assert "cannot be told" in words.mix_sentence(mix(None), shares=here, classes=names)
