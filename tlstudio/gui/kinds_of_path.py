"""Distinguishes the paths that are to be opened: projects, models, or something else. Imports no Qt."""

from __future__ import annotations

from pathlib import Path

from tlstudio.project.store import FILE_NAME


def is_project(path: Path) -> bool:
    """Return whether a path is the folder of a project."""
    return path.is_dir() and (path / FILE_NAME).exists()


def is_model(path: Path) -> bool:
    """Return whether a path looks like a run, a checkpoint or an exported model."""
    from tlstudio.specs import EXPORTS  # brings pydantic, which the first window need not wait for

    is_checkpoint, is_run = path.suffix == ".safetensors", (path / "recipe.json").exists()
    return is_checkpoint or is_run or any(spec.matches(path) for spec in EXPORTS)


def is_opened_whole(path: Path) -> bool:
    """Return whether a path is a project, a run or a model, not images to be added to the open project."""
    return is_project(path) or is_model(path)
