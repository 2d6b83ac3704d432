"""Classes in words: how they are written, and what is refused."""

from __future__ import annotations

import pytest

from tlstudio.core.class_words import ClassWords, read_class_words, with_named_classes, words_for
from tlstudio.core.errors import UserError


def pairs(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(words.name, words.descriptions) for words in read_class_words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("ant, bee", [("ant", ()), ("bee", ())]),
        ("ant\n\n bee \n", [("ant", ()), ("bee", ())]),
        ("ant: an insect; it crawls", [("ant", ("an insect", "it crawls"))]),
        ("ant: small, black\nbee: striped", [("ant", ("small, black",)), ("bee", ("striped",))]),
        ("ant: black; crawls, bee: flies", [("ant", ("black", "crawls")), ("bee", ("flies",))]),
        ("ant: black, bee", [("ant", ("black",)), ("bee", ())]),
        ("ant, bee\nfly", [("ant", ()), ("bee", ()), ("fly", ())]),
        ("fly, ant, bee: striped", [("fly", ()), ("ant", ()), ("bee", ("striped",))]),
        ("ant:;, bee: ", [("ant", ()), ("bee", ())]),
    ],
)
def test_lines_and_commas_separate_classes(text: str, expected: list[tuple[str, tuple[str, ...]]]):
    assert pairs(text) == expected


@pytest.mark.parametrize("text", [": an insect", "Ant, bee, ANT", "glass_bottle, glass bottle"])
def test_a_class_without_a_name_or_given_twice_is_refused(text: str):
    with pytest.raises(UserError, match=r"without a name|given twice"):
        read_class_words(text)


@pytest.mark.parametrize("text", ["bee, " + "a very long remark " * 9, "PK\x03\x04ant"])
def test_what_cannot_be_a_name_is_refused(text: str):
    with pytest.raises(UserError, match="cannot be the name of a class"):
        read_class_words(text)


def test_each_class_gets_its_words_or_its_name():
    words = words_for(("Glass_bottle", "tin"), read_class_words("glass bottle: it is clear"))
    assert [(of.name, of.descriptions) for of in words] == [("Glass_bottle", ("it is clear",)), ("tin", ())]
    with pytest.raises(
        UserError, match=r"“wood” is no class of these images.*The classes are Glass_bottle, tin"
    ):
        words_for(("Glass_bottle", "tin"), read_class_words("wood"))


def test_a_name_is_read_as_words():
    assert ClassWords(name="glass_bottleTop").spaced_name == "glass bottle Top"


def test_named_classes_come_after_those_with_images():
    assert with_named_classes(("Ant",), read_class_words("bee, ant")) == ("Ant", "bee")
