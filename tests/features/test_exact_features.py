from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tlstudio.features import exact_features as shown_module
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View

IMAGES = [RunImage(path=name, file=Path(name), sha256=name, label=0) for name in "abc"]
FEATURES = torch.arange(12.0).view(3, 4)
FLIPPED = View(flip_horizontal=True)


def test_features_are_found_by_the_index_of_their_image():
    shown = ExactFeatures(IMAGES)
    shown.record([("b", PLAIN), ("a", PLAIN)], FEATURES[:2])
    found = shown.features([IMAGES[2], *IMAGES[:2]])
    assert sorted(found) == [1, 2], "c was not shown"
    assert torch.equal(found[1], FEATURES[1])
    assert torch.equal(found[2], FEATURES[0])
    assert shown.any_one()[0] in "ab"


def test_other_views_and_other_images_are_ignored():
    shown = ExactFeatures(IMAGES[:1])
    shown.record([("a", FLIPPED), ("x", PLAIN)], FEATURES[:2])
    assert shown.any_one() is None
    assert shown.features(IMAGES[:1]) == shown.features([]) == {}


def test_held_features_are_copies():
    shown, batch = ExactFeatures(IMAGES[:1]), FEATURES[:1].clone()
    shown.record([("a", PLAIN)], batch)
    batch.zero_()
    assert torch.equal(shown.features(IMAGES[:1])[0], FEATURES[0])


def test_nothing_is_held_of_too_many_images_or_after_clearing(monkeypatch: pytest.MonkeyPatch):
    shown = ExactFeatures(IMAGES)
    shown.record([(image.sha256, PLAIN) for image in IMAGES], FEATURES)
    shown.clear()
    shown.record([("a", PLAIN)], FEATURES[:1])
    assert shown.features(IMAGES) == {}
    monkeypatch.setattr(shown_module, "MOST_KEPT", 2)
    many = ExactFeatures(IMAGES)
    many.record([("a", PLAIN)], FEATURES[:1])
    assert many.features(IMAGES) == {}
