"""Near-duplicates are found among other pictures, and other pictures are not called so."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from tests.data.near.made import CHANGES, scene
from tlstudio.data.near.candidates import candidate_pairs
from tlstudio.data.near.clusters import clusters_of, near_pairs
from tlstudio.data.near.look import look_of

SCENES = [scene(seed) for seed in range(60)]


def looks(*pictures):
    return np.stack([look_of(np.asarray(picture))[0] for picture in pictures])


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_changed_copy_is_found_and_nothing_else(change):
    originals = [3, 17, 30, 44, 58]
    copies = [CHANGES[change](SCENES[number]) for number in originals]
    found = near_pairs(looks(*SCENES, *copies)).tolist()
    assert found == [[number, len(SCENES) + place] for place, number in enumerate(originals)]


def test_different_pictures_are_no_pairs():
    assert len(near_pairs(looks(*SCENES))) == 0


def test_the_same_ground_with_another_thing_on_it_is_no_near_duplicate():
    ground, other = np.asarray(SCENES[0]).copy(), np.asarray(SCENES[0]).copy()
    ground[50:110, 70:130] = np.asarray(SCENES[1])[50:110, 70:130]
    other[50:110, 70:130] = np.asarray(SCENES[2])[50:110, 70:130]
    assert len(near_pairs(np.stack([look_of(ground)[0], look_of(other)[0]]))) == 0


def test_pictures_in_which_nothing_is_to_be_seen_are_not_compared():
    grey = np.full((5, 48, 48), 128, dtype=np.uint8)
    assert len(near_pairs(grey)) == 0


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_pictures_have_no_pairs(number):
    assert near_pairs(looks(*SCENES[:2])[:number]).shape == (0, 2)


def test_pairs_are_joined_to_clusters():
    pairs = np.array([[0, 4], [4, 6], [1, 2]])
    assert sorted(clusters_of(pairs, number=8)) == [[0, 4, 6], [1, 2]]
    assert clusters_of(np.zeros((0, 2), dtype=np.int64), number=3) == []


def made_looks(number: int) -> np.ndarray:
    """Smooth random pictures; the last fifty are shifted copies of the first."""
    rng = np.random.default_rng(number)
    frequencies = np.hypot(*np.meshgrid(np.fft.fftfreq(48), np.fft.fftfreq(48)))
    spectrum = 1 / np.maximum(frequencies, 1 / 48) ** 1.3
    values = np.fft.ifft2(np.fft.fft2(rng.normal(size=(number, 48, 48))) * spectrum).real
    values /= values.std(axis=(1, 2), keepdims=True)
    made = np.clip(128 + 50 * values, 0, 255).astype(np.uint8)
    made[-50:] = np.roll(made[:50], 1, axis=2) // 2 + 60
    return made


def test_among_four_thousand_pictures_each_is_compared_with_few():
    made = made_looks(4000)
    began = time.process_time()
    pairs = {tuple(pair) for pair in candidate_pairs(made).tolist()}
    assert time.process_time() - began < 4  # it takes half a second
    assert sum((place, 3950 + place) in pairs for place in range(50)) >= 48
    assert len(pairs) < 4000  # eight million each with each other


@pytest.fixture(scope="module")
def enlarged_digits() -> list[Image.Image]:
    digits = load_digits().images[:300]
    return [
        Image.fromarray((255 - 15 * digit).astype(np.uint8)).resize((200, 160), Image.Resampling.BICUBIC)
        for digit in digits
    ]


def test_handwritten_digits_that_were_enlarged_are_no_pairs(enlarged_digits):
    assert len(near_pairs(looks(*(digit.convert("RGB") for digit in enlarged_digits)))) == 0


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_changed_copy_of_an_enlarged_picture_is_found(change, enlarged_digits):
    originals = [digit.convert("RGB") for digit in enlarged_digits]
    copies = [CHANGES[change](digit) for digit in originals[:20]]
    found = {tuple(pair) for pair in near_pairs(looks(*originals, *copies)).tolist()}
    wanted = {(number, len(originals) + number) for number in range(20)}
    assert found <= wanted
    # Edges become others in a brighter picture.
    assert len(found) >= (10 if change == "brighter" else 19)
