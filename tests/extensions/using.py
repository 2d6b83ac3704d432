"""For tests: the toys in the process of the test, and in processes that it starts."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tlstudio import specs

FOLDER = Path(__file__).parent
REGISTRIES = (specs.STRATEGIES, specs.CHECKS, specs.EXPORTS)


@contextmanager
def extended(patch: pytest.MonkeyPatch, *, only_specs: bool = False) -> Iterator[None]:
    """Add the toys until the block ends.

    Args:
        patch: Undone by the caller before the next test.
        only_specs: Leave the implementations alone, as the window does.
    """
    found = importlib.util.spec_from_file_location("tlstudio_toys", FOLDER / "sitecustomize.py")
    assert found is not None
    assert found.loader is not None
    toys = importlib.util.module_from_spec(found)
    found.loader.exec_module(toys)
    patch.setenv("PYTHONPATH", os.pathsep.join([str(FOLDER), os.environ.get("PYTHONPATH", "")]))
    with patch.context() as inner:
        toys.extend(inner, only_specs=only_specs)
        _refresh()
        yield
    _refresh()
    for name in [name for name in sys.modules if name.startswith("tlstudio.") and ".toy_" in name]:
        del sys.modules[name]


def _refresh() -> None:
    for registry in REGISTRIES:
        registry.refresh()
