"""Pictures of one colour, and how deep images are seen."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, examine, image
from tlstudio.core.values import ORDINARY, ValueSummary

VARIED = ValueSummary(
    layout="grey, whole numbers", bits=12, least=(0,), low=(100,), high=(900,), most=(4095,)
)


def flat(value: float, *, layout: str = ORDINARY) -> ValueSummary:
    one = (value,)
    return ValueSummary(layout=layout, bits=8, least=one, low=one, high=one, most=one)


def test_ordinary_pictures_of_one_colour_are_found_and_others_not():
    empty = replace(image("a/empty"), values=flat(0))
    (found,) = examine("pixel-values", dataset(image("a/1"), empty, image("b/1")))
    assert found.severity == "warning"
    assert found.paths == ("a/empty",)


def test_a_sound_set_is_quiet():
    (found,) = examine("pixel-values", dataset(image("a/1"), image("b/1")))
    assert found.severity == "ok"


def test_deep_images_are_told_and_those_that_the_window_flattens_are_found():
    images = [replace(image(f"a/{number}"), values=VARIED) for number in range(5)]
    dark = replace(image("b/dark"), values=flat(7, layout=VARIED.layout))
    beyond = replace(VARIED, least=(2000.0,), low=(2100.0,), high=(3000.0,))
    glare = replace(image("b/glare"), values=beyond)
    found, seen = examine("pixel-values", dataset(*images * 20, dark, glare))
    assert found.paths == ("b/dark", "b/glare")
    assert seen.severity == "note"
    assert "values 100 to 900 are seen as black to white" in seen.message


def test_of_many_channels_it_is_said_which_are_seen():
    five = ValueSummary(
        layout="5 channels, whole numbers",
        bits=10,
        least=(0,) * 5,
        low=(1,) * 5,
        high=(9,) * 5,
        most=(10,) * 5,
    )
    (seen,) = examine("pixel-values", dataset(replace(image("a/1"), values=five)))
    assert "channel 1 as red, 2 as green, 3 as blue" in seen.message
    assert "Brightness" in seen.mend
