"""Ranks backbones on a project's images."""

from __future__ import annotations

from tlstudio.operations.context import Context, Values
from tlstudio.operations.ranking import rank_dataset
from tlstudio.project.store import Project
from tlstudio.specs.operations.rank_project import RankProjectArguments


def rank_project(arguments: RankProjectArguments, context: Context) -> Values:
    """Rank backbones on a project: `{"backbones"}`, the rows of `rank --json`, the most accurate first."""
    with Project(arguments.project) as project:
        rows = rank_dataset(
            project.dataset(),
            arguments.recipe,
            backbones=arguments.backbones,
            split=project.split(),
            context=context,
        )
    return {"backbones": rows}


IMPLEMENTATION = rank_project
