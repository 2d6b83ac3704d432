"""Classifies files and folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.types import PredictedImage
from tlstudio.data.naming import printable
from tlstudio.data.walk import walk_folder
from tlstudio.export.opening import is_exported, open_exported
from tlstudio.inference.predict import predict_images, runtime_for
from tlstudio.inference.predictions_csv import write_while_reading
from tlstudio.inference.predictor import predict_files
from tlstudio.models.classifier import load_classifier
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs.operations.predict import PredictArguments


def predict(arguments: PredictArguments, context: Context) -> Values:
    """Classify files and folders: `{"predictions"}`, a list as in `predict --json`.

    Raises:
        UserError: No model, a missing path, or no file at all.
    """
    predictions = [prediction_json(prediction) for prediction in iter_predictions(arguments, context)]
    if not arguments.probabilities:
        for prediction in predictions:
            del prediction["probabilities"]
    return {"predictions": predictions}


def iter_predictions(arguments: PredictArguments, context: Context) -> Iterator[PredictedImage]:
    """Predictions one at a time; a bad file gives one with `error` set.

    Raises:
        UserError: See `predict`.
    """
    files, unreadable = image_files(arguments.paths, control=context.control)
    model = arguments.model
    predictions: Iterator[PredictedImage]
    if is_exported(model):
        predictions = predict_files(
            open_exported(model),
            files,
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
        )
    else:
        checkpoint = model if model.suffix == ".safetensors" else open_run(model).trained_model()
        classifier = load_classifier(checkpoint)
        predictions = predict_images(
            classifier,
            files,
            runtime=runtime_for(classifier, count=len(files), control=context.control),
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
        )
    predictions = chain(predictions, unreadable)
    return predictions if arguments.csv is None else write_while_reading(predictions, arguments.csv)


def image_files(paths: Sequence[Path], *, control: Control) -> tuple[list[Path], list[PredictedImage]]:
    """The files to classify: those named, and everything below the folders named, as a scan finds them.

    Returns:
        The files in order, and a prediction with `error` set for each place that could not be entered.

    Raises:
        UserError: One of the paths is missing, or there is no file at all.
        Cancelled: The person cancelled.
    """
    files: list[Path] = []
    unreadable: list[PredictedImage] = []
    for path in paths:
        if path.is_dir():
            found = walk_folder(path, control=control)
            files += [path / file.path for file in found.files]
            unreadable += [
                PredictedImage(path=str(path / problem.path), error=f"{problem.reason} {problem.mend}")
                for problem in found.problems
                if problem.code != "linked-twice"  # its files are found under the other path
            ]
        elif path.exists():
            files.append(path)
        else:
            raise UserError(
                f"{printable(str(path))} is not there.",
                mend="Check the name, and that the drive is plugged in.",
            )
    if not files and not unreadable:
        places = ", ".join(printable(str(path)) for path in paths)
        raise UserError(f"There is no file in {places}.", mend="Give images, or a folder that holds some.")
    return files, unreadable


def prediction_json(prediction: PredictedImage) -> Values:
    """One element of `predict --json`."""
    return {
        "path": prediction.path,
        "class": prediction.class_name,
        "probability": prediction.probability,
        "probabilities": dict(prediction.probabilities),
        "error": prediction.error,
    }


IMPLEMENTATION = predict
