"""Candidates hold the near-duplicates, each pair once and in order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.fft import dctn

from tests.data.near.made import CHANGES, scene
from tlstudio.data.near.candidates import LOWEST, _waves, candidate_pairs
from tlstudio.data.near.look import look_of


def test_near_duplicates_are_among_the_candidates_whatever_their_order():
    pictures = [scene(seed) for seed in range(40)]
    pictures += [change(pictures[number]) for number, change in enumerate(CHANGES.values())]
    looks = np.stack([look_of(np.asarray(picture))[0] for picture in pictures])
    order = np.random.default_rng(0).permutation(len(looks))
    wanted = {(number, 40 + number) for number in range(len(CHANGES))}
    for places in (np.arange(len(looks)), order):
        pairs = candidate_pairs(looks[places])
        found = {tuple(sorted(places[pair].tolist())) for pair in pairs}
        assert wanted <= found
        assert len(found) == len(pairs)
        assert (pairs[:, 0] < pairs[:, 1]).all()


def test_ten_thousand_equal_pictures_do_not_make_millions_of_pairs():
    look = look_of(np.asarray(scene(0)))[0]
    noise = np.random.default_rng(0).integers(0, 8, (2000, *look.shape), dtype=np.uint8)
    pairs = candidate_pairs(look // 2 + noise)
    assert len(pairs) < 200 * 2000


@pytest.mark.parametrize("side", [8, 16, 48])
def test_the_lowest_waves_are_those_of_the_cosine_transform(side):
    picture = np.random.default_rng(side).normal(size=(side, side)).astype(np.float32)
    waves = _waves(side)
    expected = dctn(picture, norm="ortho")[:LOWEST, :LOWEST]
    assert np.allclose(waves @ picture @ waves.T, expected, atol=1e-4)
