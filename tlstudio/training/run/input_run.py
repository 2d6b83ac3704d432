"""Examines a finished run that a strategy learns from."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.files import sha256_of
from tlstudio.core.wording import count, named
from tlstudio.inference.training_images import doubt_words, find_training_images
from tlstudio.project.runs import open_run
from tlstudio.specs.recipe import read_recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.preparation import Preparation


def examine_input_run(
    folder: Path, preparation: Preparation, spec: InputSpec, *, run_id: str, emit: Emit, control: Control
) -> str:
    """Examine a run that a strategy learns from, before anything is computed.

    One that has seen a test image would pass on what it knows of it, and the test figure would be too good.

    Args:
        folder: Of the run.
        preparation: Of the run that is to learn from it.
        spec: The strategy's input, named in messages.
        run_id: Written into events.
        emit: Receives a warning when it cannot be told what the run has seen.
        control: Checked once per image that is compared.

    Returns:
        The hash of its trained classifier.

    Raises:
        UserError: It is not finished, has other classes, has learned from test images of this run, or
            its list of images is damaged.
        Cancelled: The person cancelled.
    """
    run = open_run(folder)
    model = run.trained_model()
    own, classes = set(preparation.recipe.classes), set(read_recipe(run.recipe).classes)
    if own != classes:
        missing, more = sorted(own - classes), sorted(classes - own)
        difference = f"it does not know {named(missing)}" if missing else f"it also knows {named(more)}"
        raise UserError(
            f"{spec.title}: {folder} has other classes than these images: {difference}.",
            mend="Choose a run that was trained on the same classes, named alike.",
        )
    found = find_training_images(run, control=control)
    seen = {image.sha256 for image in found.images}
    tests = [image for image in preparation.images["test"] if image.sha256 in seen]
    if tests:
        raise UserError(
            f"{spec.title}: {folder} has learned from {count(len(tests), 'test image')} of this run, so the "
            "test figure would be too good.",
            mend="Train both on the same images with the same seed: both then leave out the same ones.",
        )
    if preparation.images["test"] and not found.are_all:
        doubt = doubt_words(
            f"whether {folder} has learned from test images of this run",
            compared=len(found.images),
            known=found.number,
        )
        message = f"{spec.title}: {doubt} If it has, the test figure is too good."
        emit(WarningRaised(run_id=run_id, code="input-not-compared", message=message))
    return sha256_of(model)
