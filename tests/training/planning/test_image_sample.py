"""The sample of images that measurements use."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.training.collecting import images_of
from tests.training.tiny import PREPROCESSING, Photos
from tlstudio.core.control import Control
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View
from tlstudio.training.planning import image_sample
from tlstudio.training.planning.image_sample import ImageSample, repeated

Images = dict[str, tuple[RunImage, ...]]


@pytest.fixture
def images(photos: Photos) -> Images:
    """Twelve to train, six to validate, six to test."""
    every = images_of(photos(per_class=8))
    return {"train": tuple(every[:12]), "validation": tuple(every[12:18]), "test": tuple(every[18:])}


def sample_of(images: Images, *, pixels: int = 100) -> ImageSample:
    return ImageSample(
        images,
        pixels={image.path: pixels for part in images.values() for image in part},
        preprocessing=PREPROCESSING,
        threads=1,
        control=Control(),
        clock=time.perf_counter,
    )


def test_the_same_run_has_the_same_sample(images: Images, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(image_sample, "MOST_LOOKED_UP", 5)
    one, two = sample_of(images), sample_of(images)
    assert one.learned == two.learned
    assert len(one.learned) == len(one.test) == 5
    assert one.learned_count == 18
    assert not set(one.learned) & set(images["test"])


def test_of_validation_images_only_the_plain_view_is_needed(images: Images):
    sample, flipped = sample_of(images), View(flip_horizontal=True)
    training, validation = images["train"][0], images["validation"][0]
    assert sample.is_validation(validation)
    assert not sample.is_validation(training)
    keys = sample.keys([training, validation], (PLAIN, flipped))
    assert keys == [
        f"{training.sha256}/{PLAIN.id}", f"{training.sha256}/{flipped.id}", f"{validation.sha256}/{PLAIN.id}",
    ]  # fmt: skip


def test_decoded_images_are_cached_and_cost_nothing_the_next_time(images: Images, fresh_cache: Path):
    known = InputCache(open_input_store(PREPROCESSING))
    left, seconds, test_seconds = sample_of(images).decode(known)
    assert left == [], "18 images are few enough to decode them all"
    assert seconds == 0
    assert test_seconds > 0
    images = {**images, "test": ()}
    known = InputCache(open_input_store(PREPROCESSING))
    assert sample_of(images).decode(known) == ([], 0, 0)


def test_images_with_more_pixels_take_longer_in_proportion(
    images: Images, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(image_sample, "MOST_DECODED", 3)
    left, seconds, _ = sample_of(images).decode(InputCache(open_input_store(PREPROCESSING)))
    assert len(left) == 18 - 4
    assert seconds > 0


def test_images_are_repeated_up_to_the_number(images: Images):
    first, second = images["test"][:2]
    assert repeated((first, second), 5) == (first, second, first, second, first)
    assert repeated((first, second), 1) == (first,)
