"""Every operation has a spec, an implementation and arguments that are checked."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import tlstudio
from tlstudio.core.errors import UserError
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs import OPERATIONS
from tlstudio.specs.registry import implementation

PACKAGE = Path(tlstudio.__file__).parent


@pytest.mark.parametrize("spec", list(OPERATIONS), ids=lambda spec: spec.id)
def test_every_operation_has_words_and_an_implementation(spec):
    assert spec.title
    assert spec.summary
    assert callable(implementation(spec, package="tlstudio.operations"))
    assert all(field.annotation is not None for field in spec.arguments.model_fields.values())


def test_an_unknown_operation_is_refused():
    with pytest.raises(KeyError, match="train-project"):
        run_operation("no-such", {}, context=Context(run_id="job"))


@pytest.mark.parametrize(
    "arguments", [{}, {"folder": "x", "run": "y", "epoch": 3}, {"folder": "x", "run": "y", "resume": "maybe"}]
)
def test_arguments_that_are_not_the_operations_are_refused(arguments):
    with pytest.raises(ValidationError):
        run_operation("train", arguments, context=Context(run_id="job"))


def test_a_wrong_setting_of_a_recipe_is_an_error_to_mend():
    with pytest.raises(UserError, match="epochs"):
        run_operation(
            "train", {"folder": "x", "run": "y", "recipe": {"epochs": 0}}, context=Context(run_id="job")
        )


def operations_of_the_window() -> set[str]:
    """Ids that the window submits, given to `submit` as texts, constants of a module or ids of specs."""
    found: set[str] = set()
    for file in (PACKAGE / "gui").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = constant_texts(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr != "submit" or not node.args or "background" in ast.unparse(node.func):
                continue
            given = node.args[0]
            if isinstance(given, ast.Constant):
                found.add(str(given.value))
            elif ".SPEC.id" in ast.unparse(given):
                found.add(ast.unparse(given).removesuffix(".SPEC.id").replace("_", "-"))
            elif isinstance(given, ast.Name) and given.id == "operation":
                continue  # `submit` itself passes on what it was given
            elif isinstance(given, ast.Name):
                found.add(
                    constants.get(given.id, f"{file.name}: {given.id} is not a constant of this module")
                )
            else:
                found.add(f"{file.name}: {ast.unparse(given)} cannot be resolved")
    return found


def constant_texts(tree: ast.Module) -> dict[str, str]:
    """Texts that a module gives to names at its top level, by name."""
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            names, values = [target], [node.value]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names, values = target.elts, node.value.elts
            for name, value in zip(names, values, strict=True):
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                    found[name.id] = str(value.value)
    return found


def test_the_window_submits_operations_that_exist_and_are_imitated_in_its_tests():
    from tests.gui.fake_engine import IMITATIONS

    submitted = operations_of_the_window()
    assert {"scan-project", "train-project", "use-runtime"} <= submitted
    assert submitted <= set(OPERATIONS.ids())
    assert submitted == set(IMITATIONS) - {"wait"}


def test_specs_of_operations_are_read_without_torch():
    code = (
        "import sys; import tlstudio.operations.run; from tlstudio.specs import OPERATIONS; "
        "OPERATIONS.ids(); print([name for name in ('torch', 'numpy', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
