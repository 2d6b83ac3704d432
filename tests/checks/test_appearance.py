"""Simple properties of how images look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from tests.conftest import draw_photo
from tests.training.tiny import PREPROCESSING
from tlstudio.checks.appearance import PROPERTIES, measure_appearance
from tlstudio.core.control import Control
from tlstudio.data.scan import scan_folder


def tinted(photo: Image.Image, *, channel: int) -> Image.Image:
    pixels = np.array(photo)
    pixels[..., channel] = np.minimum(pixels[..., channel].astype(int) + 60, 255)
    return Image.fromarray(pixels)


CHANGES = {
    "brightness": lambda photo: ImageEnhance.Brightness(photo).enhance(1.3),
    "contrast": lambda photo: ImageEnhance.Contrast(photo).enhance(1.5),
    "colour": lambda photo: ImageEnhance.Color(photo).enhance(2),
    "warmth": lambda photo: tinted(photo, channel=0),
    "tint": lambda photo: tinted(photo, channel=1),
    "size": lambda photo: photo.resize((160, 120)),
    "shape": lambda photo: photo.crop((0, 0, 80, 40)),
}


def measured(folder: Path, *photos: Image.Image) -> dict[str, list[float]]:
    for number, photo in enumerate(photos):
        photo.save(folder / f"{number}.png")
    table = measure_appearance(scan_folder(folder), preprocessing=PREPROCESSING, control=Control())
    return {name: values.tolist() for name, values in table.items()}


@pytest.mark.parametrize("name", CHANGES)
def test_more_of_a_property_is_measured_as_more(name: str, tmp_path: Path):
    plain = ImageEnhance.Color(draw_photo(0, width=80, height=60, seed=1)).enhance(0.3)
    first, second = measured(tmp_path, plain, CHANGES[name](plain))[name]
    assert second > first


def test_a_blurred_image_is_less_sharp_and_one_of_less_contrast_is_not(tmp_path: Path):
    photo = Image.new("RGB", (80, 60), "white")
    photo.paste("black", (20, 10, 50, 45))
    blurred, flat = photo.filter(ImageFilter.GaussianBlur(2)), ImageEnhance.Contrast(photo).enhance(0.5)
    sharp, less, same = measured(tmp_path, photo, blurred, flat)["sharpness"]
    assert less < 0.8 * sharp
    assert same == pytest.approx(sharp, rel=0.1)


def test_what_a_file_does_not_tell_is_not_known(tmp_path: Path):
    table = measured(tmp_path, draw_photo(0, width=80, height=60, seed=1))
    assert set(table) == {one.id for one in PROPERTIES}
    assert np.isnan(table["compression"]).all()
    assert table["shape"] == [pytest.approx(80 / 60)]
