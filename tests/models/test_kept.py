"""A module kept in memory: its copies are what it was, and nobody else's."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import nn

from tlstudio.models.backbones import LARGEST_KEPT, load_backbone
from tlstudio.models.catalogue import catalog
from tlstudio.models.kept import KeptModule


def tied() -> nn.Sequential:
    one, two = nn.Linear(3, 3), nn.Linear(3, 3)
    two.weight = one.weight
    one.bias.requires_grad_(False)
    return nn.Sequential(one, two, nn.BatchNorm1d(3)).eval()


def test_a_copy_is_what_the_module_was():
    module = tied()
    kept, before = KeptModule(module), copy.deepcopy(module.state_dict())
    with torch.no_grad():
        module[0].weight.zero_()
    module[0].extra = "later"
    copied = kept.copy()
    assert {name: tensor.tolist() for name, tensor in copied.state_dict().items()} == {
        name: tensor.tolist() for name, tensor in before.items()
    }
    assert not hasattr(copied[0], "extra")
    assert not copied.training
    assert isinstance(copied[0].weight, nn.Parameter)
    assert not copied[0].bias.requires_grad


def test_copies_share_nothing_with_each_other_but_ties_stay():
    kept = KeptModule(tied())
    one, two = kept.copy(), kept.copy()
    assert one[0].weight is one[1].weight
    with torch.no_grad():
        one[0].weight.zero_()
        one[2].running_mean.fill_(7.0)
    assert two[0].weight.abs().sum() > 0
    assert two[2].running_mean.sum() == 0
    assert kept.copy()[0].weight.equal(two[0].weight)


def test_what_cannot_be_pickled_is_said_at_once():
    module = nn.Linear(1, 1)
    module.hidden = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        KeptModule(module)


SMALL = [info for info in catalog() if 4 * info.parameters < LARGEST_KEPT]


@pytest.mark.parametrize("info", SMALL, ids=[info.id for info in SMALL])
def test_backbones_of_the_catalogue_can_be_kept(info):
    backbone = load_backbone(info.id, pretrained=False)
    copied = KeptModule(backbone).copy().eval()
    images = torch.rand(1, 3, info.input_size, info.input_size)
    with torch.inference_mode():
        assert copied(images).equal(backbone.eval()(images))
