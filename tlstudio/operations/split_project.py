"""Draws a new split for a project."""

from __future__ import annotations

from tlstudio.core.types import SPLIT_NAMES
from tlstudio.data.splits import make_split
from tlstudio.operations.context import Context, Values
from tlstudio.project.store import Project
from tlstudio.specs.operations.split_project import SplitProjectArguments


def split_project(arguments: SplitProjectArguments, context: Context) -> Values:
    """Draw a new split of a project's images.

    Returns:
        `{"train", "validation", "test", "notes"}`: images per side, and what the person should know.
    """
    with Project(arguments.project) as project:
        split = make_split(
            project.images(),
            validation=arguments.validation,
            test=arguments.test,
            seed=arguments.seed,
        )
        project.save_split(split)
    return {**{name: len(split.paths(name)) for name in SPLIT_NAMES}, "notes": list(split.notes)}


IMPLEMENTATION = split_project
