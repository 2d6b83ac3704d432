"""Trains on a folder of images."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.recipe import Recipe
from tlstudio.core.types import Preprocessing
from tlstudio.data.scan import scan_folder
from tlstudio.features.decoded_inputs import InputKeeper
from tlstudio.models.backbones import preprocessing_of
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import RunFolder
from tlstudio.specs.operations.train import TrainArguments
from tlstudio.training.run.run import train_run


def train(arguments: TrainArguments, context: Context) -> Values:
    """Train on a folder with one sub-folder per class: the fixed object of `train --json`."""
    run, recipe = RunFolder(arguments.run.resolve()), arguments.recipe
    # A resumed run has its own recipe, and its images are decoded already.
    is_new = arguments.folder.is_dir() and not run.recipe.exists()
    keeper = InputKeeper(_preprocessing(recipe)) if is_new else None
    dataset = scan_folder(
        arguments.folder,
        groups=recipe.split.groups,
        run_id=context.run_id,
        emit=context.emit,
        control=context.control,
        keeper=keeper,
    )
    if keeper is not None:
        keeper.flush()
    return train_run(
        dataset,
        run,
        recipe,
        resume=arguments.resume,
        emit=context.emit,
        control=context.control,
    )


def _preprocessing(recipe: Recipe) -> Preprocessing:
    return replace(preprocessing_of(recipe.backbone.id), fit=recipe.fit)


IMPLEMENTATION = train
