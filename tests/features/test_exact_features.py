from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tlstudio.features import exact_features
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View

IMAGES = [RunImage(path=name, file=Path(name), sha256=name, label=0) for name in "abc"]
FEATURES = torch.arange(12.0).view(3, 4)
FLIPPED = View(flip_horizontal=True)


def test_features_are_found_by_the_index_of_their_image():
    held = ExactFeatures(IMAGES)
    held.record([("b", PLAIN), ("a", PLAIN)], FEATURES[:2])
    found = held.features([IMAGES[2], *IMAGES[:2]])
    assert sorted(found) == [1, 2], "c was not computed"
    assert torch.equal(found[1], FEATURES[1])
    assert torch.equal(found[2], FEATURES[0])
    assert held.any_one()[0] in "ab"


def test_other_views_and_other_images_are_ignored():
    held = ExactFeatures(IMAGES[:1])
    held.record([("a", FLIPPED), ("x", PLAIN)], FEATURES[:2])
    assert held.any_one() is None
    assert held.features(IMAGES[:1]) == held.features([]) == {}


def test_held_features_are_copies():
    held, batch = ExactFeatures(IMAGES[:1]), FEATURES[:1].clone()
    held.record([("a", PLAIN)], batch)
    batch.zero_()
    assert torch.equal(held.features(IMAGES[:1])[0], FEATURES[0])


def test_nothing_is_held_of_too_many_images_or_after_clearing(monkeypatch: pytest.MonkeyPatch):
    held = ExactFeatures(IMAGES)
    held.record([(image.sha256, PLAIN) for image in IMAGES], FEATURES)
    held.clear()
    held.record([("a", PLAIN)], FEATURES[:1])
    assert held.features(IMAGES) == {}
    monkeypatch.setattr(exact_features, "MOST_HELD", 2)
    many = ExactFeatures(IMAGES)
    many.record([("a", PLAIN)], FEATURES[:1])
    assert many.features(IMAGES) == {}
