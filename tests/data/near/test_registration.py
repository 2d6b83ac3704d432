"""A picture is laid over another, and only small moves are tried."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.data.near.made import scene
from tlstudio.data.near.look import look_of
from tlstudio.data.near.registration import agreements

PAIR = np.array([[0, 1]])


def agreement(first: Image.Image, second: Image.Image) -> tuple[float, float]:
    looks = np.stack([look_of(np.asarray(picture))[0] for picture in (first, second)])
    of_all, of_detail = agreements(looks, PAIR)
    return float(of_all[0]), float(of_detail[0])


def test_a_moved_copy_agrees_once_it_is_laid_over():
    picture = scene(1)
    moved = picture.crop((8, 6, 200, 160))
    looks = np.stack([look_of(np.asarray(one))[0] for one in (picture, moved)]).astype(float)
    before = np.corrcoef(looks[0].ravel(), looks[1].ravel())[0, 1]
    of_all, of_detail = agreement(picture, moved)
    assert before < 0.9 < min(of_all, of_detail)


def test_contrast_does_not_count():
    picture = scene(2)
    dim = picture.point([60 + value // 2 for value in range(256)] * 3)
    assert min(agreement(picture, dim)) > 0.99


def test_what_is_far_off_is_not_laid_over():
    picture = scene(3)
    assert agreement(picture, picture.crop((60, 0, 200, 160))) == (-1, -1)


def test_no_pairs_give_no_agreements():
    of_all, of_detail = agreements(np.zeros((2, 48, 48), dtype=np.uint8), np.zeros((0, 2), dtype=np.int64))
    assert len(of_all) == len(of_detail) == 0
