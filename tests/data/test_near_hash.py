"""Pictures are recognised however they were saved, and different ones are told apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tests.conftest import draw_photo
from tests.data.near.made import saved, scene
from tlstudio.data.near_hash import (
    MOST_BITS,
    differing_bits,
    find_near,
    near_hash,
    packed,
    turned_hashes,
)


def is_found(image: Image.Image, *, among: list[Image.Image]) -> int | None:
    return find_near(
        turned_hashes(np.asarray(image)), packed([near_hash(np.asarray(other)) for other in among])
    )


VERSIONS = {
    "the same": lambda image: image,
    "saved again": lambda image: saved(image),
    "smaller": lambda image: image.resize((100, 80)),
    "larger": lambda image: image.resize((420, 336)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_90),
}


@pytest.mark.parametrize("version", list(VERSIONS))
def test_another_version_of_a_picture_is_recognised(version: str):
    scenes = [scene(seed) for seed in range(12)]
    found = [is_found(VERSIONS[version](image), among=scenes) for image in scenes]
    assert found == list(range(12))


def test_other_pictures_are_not():
    assert is_found(scene(99), among=[scene(seed) for seed in range(40)]) is None
    hashes = packed([near_hash(np.asarray(scene(seed))) for seed in range(40)])
    apart = [
        int(np.bitwise_count(hashes[one] ^ hashes[two]).sum()) for one, two in combinations(range(40), 2)
    ]
    assert min(apart) > 2 * MOST_BITS


def test_textures_of_one_kind_are_told_apart():
    photos = [draw_photo(number % 3, width=96, height=96, seed=number) for number in range(60)]
    pixels = [np.asarray(photo) for photo in photos]
    known = packed([near_hash(each) for each in pixels])
    for number, each in enumerate(pixels):
        assert find_near(turned_hashes(each), np.delete(known, number, axis=0)) is None


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_that_shows_nothing_is_like_no_other(value: int):
    flat = np.full((64, 64, 3), value, dtype=np.uint8)
    assert near_hash(flat) == ""
    assert turned_hashes(flat) == ()
    assert find_near((), packed([near_hash(np.asarray(scene(1)))])) is None


def test_without_known_pictures_none_is_found():
    assert find_near(turned_hashes(np.asarray(scene(1))), np.empty((0, 4), dtype=np.uint64)) is None


def test_hashes_are_packed_bit_by_bit():
    assert packed(["0" * 63 + "1", "f" * 64]).tolist() == [[0, 0, 0, 1], [2**64 - 1] * 4]


def test_bits_are_counted_to_the_nearest_turn_and_all_where_nothing_is_seen():
    turned, known = turned_hashes(np.asarray(scene(1))), near_hash(np.asarray(scene(1)))
    assert differing_bits(turned, known) == 0
    assert differing_bits(turned[1:2], known) > MOST_BITS
    assert differing_bits((), known) == differing_bits(turned, "") == 256
