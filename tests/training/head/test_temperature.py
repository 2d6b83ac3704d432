"""The factor for logits."""

from __future__ import annotations

import pytest
import torch

from tlstudio.training.head.temperature import factor_for


def test_right_scores_may_be_surer_and_wrong_ones_less_so():
    labels = torch.arange(40) % 2
    right = torch.nn.functional.one_hot(labels, 2).double()
    assert factor_for(right, labels) > 3
    assert factor_for(right.flip(1), labels) < 0.5
    assert factor_for(right[:0], labels[:0]) == pytest.approx(1)


def test_one_image_says_little():
    assert 1 <= factor_for(torch.tensor([[1.0, 0.0]], dtype=torch.float64), torch.tensor([0])) < 3
