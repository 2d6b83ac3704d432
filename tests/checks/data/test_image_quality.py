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


def found(*pictures: Picture.Image, of_other_class: int = 0) -> list[Finding]:
    """The findings about pictures, of which the last ones may be of a class of their own."""
    first_other = len(pictures) - of_other_class
    images = [
        image(f"{'ab'[number >= first_other]}/{number:02d}.jpg", size=picture.size)
        for number, picture in enumerate(pictures)
    ]
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


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "empty"])
def test_what_most_images_are_like_is_no_fault(fault):
    (ok,) = found(*map(FAULTS[fault], SCENES))
    assert ok.severity == "ok"
    if fault in ("dark", "bright"):
        assert ok.message.startswith("30 of 30 images are nearly")
        assert "No image" not in ok.message


def test_images_that_all_show_nothing_are_never_usual():
    (note,) = found(*map(FAULTS["empty"], SCENES))
    assert note.severity == "note"
    assert note.message.startswith("30 of 30 images show next to nothing")


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_of_many_images_is_said_with_their_number(fault):
    pictures = [FAULTS[fault](one) if number < 12 else one for number, one in enumerate(SCENES)]
    (note,) = found(*pictures)
    assert (note.severity, note.numbers["fault"]) == ("note", fault)
    assert note.message.startswith(f"{len(note.paths)} of 30 images ")
    # How blurred the others are is known less well when there are fewer of them.
    assert len(note.paths) == 12 or (fault == "blurred" and len(note.paths) == 11)
    assert set(note.paths) <= {f"a/{number:02d}.jpg" for number in range(12)}


def test_two_black_images_of_twelve_are_not_denied():
    (note,) = found(*SCENES[:10], *map(FAULTS["dark"], SCENES[10:12]))
    assert note.message.startswith("2 of 12 images are nearly black")


def test_a_class_of_blank_images_is_named():
    (note,) = found(*SCENES[:20], *map(FAULTS["empty"], SCENES[20:]), of_other_class=10)
    assert "labelled “b”" in note.meaning


def test_a_thing_on_black_and_a_drawing_on_white_are_no_faults():
    black, white = np.zeros((200, 200, 3), np.uint8), np.full((200, 200, 3), 255, np.uint8)
    black[80:120, 60:150] = (120, 90, 60)
    white[::25, 30:170] = 20
    pictures = [*SCENES, Picture.fromarray(black), Picture.fromarray(white)]
    assert [finding.severity for finding in found(*pictures)] == ["ok"]


def test_of_few_images_nothing_is_claimed():
    assert [finding.severity for finding in found(*SCENES[:3])] == ["note"]
