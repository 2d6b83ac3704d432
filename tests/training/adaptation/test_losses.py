"""What is asked of unlabelled images is least where it is fulfilled."""

from __future__ import annotations

import torch

from tlstudio.training.adaptation.losses import class_confusion, lack_of_information, reversed_gradient

EVEN = torch.ones(2) / 2
DECIDED = 20 * torch.eye(2).repeat(5, 1)
TORN = torch.zeros(10, 2)


def test_decided_predictions_confuse_no_classes():
    assert float(class_confusion(DECIDED)) < 0.01
    assert float(class_confusion(TORN)) > 0.4


def test_information_is_full_when_decided_in_the_expected_mix():
    assert abs(float(lack_of_information(DECIDED, EVEN))) < 0.01
    assert float(lack_of_information(TORN, EVEN)) > 0.5
    one_class = 20 * torch.eye(2)[:1].repeat(10, 1)
    assert float(lack_of_information(one_class, EVEN)) > 0.5
    assert float(lack_of_information(DECIDED, torch.tensor([0.9, 0.1]))) > 0.3


def test_a_reversed_gradient_has_the_same_value_and_the_other_sign():
    x = torch.ones(3, requires_grad=True)
    turned = reversed_gradient(x, 0.5)
    assert torch.equal(turned, x)
    turned.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, torch.full((3,), -0.5))
