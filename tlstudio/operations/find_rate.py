"""Finds a learning rate on a folder of images."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import with_near_duplicates
from tlstudio.operations.own_weights import with_recognised_backbone
from tlstudio.operations.rate_values import rate_values
from tlstudio.operations.scanning import scan_for_training
from tlstudio.project.runs import RunFolder
from tlstudio.specs.operations.find_rate import FindRateArguments
from tlstudio.training.rates.finder import find_rate as find
from tlstudio.training.run.warnings_before import warn_of_problems


def find_rate(arguments: FindRateArguments, context: Context) -> Values:
    """Find a learning rate on a folder: the object of `find-rate --json`."""
    recipe = with_recognised_backbone(arguments.recipe)
    dataset = scan_for_training(arguments.folder, recipe=recipe, context=context)
    dataset = with_near_duplicates(dataset, context)
    warn_of_problems(dataset, run_id=context.run_id, emit=context.emit)
    with TemporaryDirectory() as nowhere:  # no run begins, so nothing is written there
        found = find(
            dataset,
            RunFolder(Path(nowhere) / context.run_id),
            recipe,
            emit=context.emit,
            control=context.control,
        )
    return rate_values(found, recipe)


IMPLEMENTATION = find_rate
