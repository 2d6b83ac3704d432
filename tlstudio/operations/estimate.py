"""Estimates a training before it begins."""

from __future__ import annotations

from dataclasses import asdict

from tlstudio.data.splits import extend_split
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import next_run
from tlstudio.project.store import Project
from tlstudio.specs.operations.estimate import EstimateArguments
from tlstudio.training.planning.estimate import estimate_run


def estimate(arguments: EstimateArguments, context: Context) -> Values:
    """Estimate a training on a project's labels and split: the values of a `RunEstimate`."""
    with Project(arguments.project) as project:
        split = project.split()
        if split is not None:  # a training divides images that were labelled since the last scan as well
            split = extend_split(split, project.images())
        estimated = estimate_run(
            project.dataset(),
            next_run(project.runs_folder),
            arguments.recipe,
            split=split,
            control=context.control,
        )
    return asdict(estimated)


IMPLEMENTATION = estimate
