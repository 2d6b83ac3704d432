"""A blend of weights lies between them, and its ends are exact."""

from __future__ import annotations

import torch
from torch import nn

from tlstudio.training.loop.blending import blend_parameters
from tlstudio.training.loop.checkpoint import copy_of


def test_a_blend_lies_between_both_and_its_ends_are_exact():
    layer = nn.Linear(50, 50)
    parameters = dict(layer.named_parameters())
    start = copy_of(parameters)
    with torch.no_grad():
        for parameter in parameters.values():
            parameter.mul_(3).add_(0.7)
    trained = copy_of(parameters)
    blend_parameters(parameters, start, share=0)
    assert all(torch.equal(parameters[name], trained[name]) for name in trained)
    blend_parameters(parameters, start, share=0.25)
    for name, parameter in parameters.items():
        torch.testing.assert_close(parameter.detach(), 0.75 * trained[name] + 0.25 * start[name])
    blend_parameters(parameters, start, share=1)
    assert all(torch.equal(parameters[name], start[name]) for name in start)
