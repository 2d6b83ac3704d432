"""Operations asked for as the window's engine is asked: arguments and results pass through JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.project.store import Project

CHEAP = {"device": "cpu", "threads": 1}
"""Settings of a recipe for tests."""


@pytest.fixture(autouse=True)
def _tiny(tiny_backbones: None, quick_readback: None) -> None:
    """No test here needs the real backbone, or another process that imports for itself."""


@pytest.fixture
def do() -> Callable[..., dict[str, Any]]:
    """Runs an operation by its id."""

    def run(operation_id: str, *, emit: Emit = ignore, **arguments: Any) -> dict[str, Any]:
        plain = json.loads(json.dumps(arguments, default=str))
        context = Context(run_id="job", emit=emit, control=Control())
        return json.loads(json.dumps(run_operation(operation_id, plain, context=context)))

    return run


@pytest.fixture
def project(tmp_path: Path, photos: Callable[..., Path]) -> Iterator[Project]:
    """A project of three classes of eight photos, not scanned yet."""
    with Project.create(tmp_path / "project", name="Insects", images_root=photos()) as opened:
        yield opened


@pytest.fixture
def scanned(project: Project, do: Callable[..., dict[str, Any]]) -> Project:
    """The project, scanned and split."""
    do("scan-project", project=project.folder)
    return project


@pytest.fixture
def unlabelled(photos, do, tmp_path: Path) -> Path:
    """A project of 24 photos of three classes, whose folders give no labels."""
    found = do("new-project", folder=photos(), out=tmp_path / "new", ignore_labels=True)
    assert (found["images"], found["labelled"], found["classes"]) == (24, 0, {})
    return Path(found["project"])
