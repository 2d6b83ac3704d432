"""Where a classifier looked: the picture, the figures, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tlstudio.core.errors import UserError
from tlstudio.operations import explain_image


def photo_of(trained_run) -> Path:
    return next(file for file in sorted(trained_run.images.rglob("*.jpg")) if file.name != "torn.jpg")


def test_the_picture_is_as_large_as_the_photo_and_the_figures_are_probabilities(trained_run, do, tmp_path):
    photo, out = photo_of(trained_run), tmp_path / "looked.png"
    found = do("explain-image", run=trained_run.run, image=photo, out=out)
    with Image.open(found["picture"]) as drawn, Image.open(photo) as image:
        assert drawn.size == image.size
        assert drawn.format == "PNG"
    assert Path(found["picture"]) == out
    (predicted,) = do("predict", model=trained_run.run, paths=[photo])["predictions"]
    assert found["class"] == predicted["class"]
    assert found["probability"] == pytest.approx(predicted["probability"], abs=1e-4)
    assert 0 <= found["without"] <= 1
    assert 0 <= found["elsewhere"] <= 1


def test_another_class_can_be_explained(trained_run, do):
    photo = photo_of(trained_run)
    own = do("explain-image", run=trained_run.run, image=photo)
    other = next(name for name in trained_run.result["classes"] if name != own["class"])
    found = do("explain-image", run=trained_run.run, image=photo, class_name=other)
    assert found["class"] == other
    assert found["probability"] < own["probability"]
    assert found["picture"] != own["picture"]


def test_what_cannot_be_explained_is_refused(trained_run, do, tmp_path):
    with pytest.raises(UserError, match="does not know the class “emu”"):
        do("explain-image", run=trained_run.run, image=photo_of(trained_run), class_name="emu")
    with pytest.raises(UserError, match=r"torn\.jpg"):
        do("explain-image", run=trained_run.run, image=trained_run.images / "bees" / "torn.jpg")
    with pytest.raises(UserError, match=r"gone\.jpg"):
        do("explain-image", run=trained_run.run, image=tmp_path / "gone.jpg")


def test_the_cache_keeps_the_newest_pictures_only(trained_run, do, monkeypatch):
    monkeypatch.setattr(explain_image, "MOST_PICTURES", 1)
    photo = photo_of(trained_run)
    classes = trained_run.result["classes"]
    drawn = [
        do("explain-image", run=trained_run.run, image=photo, class_name=name)["picture"] for name in classes
    ]
    assert [Path(picture).exists() for picture in drawn] == [False] * (len(classes) - 1) + [True]
