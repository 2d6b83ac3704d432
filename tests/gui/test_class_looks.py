"""Colours and number keys of classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.gui.class_looks import DIGITS, class_colour, class_keys, class_looks, press_words


def test_colours_of_forty_classes_differ():
    assert len({class_colour(index) for index in range(40)}) == 40


def test_a_chosen_colour_wins():
    looks = class_looks(["a", "b"], colours={"b": "#123456"})
    assert [look.colour for look in looks] == [class_colour(0), "#123456"]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["ants", "bees"], {"ants": "1", "bees": "2"}),
        (list(DIGITS), {digit: digit for digit in DIGITS}),
        (["7", "1", "0"], {"7": "7", "1": "1", "0": "0"}),
        (["ants", "1", "bees"], {"ants": "2", "1": "1", "bees": "3"}),
        (["10", "11"], {"10": "1", "11": "2"}),
        ([f"c{n}" for n in range(12)], {f"c{n}": str(n + 1) for n in range(9)}),
    ],
)
def test_keys(names, keys):
    assert class_keys(names) == keys


@given(st.lists(st.sampled_from([*DIGITS, *"abcdefghijkl", "²", "٣"]), unique=True))
def test_no_key_is_given_twice_and_digits_keep_their_own(names):
    keys = class_keys(names)
    assert len(set(keys.values())) == len(keys)
    assert all(keys[name] == name for name in names if name in DIGITS)
    assert all(key in DIGITS and key for key in keys.values())
    # 0 takes labels away unless a class is called so.
    assert [name for name, key in keys.items() if key == "0"] == [name for name in names if name == "0"]
    if len(names) <= 9 and not set(names) & set(DIGITS):
        assert list(keys) == names


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "press 1"),
        (["a", "b", "c"], "press 1–3"),
        (["7", "9"], "press 7, 9"),
        (list(DIGITS), "press 0–9"),
        ([f"c{n:02}" for n in range(12)], "press 1–9 or L"),
    ],
)
def test_what_to_press_is_said_in_words(names, words):
    assert press_words(class_looks(names, colours={})) == words
