"""Finds a learning rate on a project's images."""

from __future__ import annotations

from tlstudio.data.splits import extend_split
from tlstudio.operations.context import Context, Values
from tlstudio.operations.rate_values import rate_values
from tlstudio.project.runs import next_run
from tlstudio.project.store import Project
from tlstudio.specs.operations.find_rate_project import FindRateProjectArguments
from tlstudio.training.rates.finder import find_rate


def find_rate_project(arguments: FindRateProjectArguments, context: Context) -> Values:
    """Find a learning rate on a project: the object of `find-rate --json`. The project stays as it is."""
    with Project(arguments.project) as project:
        split = project.split()
        if split is not None:  # a training divides images that were labelled since the last scan as well
            split = extend_split(split, project.images())
        found = find_rate(
            project.dataset(),
            next_run(project.runs_folder),
            arguments.recipe,
            split=split,
            emit=context.emit,
            control=context.control,
        )
    return rate_values(found, arguments.recipe)


IMPLEMENTATION = find_rate_project
