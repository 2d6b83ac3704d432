"""Specs are found by walking, implementations by their name."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tlstudio import specs
from tlstudio.specs.recipe import parse_recipe
from tlstudio.specs.registry import SpecRegistry, implementation
from tlstudio.specs.spec import StrategySpec, ViewSpec

REGISTRIES = [specs.STRATEGIES, specs.CHECKS, specs.EXPORTS, specs.VIEWS, specs.RUNTIMES, specs.OPERATIONS]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package named `things`, empty."""
    folder = tmp_path / "things"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "things"]:
        del sys.modules[name]


def spec_file(folder: Path, name: str, **fields: object) -> None:
    values = ", ".join(f"{key}={value!r}" for key, value in fields.items())
    (folder / f"{name}.py").write_text(
        f"from tlstudio.specs.spec import ViewSpec\nSPEC = ViewSpec({values})\nIMPLEMENTATION = {name!r}\n"
    )


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.package)
def test_every_kind_has_specs_with_words(registry: SpecRegistry):
    assert registry.ids()
    for spec in registry:
        assert registry.get(spec.id) is spec
        assert spec.title
        assert spec.id in registry


def test_specs_come_by_position_then_id(package: Path):
    spec_file(package, "one", id="b-thing", title="B", position=2)
    spec_file(package, "two", id="c-thing", title="C", position=1)
    spec_file(package, "three", id="a-thing", title="A", position=2)
    assert SpecRegistry("things", ViewSpec).ids() == ["c-thing", "a-thing", "b-thing"]


def test_a_spec_that_is_added_later_is_found_after_a_refresh(package: Path):
    spec_file(package, "one", id="one", title="One")
    registry = SpecRegistry("things", ViewSpec)
    assert registry.ids() == ["one"]
    spec_file(package, "two", id="two", title="Two")
    assert registry.ids() == ["one"]
    registry.refresh()
    assert registry.ids() == ["one", "two"]


def test_an_id_that_stands_twice_is_refused(package: Path):
    spec_file(package, "one", id="same", title="One")
    spec_file(package, "two", id="same", title="Two")
    with pytest.raises(ValueError, match="twice"):
        SpecRegistry("things", ViewSpec).ids()


def test_a_module_without_a_spec_of_the_kind_is_refused(package: Path):
    spec_file(package, "one", id="one", title="One")
    with pytest.raises(TypeError, match=r"things\.one"):
        SpecRegistry("things", StrategySpec).ids()


def test_an_unknown_id_lists_what_there_is():
    with pytest.raises(KeyError, match="linear-probe"):
        specs.STRATEGIES.get("no-such")


def test_the_implementation_is_the_module_named_like_the_id(package: Path):
    spec_file(package, "a_b", id="a-b", title="A B")
    (spec,) = SpecRegistry("things", ViewSpec)
    assert implementation(spec, package="things") == "a_b"


@pytest.mark.parametrize("source", ["import gc\nIMPLEMENTATION = gc.isenabled()", "import gc\nraise OSError"])
def test_nothing_is_collected_while_an_implementation_is_imported(package: Path, source: str):
    (package / "other_id.py").write_text(source, encoding="utf-8")
    spec = ViewSpec(id="other-id", title="Other")
    assert gc.isenabled()
    with suppress(OSError):
        assert implementation(spec, package=package.name) is False
    assert gc.isenabled()


def test_the_window_can_read_specs_quickly():
    heavy = ("torch", "numpy", "onnx", "matplotlib", "PySide6")
    code = (
        "import sys; from tlstudio import specs; "
        "[list(r) for r in (specs.STRATEGIES, specs.CHECKS, specs.EXPORTS, specs.VIEWS, specs.RUNTIMES)]; "
        "list(specs.OPERATIONS); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("trains_stages", [True, False])
def test_one_strategy_of_each_kind_is_taken_when_none_is_named(trains_stages):
    marked = [spec for spec in specs.STRATEGIES if spec.default and spec.trains_stages is trains_stages]
    assert marked == [specs.default_strategy(trains_stages=trains_stages)]


def test_a_recipe_that_names_no_strategy_takes_the_default_one_that_trains_no_stage():
    assert parse_recipe("{}").strategy == specs.default_strategy(trains_stages=False).id == "linear-probe"
