"""A registry imports a package and refuses duplicate ids."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

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


def test_an_item_is_found_without_importing_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "things_of_test"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from tlstudio.core.registry import Registry\nTHINGS = Registry(__name__)\n"
    )
    for name in ("a_first", "b_second", "last_one"):
        (package / f"{name}.py").write_text(
            "from types import SimpleNamespace\nfrom things_of_test import THINGS\n"
            f"THINGS.register(SimpleNamespace(id={name.partition('_')[0]!r}))\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    things = importlib.import_module("things_of_test").THINGS

    def loaded() -> list[str]:
        return sorted(name for name in sys.modules if name.startswith("things_of_test."))

    assert things.get("last").id == "last"
    assert loaded() == ["things_of_test.last_one"]
    assert things.ids() == ["a", "b", "last"]
    for name in (*loaded(), "things_of_test"):
        monkeypatch.delitem(sys.modules, name)
