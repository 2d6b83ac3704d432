"""The heads in closed form are exact: the same each time, and right about a place that is only shifted."""

from __future__ import annotations

import torch

from tests.training.adaptation.made import domains, right
from tlstudio.training.adaptation.linear import coral_head, standardised_head


def test_a_shift_of_every_feature_is_taken_out():
    made, true = domains(target=60)
    for method in (standardised_head, coral_head):
        head = method(made)
        assert right(head.logits(made.target), true) > 0.9
        assert torch.equal(head.weight, method(made).weight)
