"""Evaluates a run on its own test images or on a labelled folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tlstudio.checks.examine import examined, read_examined_result
from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.features.images import RunImage
from tlstudio.inference.predict import predict_labelled, runtime_for
from tlstudio.models.classifier import load_classifier
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs.operations.evaluate import EvaluateArguments


def evaluate(arguments: EvaluateArguments, context: Context) -> Values:
    """Evaluate a run.

    Its own test images were predicted once, at the end of training: their metrics are read from disk.

    Returns:
        The fixed object of `evaluate --json`; for a folder also `"predictions"`, a CSV file in the cache.
    """
    run = open_run(arguments.run)
    if arguments.images is None:
        evaluation = read_examined_result(run, control=context.control).test
        if not evaluation.n:
            raise UserError(
                "This run kept no images for testing.",
                mend="Give a folder of labelled images with --images.",
            )
        return evaluation.as_json()
    predictions = _predict_folder(arguments.run, arguments.images, context)
    file = _predictions_file(arguments.run, arguments.images)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_predictions_csv(file, {"folder": predictions})
    evaluation = evaluate_predictions(predictions, subset="folder")
    return {
        **examined(evaluation, run, control=context.control).as_json(),
        "predictions": str(file),
    }


def _predict_folder(run: Path, folder: Path, context: Context) -> Predictions:
    """Predict the images of a labelled folder, all of whose classes the classifier has."""
    classifier = load_classifier(open_run(run).trained_model())
    dataset = scan_folder(folder, run_id=context.run_id, emit=context.emit, control=context.control)
    known = [image for image in dataset.images if image.label() in classifier.classes]
    others = sorted({str(image.label()) for image in dataset.images} - set(classifier.classes))
    if not known:
        raise UserError(
            f"None of the classes in {folder} is one the model knows ({', '.join(classifier.classes)}).",
            mend="Name the sub-folders like the classes the model was trained on.",
        )
    if others:
        message = f"Images of classes the model does not know are left out: {', '.join(others)}."
        context.emit(WarningRaised(run_id=context.run_id, code="unknown-classes", message=message))
    images = [
        RunImage(
            path=image.path,
            file=dataset.root / image.path,
            sha256=image.sha256,
            label=classifier.classes.index(str(image.label())),
        )
        for image in known
    ]
    return predict_labelled(
        classifier,
        images,
        run_id=context.run_id,
        title="Asking the classifier",
        runtime=runtime_for(classifier, count=len(images), control=context.control),
        emit=context.emit,
        control=context.control,
    )


def _predictions_file(run: Path, images: Path) -> Path:
    name = hashlib.sha256(f"{run}\n{images}".encode()).hexdigest()[:16]
    return working_cache_dir() / "evaluations" / f"{name}.csv"


IMPLEMENTATION = evaluate
