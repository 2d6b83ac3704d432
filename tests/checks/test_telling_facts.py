"""Planted give-aways are found by the fact that gives them away; other sets are left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.near.made import scene
from tlstudio.checks.telling_facts import GivenAway, find_given_away
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.data.decode import decode_rgb
from tlstudio.data.near.look import look_of
from tlstudio.data.scan import scan_folder

Save = Callable[[Image.Image, Path, np.random.Generator], None]


def exif(*, model: str, day: int) -> Image.Exif:
    written = Image.Exif()
    written[0x0110], written[0x0132] = model, f"2024:05:{day:02d} 10:00:00"
    return written


def ordinary(picture: Image.Image, file: Path, rng: np.random.Generator) -> None:
    side, quality = int(rng.integers(100, 200)), int(rng.integers(60, 95))
    model, day = rng.choice(["A", "B"]), int(rng.integers(1, 29))
    picture.resize((side, side * 4 // 5)).save(
        file.with_suffix(".jpg"), quality=quality, exif=exif(model=model, day=day)
    )


def bordered(picture: Image.Image) -> Image.Image:
    framed = Image.new("RGB", (220, 180), (250, 250, 250))
    framed.paste(picture, (10, 10))
    return framed


PLANTED: dict[str, Save] = {
    "size": lambda picture, file, rng: picture.resize((333, 266)).save(
        file.with_suffix(".jpg"), quality=int(rng.integers(60, 95))
    ),
    "format": lambda picture, file, rng: picture.resize((int(rng.integers(100, 200)), 120)).save(
        file.with_suffix(".png")
    ),
    "compression": lambda picture, file, rng: picture.resize((int(rng.integers(100, 200)), 120)).save(
        file.with_suffix(".jpg"), quality=30
    ),
    "camera": lambda picture, file, rng: picture.resize((int(rng.integers(100, 200)), 120)).save(
        file.with_suffix(".jpg"), quality=int(rng.integers(60, 95)), exif=exif(model="C", day=3)
    ),
    "brightness": lambda picture, file, rng: ordinary(
        picture.point([value // 4 for value in range(256)] * 3), file, rng
    ),
    "border": lambda picture, file, rng: ordinary(bordered(picture), file, rng),
}


def found(root: Path, plant: Save, *, seed: int = 0) -> list[GivenAway]:
    """What is found in three classes of thirty images, one of which is saved in another way."""
    rng = np.random.default_rng(seed)
    for number in range(90):
        name = ("ant", "bee", "cat")[number % 3]
        (root / name).mkdir(parents=True, exist_ok=True)
        save = plant if name == "bee" else ordinary
        save(scene(seed * 100 + number), root / name / f"{number}", rng)
    dataset = scan_folder(root)
    looks = {image.path: look_of(decode_rgb(root / image.path).pixels)[1] for image in dataset.images}
    return find_given_away(dataset, looks, control=Control())


@pytest.mark.parametrize("planted", list(PLANTED))
def test_a_planted_give_away_is_found(planted, tmp_path):
    first, *_ = found(tmp_path / "images", PLANTED[planted])
    assert first.name == "bee"
    assert first.guessed >= first.kind.enough
    assert len(first.paths) == 30
    if planted != "camera":  # the day gives it away as well
        assert planted in first.kind.words or first.guessed == 1


@pytest.mark.parametrize("seed", range(3))
def test_images_made_alike_are_left_alone(seed, tmp_path):
    assert found(tmp_path / "images", ordinary, seed=seed) == []


def test_too_few_images_of_a_class_say_nothing(tmp_path):
    root = tmp_path / "images"
    for name, number in (("ant", 30), ("bee", 5)):
        (root / name).mkdir(parents=True)
        for place in range(number):
            scene(place).save(root / name / (f"{place}.png" if name == "bee" else f"{place}.jpg"))
    dataset = scan_folder(root)
    looks = {image.path: look_of(decode_rgb(root / image.path).pixels)[1] for image in dataset.images}
    assert find_given_away(dataset, looks, control=Control()) == []


def test_it_can_be_cancelled(photos):
    dataset = scan_folder(photos(per_class=12))
    looks = {image.path: look_of(decode_rgb(dataset.root / image.path).pixels)[1] for image in dataset.images}
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        find_given_away(dataset, looks, control=control)
