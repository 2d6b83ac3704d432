from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tlstudio.training import shown as shown_module
from tlstudio.training.images import RunImage
from tlstudio.training.shown import ShownImages
from tlstudio.training.views import PLAIN, View

IMAGES = [RunImage(path=name, file=Path(name), sha256=name, label=0) for name in "abc"]
FEATURES = torch.arange(12.0).view(3, 4)
FLIPPED = View(flip_horizontal=True)


def test_features_come_back_in_the_order_asked_for():
    shown = ShownImages(IMAGES)
    shown.note([("b", PLAIN), ("a", PLAIN)], FEATURES[:2])
    assert shown.features(IMAGES) is None, "c was not shown"
    shown.note([("c", PLAIN)], FEATURES[2:])
    assert torch.equal(shown.features(IMAGES), FEATURES[[1, 0, 2]])
    assert torch.equal(shown.features(IMAGES[2:]), FEATURES[2:])


def test_other_views_and_other_images_are_not_taken():
    shown = ShownImages(IMAGES[:1])
    shown.note([("a", FLIPPED), ("x", PLAIN)], FEATURES[:2])
    assert shown.one() is None
    assert shown.features(IMAGES[:1]) is None
    assert shown.features([]) is None


def test_what_is_noted_is_not_changed_by_the_next_batch():
    shown, batch = ShownImages(IMAGES[:1]), FEATURES[:1].clone()
    shown.note([("a", PLAIN)], batch)
    batch.zero_()
    assert torch.equal(shown.features(IMAGES[:1]), FEATURES[:1])


def test_too_many_images_or_forgotten_ones_are_asked_anew(monkeypatch: pytest.MonkeyPatch):
    shown = ShownImages(IMAGES)
    shown.note([(image.sha256, PLAIN) for image in IMAGES], FEATURES)
    shown.forget()
    shown.note([("a", PLAIN)], FEATURES[:1])
    assert shown.features(IMAGES[:1]) is None
    monkeypatch.setattr(shown_module, "MOST_KEPT", 2)
    many = ShownImages(IMAGES)
    many.note([("a", PLAIN)], FEATURES[:1])
    assert many.features(IMAGES[:1]) is None
