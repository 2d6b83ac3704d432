"""Cross-validates the head of a run on all its images, for sets that are too small for a large test set."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from tlstudio.checks.examine import examine_run
from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.events import StageStarted
from tlstudio.data.scan import scan_folder
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.evaluation import Evaluation, Subset
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import with_near_duplicates
from tlstudio.operations.scanning import how_to_read
from tlstudio.project.images_root import find_images_root, images_are_gone
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.project.store import Project
from tlstudio.specs.cross_validated import MOST_IMAGES, REPEATS, can_be_cross_validated
from tlstudio.specs.operations.cross_validate import CrossValidateArguments
from tlstudio.specs.recipe import Recipe, read_recipe

SUBSET: Subset = "cross-validated"


def cross_validate(arguments: CrossValidateArguments, context: Context) -> Values:
    """Cross-validate a run.

    Returns:
        The object of `evaluate --json`, with `"predictions"`, a CSV file in the cache, and `"repeats"`, the
        accuracy of the heads of each repetition.

    Raises:
        UserError: Stages learned in the run, it has too many images, or they are gone.
    """
    run = open_run(arguments.run)
    recipe = read_recipe(run.recipe)
    if not can_be_cross_validated(recipe):
        raise UserError(
            "Only a run whose last layer alone learned can be cross-validated in seconds, and here more did.",
            mend="Judge it by its test images, or train a linear probe on the same images.",
        )
    dataset = _images_of(run, recipe, arguments.project, context)
    if len(dataset.images) > MOST_IMAGES:
        raise UserError(
            f"Cross-validation is for small sets; this run has {len(dataset.images)} images.",
            mend=f"Above {MOST_IMAGES} images its test images tell as much.",
        )
    evaluation, file, repeats = _evaluate(run, recipe, dataset, context)
    findings = examine_run(run, evaluation=evaluation, control=context.control)
    evaluation = replace(evaluation, findings=tuple(findings))
    return {**evaluation.as_json(), "predictions": str(file), "repeats": repeats}


def _images_of(run: RunFolder, recipe: Recipe, project: Path | None, context: Context) -> Dataset:
    """The images of the run that are still there and have a label that it knows."""
    sides = read_run_split(run).assignment
    if project is not None:
        with Project(project) as opened:
            dataset = opened.dataset()
    else:
        root = find_images_root(run, recipe, paths=sides)
        if root is None:
            raise UserError(images_are_gone(run, recipe), mend="Put them back where they were.")
        dataset = scan_folder(
            root,
            how=how_to_read(recipe, lenient=True),
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
        )
        dataset = with_near_duplicates(dataset, context)
    column = dataset.column().name
    known = [one for one in dataset.images if one.path in sides and one.label(column) in recipe.classes]
    if not known:
        raise UserError(
            "None of the images of this run is there any more with a label.",
            mend="Put them back, or train again.",
        )
    return replace(dataset, images=tuple(known))


def _evaluate(
    run: RunFolder, recipe: Recipe, dataset: Dataset, context: Context
) -> tuple[Evaluation, Path, list[float]]:
    """The evaluation, the file of its predictions, and the accuracy of each repetition."""
    import torch  # it and these load slowly

    from tlstudio.checks.pixels import extract_features, file_of
    from tlstudio.evaluation.objective import ONE_CLASS_EACH
    from tlstudio.features.images import RunImage, label_tensor
    from tlstudio.features.table import Features
    from tlstudio.models.classifier import load_classifier
    from tlstudio.training.head.cross_validation import repeated_scores

    column, classes = dataset.column().name, list(recipe.classes)
    classifier = load_classifier(run.trained_model())
    features = extract_features(
        dataset,
        classifier.backbone,
        preprocessing=classifier.preprocessing,
        run_id=context.run_id,
        emit=context.emit,
        control=context.control,
    )
    images = [
        RunImage(
            path=image.path,
            file=file_of(image, dataset),
            sha256=image.sha256,
            label=classes.index(image.labels[column]),
            group=image.group,
            near=image.near,
        )
        for image in dataset.images
    ]
    context.emit(StageStarted(run_id=context.run_id, stage="folds", title="Cross-validating"))
    logits = repeated_scores(
        Features.of(torch.from_numpy(features.values)),
        images,
        repeats=REPEATS,
        classes_count=len(classes),
        seed=recipe.seed,
        class_weighting=recipe.optimiser.class_weighting,
        control=context.control,
    )
    labels = label_tensor(images)
    predictions = Predictions(
        paths=tuple(image.path for image in images),
        classes=recipe.classes,
        probabilities=torch.stack([ONE_CLASS_EACH.probabilities(one) for one in logits]).mean(dim=0).numpy(),
        true_indices=labels.numpy(),
    )
    file = _predictions_file(run.path)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_predictions_csv(file, {SUBSET: predictions})
    evaluation = evaluate_predictions(
        predictions, subset=SUBSET, column=classifier.columns[0].name, group_of=unit_numbers(images)
    )
    repeats = [float((one.argmax(dim=1) == labels).double().mean()) for one in logits]
    return evaluation, file, repeats


def _predictions_file(run: Path) -> Path:
    name = hashlib.sha256(f"{run}\n{SUBSET}".encode()).hexdigest()[:16]
    return working_cache_dir() / "evaluations" / f"{name}.csv"


IMPLEMENTATION = cross_validate
