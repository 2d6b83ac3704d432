"""How often each class occurs among unlabelled images."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tlstudio.training.adaptation.class_mix import class_mix_of

EVEN = torch.ones(2) / 2


def answers(*, firsts: int, of: int = 100) -> Tensor:
    """Logits that name the first class so many times."""
    return torch.nn.functional.one_hot((torch.arange(of) >= firsts).long(), 2).float()


def test_the_same_mix_does_not_differ():
    mix = class_mix_of([answers(firsts=48), answers(firsts=55)], EVEN)
    assert mix.differs is None
    assert float(mix.shares.sum()) == pytest.approx(1)
    assert mix.expected(EVEN) is EVEN


def test_another_mix_differs_where_the_methods_agree():
    mix = class_mix_of([answers(firsts=78), answers(firsts=82)], EVEN)
    assert mix.differs is not None
    assert float(mix.low[0]) < 0.78 < 0.82 < float(mix.high[0])
    assert float(mix.expected(EVEN)[0]) == pytest.approx(0.8)


def test_methods_that_contradict_each_other_tell_nothing():
    assert class_mix_of([answers(firsts=85), answers(firsts=45)], EVEN).differs is None
