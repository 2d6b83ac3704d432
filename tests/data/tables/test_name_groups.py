"""Groups are guessed where beginnings of names repeat, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.data.tables.name_groups import guess_groups

WORDS = ("ant", "bee", "cat")


def labelled(paths: list[str]) -> dict[str, str]:
    return {path: path.split("/")[0] for path in paths}


@given(
    sizes=st.lists(st.integers(2, 6), min_size=12, max_size=30),
    sign=st.sampled_from("_- "),
    start=st.integers(0, 900),
    word=st.sampled_from(("patient", "P", "plant-no", "tree 7 x")),
    digits=st.integers(1, 3),
)
def test_numbered_images_of_numbered_things_are_grouped_by_thing(sizes, sign, start, word, digits):
    paths = [
        f"{WORDS[thing % 3]}/{word}{start + thing}{sign}{number:0{digits}d}.jpg"
        for thing, size in enumerate(sizes)
        for number in range(size)
    ]
    guess = guess_groups(paths, labels=labelled(paths))
    assert guess is not None
    expected = {path: path.split("/")[1].rpartition(sign)[0] for path in paths}
    together = [{one for one in paths if guess.of_path[one] == guess.of_path[path]} for path in paths]
    assert together == [{one for one in paths if expected[one] == expected[path]} for path in paths]


@given(
    st.lists(
        st.from_regex(r"[a-f0-9]{12}_[a-f0-9]{12}", fullmatch=True), min_size=20, max_size=60, unique=True
    )
)
def test_names_drawn_by_chance_tell_no_groups(names):
    paths = [f"{WORDS[number % 3]}/{name}.jpg" for number, name in enumerate(names)]
    assert guess_groups(paths, labels=labelled(paths)) is None


@given(st.integers(0, 5000), st.integers(20, 200))
def test_numbers_that_run_on_tell_no_groups(start, number):
    paths = [f"bee/IMG_{start + place:04d}.jpg" for place in range(number)]
    assert guess_groups(paths, labels=labelled(paths)) is None


@pytest.mark.parametrize(
    "name",
    [
        "{word}{number}",
        "{word}_{number:03d}",
        "{word} ({number})",
        "{number:05d}",
        "IMG_20240506_{time}",
        "{word}-a{number}",
    ],
)
def test_names_that_say_the_class_or_the_time_tell_no_groups(name):
    paths = [
        f"{word}/" + name.format(word=word, number=number, time=70000 + 1000 * place + 7 * number) + ".jpg"
        for place, word in enumerate(WORDS)
        for number in range(40)
    ]
    assert guess_groups(paths, labels=labelled(paths)) is None


def test_a_few_images_or_one_that_fits_no_rule_tell_no_groups():
    few = [f"p{thing}_{number}.jpg" for thing in range(4) for number in range(5)]
    assert guess_groups(few, labels={}) is None
    many = [f"p{thing}_{number}.jpg" for thing in range(9) for number in range(5)]
    assert guess_groups(many, labels={}) is not None
    assert guess_groups([*many, "7.jpg"], labels={}) is None
