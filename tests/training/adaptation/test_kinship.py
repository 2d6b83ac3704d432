"""Images of the classes are told from images of another world."""

from __future__ import annotations

from dataclasses import replace

import torch

from tests.training.adaptation.made import SIZE, domains, elsewhere
from tlstudio.training.adaptation.kinship import kinship_of


def test_the_same_classes_at_another_place_are_kin():
    made, _ = domains()
    found = kinship_of(made)
    assert found.p == 1 / 200
    assert found.is_shown


def test_another_world_is_not():
    made, _ = domains()
    random = torch.Generator().manual_seed(5)
    # It varies along a few directions of its own.
    alien = torch.randn(90, 4, generator=random) @ torch.randn(4, SIZE, generator=random)
    alien += 0.3 * torch.randn(90, SIZE, generator=random)
    found = kinship_of(replace(made, target=elsewhere(alien)))
    assert not found.is_shown
    assert found.p > 0.05


def test_two_images_decide_nothing():
    made, _ = domains()
    assert kinship_of(replace(made, target=made.target[:2])).similarity == 0
