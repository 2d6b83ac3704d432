"""The rules of the house that a machine can check (docs/architecture.md says why they are)."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections import Counter
from pathlib import Path

import tlstudio
from tlstudio import specs
from tlstudio.core.registry import Registry

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tlstudio"
TESTS = ROOT / "tests"
SOURCES = sorted(PACKAGE.rglob("*.py"))
LINES_LIMIT = 400


def test_imports_go_downward_only() -> None:
    linter = Path(sysconfig.get_path("scripts")) / "lint-imports"
    result = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout
    assert " 0 broken" in result.stdout


def test_import_rules_have_no_exceptions() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert len(rules["contracts"]) >= 3
    for contract in rules["contracts"]:
        exceptions = {key for key in contract if "ignore" in key or "allow" in key or "unmatched" in key}
        assert not exceptions, f"{contract['name']}: {exceptions}"


def test_files_stay_short() -> None:
    files = [*SOURCES, *TESTS.rglob("*.py"), *(ROOT / "packaging").rglob("*.py")]
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files
    }
    assert {name: length for name, length in lengths.items() if length > LINES_LIMIT} == {}


def _does_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function has more than a docstring and `...`, as a protocol's methods have."""
    return not all(
        isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in function.body
    )


def _has_behaviour(source: Path) -> bool:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(_does_something(function) for function in functions)


def _has_tests(source: Path) -> bool:
    """The rule: a test in the mirrored folder is named after the module or imports it.

    tlstudio/a/b/c.py is tested by tests/a/b/test_c.py; so is its part tlstudio/a/b/c_part.py. Files that
    register themselves are reached by walking their package, so a test in tests/a/b that imports the package
    will do; so will tests/a/test_b.py. Anything else must be imported by name in a test there or beside it.
    """
    inside = source.relative_to(PACKAGE)
    folder = TESTS / inside.parent
    words = inside.stem.strip("_").split("_")
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    if any((folder / f"test_{name}.py").exists() for name in names):
        return True
    if inside.parent != Path() and (folder.parent / f"test_{inside.parent.name}.py").exists():
        return True
    by_package = inside.stem == "__init__" or ".register(" in source.read_text(encoding="utf-8")
    name = ".".join(["tlstudio", *(inside.parent if by_package else inside.with_suffix("")).parts])
    parent, _, last = name.rpartition(".")
    imported = re.compile(rf"{re.escape(name)}\b|from {re.escape(parent)} import .*\b{last}\b")
    # Sub-packages of a layer may share the tests that lie one folder up.
    place = folder.parent if folder.parent not in (TESTS, TESTS.parent) else folder
    return any(imported.search(test.read_text(encoding="utf-8")) for test in place.rglob("test_*.py"))


def test_every_module_with_behaviour_has_its_tests() -> None:
    without = [
        str(source.relative_to(PACKAGE))
        for source in SOURCES
        if _has_behaviour(source) and not _has_tests(source)
    ]
    assert without == []


def test_the_window_starts_without_the_engine() -> None:
    heavy = ("torch", "torchvision", "timm", "sklearn", "scipy", "onnx", "onnxruntime", "matplotlib.pyplot")
    code = f"import sys, tlstudio.gui.app; print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def test_nothing_is_left_unfinished() -> None:
    # Written in two parts, so that this file does not find itself.
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", r"\bX" + r"XX\b", "raise NotImpl" + "emented"]))
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in [*SOURCES, *TESTS.rglob("*.py"), *(ROOT / "packaging").iterdir()]
        if file.is_file()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if marks.search(line)
    ]
    assert found == []


RELATIVE = re.compile(r"\s*(What|How|Whether|Which|Where|Why|When|Who|Whose)\b")


def test_docstrings_say_what_a_thing_is_or_does() -> None:
    # A relative clause leaves out the subject or the verb, which the reader must then guess.
    riddles = [
        f"{source.relative_to(PACKAGE)}:{node.lineno}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and RELATIVE.match(str(node.value.value))
    ]
    assert riddles == []


def _registries() -> dict[str, Registry]:
    """Every registry that any module of the project holds, by package and kind."""
    found: dict[int, tuple[str, Registry]] = {}
    for info in pkgutil.walk_packages(tlstudio.__path__, "tlstudio."):
        if info.name == "tlstudio.__main__":
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, Registry):
                found.setdefault(id(value), (f"{info.name}.{name}", value))
    return dict(found.values())


def test_registered_ids_are_unique_and_can_be_typed() -> None:
    registries = _registries()
    assert registries, "there is no registry at all"
    for name, registry in registries.items():
        ids = registry.ids()
        assert ids, f"{name} is empty"
        folded = Counter(item_id.casefold() for item_id in ids)
        assert [item_id for item_id, count in folded.items() if count > 1] == [], name
        assert [item_id for item_id in ids if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", item_id)] == [], name


def test_every_file_of_a_registered_package_registers() -> None:
    silent = []
    for registry in _registries().values():
        for module in registry.modules():
            source = Path(importlib.import_module(module).__file__ or "")
            if "register(" not in source.read_text(encoding="utf-8"):
                silent.append(f"{registry.package}: {module}")
    assert silent == []


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        assert file.read_text(encoding="utf-8").startswith(f"# {file.name[:4]} "), file.name


IMPLEMENTATIONS = (
    (specs.STRATEGIES, ("training/strategies",)),
    (specs.CHECKS, ("checks/data", "checks/trust")),
    (specs.EXPORTS, ("export/formats",)),
    (specs.VIEWS, ("report/views",)),
    (specs.RUNTIMES, ("models/runtimes",)),
)
"""Registries of what can be chosen, and the folders of its implementations. Operations are not among them:
who asks for one calls it by its id."""

SAME_WORD = {
    "data/decode.py": {"unreadable"},  # why a file cannot be used
    "data/walk.py": {"unreadable"},
    "cli/figures_text.py": {"groups"},  # a key of stored metrics
    "cli/recipe_flags.py": {"groups"},  # a setting of the split
    "data/layout/interpret.py": {"groups"},  # a kind of note
    "data/tables/columns.py": {"groups"},  # a name of a column
    "evaluation/metric_values.py": {"confusion", "groups"},  # keys of stored metrics
    "gui/pages/data/folders.py": {"groups"},  # a setting of the split
    "gui/pages/train/cards.py": {"trials"},  # the name of a value that a figure takes
}
"""Texts that equal an id and mean something else, by file."""


def _texts(source: Path) -> set[str]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_no_id_is_named_outside_its_spec_and_implementation() -> None:
    named: dict[str, set[str]] = {}
    for source in SOURCES:
        inside = source.relative_to(PACKAGE)
        if inside.parts[0] == "specs":
            continue
        texts = _texts(source)
        for registry, folders in IMPLEMENTATIONS:
            own = {spec.id for spec in registry if spec.module_name == inside.stem}
            allowed = own if inside.parent.as_posix() in folders else set()
            named.setdefault(inside.as_posix(), set()).update(texts & set(registry.ids()) - allowed)
    assert {name: ids for name, ids in named.items() if ids} == SAME_WORD
