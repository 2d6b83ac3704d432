"""Trains on a folder of images."""

from __future__ import annotations

from tlstudio.checks.examine import examine_run
from tlstudio.data.scan import scan_folder
from tlstudio.models.backbones import find_backbone
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import with_near_duplicates
from tlstudio.operations.own_weights import with_recognised_backbone
from tlstudio.operations.scanning import how_to_read, scan_for_training
from tlstudio.project.runs import RunFolder
from tlstudio.specs.operations.train import TrainArguments
from tlstudio.specs.recipe import read_recipe
from tlstudio.training.run.run import train_run


def train(arguments: TrainArguments, context: Context) -> Values:
    """Train on a folder with one sub-folder per class: the fixed object of `train --json`."""
    run, recipe = RunFolder(arguments.run.resolve()), arguments.recipe
    # A resumed run has its own recipe, and its images are decoded already.
    if run.recipe.exists():
        dataset = scan_folder(
            arguments.folder,
            how=how_to_read(read_recipe(run.recipe), lenient=True),
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
        )
    else:
        recipe = with_recognised_backbone(recipe)
        find_backbone(recipe.backbone.id)  # a mistyped one is refused before the images are read
        dataset = scan_for_training(arguments.folder, recipe=recipe, context=context)
    dataset = with_near_duplicates(dataset, context)
    was_there = run.path.exists()
    try:
        return train_run(
            dataset,
            run,
            recipe,
            resume=arguments.resume,
            examine=examine_run,
            emit=context.emit,
            control=context.control,
        )
    finally:
        if not was_there:
            run.remove_unbegun()


IMPLEMENTATION = train
