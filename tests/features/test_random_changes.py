"""The changes of random views are determined by the numbers given, and nothing else."""

from __future__ import annotations

import pytest
import torch

from tlstudio.features.random_changes import change_randomly

IMAGE = torch.randint(0, 256, (3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
DRAW = [0.9, 0.8, 0.3, 0.6, 0.1, 0.7, 0.4, 0.5]


def test_no_settings_change_nothing():
    assert torch.equal(change_randomly(IMAGE, DRAW, crop=0, rotation_degrees=0, colour=0), IMAGE)


@pytest.mark.parametrize("setting", ["crop", "rotation_degrees", "colour"])
def test_each_setting_changes_the_image_by_the_numbers_given(setting: str):
    settings = {"crop": 0.0, "rotation_degrees": 0.0, "colour": 0.0, setting: 0.3}
    settings["rotation_degrees"] *= 100
    changed = change_randomly(IMAGE, DRAW, **settings)
    assert (changed.shape, changed.dtype) == (IMAGE.shape, torch.uint8)
    assert not torch.equal(changed, IMAGE)
    assert torch.equal(change_randomly(IMAGE, DRAW, **settings), changed)
    assert not torch.equal(change_randomly(IMAGE, [1 - chance for chance in DRAW], **settings), changed)
