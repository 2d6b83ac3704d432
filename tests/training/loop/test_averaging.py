"""The average of weights over the last steps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tlstudio.training.loop.averaging import WeightAverage


def test_it_follows_the_weights_and_varies_less():
    weight = nn.Parameter(torch.zeros(1))
    average = WeightAverage({"w": weight}, share=0.1, steps=1000)
    for step in range(1, 1001):
        weight.data.fill_(5.0 + (-1) ** step)
        average.update(step=step)
    assert average.values["w"].item() == pytest.approx(5, abs=0.02)
    with average.in_place():
        assert weight.item() == pytest.approx(5, abs=0.02)
    assert weight.item() == 6


def test_the_start_does_not_count_for_long():
    weight = nn.Parameter(torch.full((1,), 100.0))
    average = WeightAverage({"w": weight}, share=0.5, steps=1000)
    weight.data.zero_()
    for step in range(1, 101):
        average.update(step=step)
    assert abs(average.values["w"].item()) < 0.01


def test_without_a_share_nothing_is_kept_or_changed():
    weight = nn.Parameter(torch.ones(1))
    average = WeightAverage({"w": weight}, share=0, steps=10)
    average.update(step=1)
    with average.in_place():
        assert weight.item() == 1
    assert average.values == {}


def test_an_average_of_a_checkpoint_is_taken_up_and_a_missing_one_refused():
    average = WeightAverage({"w": nn.Parameter(torch.ones(1))}, share=0.5, steps=10)
    average.restore({"w": torch.full((1,), 3.0)})
    assert average.values["w"].item() == 3
    with pytest.raises(KeyError):
        average.restore({})
