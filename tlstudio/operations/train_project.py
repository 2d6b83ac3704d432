"""Trains on a project."""

from __future__ import annotations

from tlstudio.checks.examine import examine_run
from tlstudio.data.splits import extend_split
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import Project
from tlstudio.specs.operations.train_project import TrainProjectArguments
from tlstudio.training.run.run import train_run


def train_project(arguments: TrainProjectArguments, context: Context) -> Values:
    """Train on a project's labels and split: the fixed object of `train --json`."""
    with Project(arguments.project) as project:
        if not arguments.resume:
            project.note_training(arguments.run.name)
        split = project.split()
        if split is not None:  # images labelled since the last scan get their side now
            project.save_split(extend_split(split, project.images()))
        return train_run(
            project.dataset(),
            RunFolder(arguments.run.resolve()),
            arguments.recipe,
            split=project.split(),
            resume=arguments.resume,
            examine=examine_run,
            emit=context.emit,
            control=context.control,
        )


IMPLEMENTATION = train_project
