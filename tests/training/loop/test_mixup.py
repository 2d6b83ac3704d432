"""Pairs of mixed images: each image once as a partner, the same draw in every session."""

from __future__ import annotations

import pytest
import torch

from tlstudio.training.loop.mixup import Mix, draw_mix

BATCH = [7, 2, 9, 4]


def test_each_image_has_another_one_as_its_partner_and_the_larger_share():
    drawn = [draw_mix(BATCH, alpha=0.4, seed=1, epoch=epoch) for epoch in range(50)]
    assert all(mix.partners == (2, 9, 4, 7) for mix in drawn)
    assert all(0.5 <= mix.share <= 1 for mix in drawn)
    assert len({mix.share for mix in drawn}) == 50
    assert draw_mix(BATCH, alpha=0.4, seed=1, epoch=3) == drawn[3]
    assert draw_mix([2, 7], alpha=0.4, seed=1, epoch=3).share != drawn[3].share


def test_more_mixes_more_and_next_to_none_mixes_none():
    def mean(alpha: float) -> float:
        return sum(draw_mix(BATCH, alpha=alpha, seed=0, epoch=n).share for n in range(200)) / 200

    assert mean(1e-6) == 1
    assert mean(0.1) > mean(0.4) > mean(1.0) > 0.7


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.uint8])
def test_the_whole_share_leaves_an_image_as_it_is(kind: torch.dtype):
    one, other = (torch.arange(low, low + 6).reshape(2, 3).to(kind) for low in (0, 40))
    assert torch.equal(
        Mix(partners=(1, 0), share=1.0).of(one, other), one.to(kind if kind == torch.uint8 else torch.float32)
    )
    mixed = Mix(partners=(1, 0), share=0.75).of(one, other)
    assert torch.equal(mixed.float(), torch.arange(10.0, 16.0).reshape(2, 3))
    assert (mixed.dtype == torch.uint8) == (kind == torch.uint8)
