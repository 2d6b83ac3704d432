"""Planted faults are named, each once; sets that are simply dark, drawn or soft are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageFilter

from tests.checks.made import dataset, examine, image
from tests.data.near.made import scene
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.data.near.look import look_of

FAULTS: dict[str, Callable[[Picture.Image], Picture.Image]] = {
    "dark": lambda picture: picture.point([value // 12 for value in range(256)] * 3),
    "bright": lambda picture: picture.point([min(255, 235 + value // 10) for value in range(256)] * 3),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(8)),
    "empty": lambda picture: picture.point([120 + value // 64 for value in range(256)] * 3),
    "small": lambda picture: picture.resize((25, 20)),
    "long": lambda picture: picture.crop((0, 0, 200, 40)),
}


def found(*pictures: Picture.Image) -> list[Finding]:
    images = [image(f"a/{number:02d}.jpg", size=picture.size) for number, picture in enumerate(pictures)]
    looks = {one.path: look_of(np.asarray(picture))[1] for one, picture in zip(images, pictures, strict=True)}
    return examine("image-quality", Evidence(dataset=dataset(*images), data_facts=DataFacts(looks=looks)))


SCENES = [scene(seed) for seed in range(30)]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_planted_fault_is_named_once_and_can_be_left_out(fault):
    pictures = list(SCENES)
    for number in (4, 17):
        pictures[number] = FAULTS[fault](pictures[number])
    (warning,) = found(*pictures)
    assert warning.severity == "warning"
    assert (warning.numbers["fault"], warning.paths) == (fault, ("a/04.jpg", "a/17.jpg"))
    assert warning.action is not None
    assert warning.action.paths == warning.paths


def test_sound_images_pass():
    assert [finding.severity for finding in found(*SCENES)] == ["ok"]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_what_most_images_are_like_is_no_fault(fault):
    assert [finding.severity for finding in found(*map(FAULTS[fault], SCENES))] == ["ok"]


def test_a_thing_on_black_and_a_drawing_on_white_are_no_faults():
    black, white = np.zeros((200, 200, 3), np.uint8), np.full((200, 200, 3), 255, np.uint8)
    black[80:120, 60:150] = (120, 90, 60)
    white[::25, 30:170] = 20
    pictures = [*SCENES, Picture.fromarray(black), Picture.fromarray(white)]
    assert [finding.severity for finding in found(*pictures)] == ["ok"]


def test_of_few_images_nothing_is_claimed():
    assert [finding.severity for finding in found(*SCENES[:3])] == ["note"]
