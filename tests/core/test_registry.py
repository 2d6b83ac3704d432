"""A registry imports a package and refuses duplicate ids."""

from dataclasses import dataclass

import pytest

from tlstudio.core.registry import Registry


@dataclass(frozen=True)
class Thing:
    id: str


def test_a_duplicate_id_raises_and_an_unknown_one_lists_what_there_is():
    things: Registry[Thing] = Registry("tlstudio.gui")
    things.register(Thing("b"))
    things.register(Thing("a"))
    with pytest.raises(ValueError, match="twice"):
        things.register(Thing("a"))
    with pytest.raises(KeyError, match="a, b"):
        things.get("c")
    assert things.get("a") == Thing("a")
    assert [thing.id for thing in things] == ["a", "b"] == things.ids()


def test_modules_are_those_of_the_package():
    assert "tlstudio.core.registry" in Registry[Thing]("tlstudio.core").modules()
