"""The only door to the engine: check, label, train, evaluate, report, export, predict.

Both faces call these functions: the command line in its own process, the window through the engine process
(`JOBS`). Each takes `run_id`, `emit` and `control` and returns plain JSON values or a value of core/types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.recipe import Recipe
from tlstudio.core.types import SPLIT_NAMES, PredictedImage, Preprocessing
from tlstudio.data.naming import printable
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import extend_split, make_split
from tlstudio.data.walk import walk_folder
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.export.export import export_run
from tlstudio.export.opening import is_exported, open_exported
from tlstudio.features.decoded_inputs import InputKeeper
from tlstudio.features.images import RunImage
from tlstudio.inference.predict import predict_images, predict_labelled, runtime_for
from tlstudio.inference.predictions_csv import write_while_reading
from tlstudio.inference.predictor import predict_files
from tlstudio.models.backbones import preprocessing_of
from tlstudio.models.classifier import load_classifier
from tlstudio.project.runs import RunFolder, next_run, open_run
from tlstudio.project.store import Project
from tlstudio.report.html import write_report
from tlstudio.samples.make import make_sample
from tlstudio.specs import EXPORTS
from tlstudio.training.planning.estimate import estimate_run
from tlstudio.training.run.run import train_run

Values = dict[str, Any]

# Folders of images


def check(folder: Path, *, groups: str | None = None, run_id: str, emit: Emit, control: Control) -> Values:
    """Data health of a folder: `{"images", "classes", "findings"}` as fixed for `check --json`.

    The message of a finding ends with its mend, where there is one.
    """
    dataset = scan_folder(folder, groups=groups, run_id=run_id, emit=emit, control=control)
    evidence = Evidence(dataset=dataset, run_id=run_id, emit=emit)
    return {
        "images": len(dataset.images),
        "classes": class_counts(dataset),
        "findings": [
            {key: value for key, value in finding.as_json().items() if key != "numbers"}
            for finding in run_checks(evidence, subject="data", control=control)
        ],
    }


def class_counts(dataset: Dataset) -> dict[str, int]:
    """Images per class, in the order of the classes."""
    labels = Counter(image.label() for image in dataset.images)
    return {name: labels[name] for name in dataset.classes}


def train(
    folder: Path,
    *,
    run: Path,
    recipe: Recipe,
    resume: bool = False,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Values:
    """Train on a folder with one sub-folder per class: the fixed object of `train --json`."""
    place = RunFolder(run.resolve())
    # A run that goes on has its own recipe, and has decoded its images.
    new = folder.is_dir() and not place.recipe.exists()
    keeper = InputKeeper(_preprocessing(recipe)) if new else None
    dataset = scan_folder(
        folder, groups=recipe.split.groups, run_id=run_id, emit=emit, control=control, keeper=keeper
    )
    if keeper is not None:
        keeper.flush()
    return train_run(dataset, place, recipe, resume=resume, emit=emit, control=control)


def _preprocessing(recipe: Recipe) -> Preprocessing:
    return replace(preprocessing_of(recipe.backbone.id), fit=recipe.fit)


def sample(sample_id: str, *, out: Path, run_id: str, emit: Emit, control: Control) -> Path:
    """The folder of a sample's images, drawn when it is not there yet."""
    return make_sample(sample_id, out, run_id=run_id, emit=emit, control=control)


# Runs


def evaluate(
    run: Path, *, images: Path | None = None, run_id: str, emit: Emit, control: Control
) -> Evaluation:
    """Evaluate a run: on its test images, as read once at the end of training, or on a labelled folder."""
    if images is not None:
        predictions = _predict_labelled(open_run(run), images, run_id=run_id, emit=emit, control=control)
        return evaluate_predictions(predictions, subset="folder")
    evaluation = read_run_result(open_run(run)).test
    if not evaluation.n:
        raise UserError(
            "This run kept no images for testing.", mend="Give a folder of labelled images with --images."
        )
    return evaluation


def _predict_labelled(
    run: RunFolder, folder: Path, *, run_id: str, emit: Emit, control: Control
) -> Predictions:
    classifier = load_classifier(_best(run))
    dataset = scan_folder(folder, run_id=run_id, emit=emit, control=control)
    known = [image for image in dataset.images if image.label() in classifier.classes]
    others = sorted({str(image.label()) for image in dataset.images} - set(classifier.classes))
    if not known:
        raise UserError(
            f"None of the classes in {folder} is one the model knows ({', '.join(classifier.classes)}).",
            mend="Name the sub-folders like the classes the model was trained on.",
        )
    if others:
        message = f"Images of classes the model does not know are left out: {', '.join(others)}."
        emit(WarningRaised(run_id=run_id, code="unknown-classes", message=message))
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
        run_id=run_id,
        title="Asking the classifier",
        runtime=runtime_for(classifier, count=len(images), control=control),
        emit=emit,
        control=control,
    )


def _best(run: RunFolder) -> Path:
    if not run.best_checkpoint.exists():
        raise UserError(
            f"The run {run.path} has no trained model yet.", mend="Finish it: train again with --resume."
        )
    return run.best_checkpoint


def report(run: Path, *, out: Path) -> Path:
    """Write the HTML report of a run."""
    return write_report(open_run(run), out)


def export(
    run: Path,
    *,
    format_id: str,
    out: Path,
    images_root: Path | None = None,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Values:
    """Export a run and prove that the file gives the same answers: the fixed object of `export --json`.

    `images_root` is where the run's images lie now, when it is not where they were.
    """
    result = export_run(
        open_run(run),
        format_id=format_id,
        out=out,
        images_root=images_root,
        run_id=run_id,
        emit=emit,
        control=control,
    )
    return {"file": str(result.file), "bytes": result.bytes, "parity": asdict(result.parity)}


# Projects of the window


def scan_project(project: Project, *, run_id: str, emit: Emit, control: Control) -> Values:
    """Read a project's folder again; known images keep labels and split, new ones get theirs."""
    recipe = Recipe.model_validate(project.draft())
    found = scan_folder(
        project.images_root, groups=recipe.split.groups, run_id=run_id, emit=emit, control=control
    )
    project.apply_scan(found)
    old = project.split()
    if old is None:
        settings = recipe.split
        new = make_split(
            project.images(), validation=settings.validation, test=settings.test, seed=recipe.seed
        )
    else:
        new = extend_split(old, project.images())
    project.save_split(new)
    now = project.dataset()
    return {
        "images": len(now.images),
        "labelled": len(now.labelled()),
        "classes": class_counts(now),
        "problems": len(now.problems),
        "notes": list(new.notes),
    }


def split_project(project: Project, *, validation: float, test: float, seed: int) -> Values:
    """Draw a new split for a project: images per side, and what the person should know."""
    split = make_split(project.images(), validation=validation, test=test, seed=seed)
    project.save_split(split)
    return {**{name: len(split.paths(name)) for name in SPLIT_NAMES}, "notes": list(split.notes)}


def check_project(project: Project, *, control: Control) -> Values:
    """Data health of a project with its labels of now."""
    findings = run_checks(Evidence(dataset=project.dataset()), subject="data", control=control)
    return {"findings": [finding.as_values() for finding in findings]}


def train_project(
    project: Project, *, run: Path, recipe: Recipe, resume: bool, run_id: str, emit: Emit, control: Control
) -> Values:
    """Train on a project's labels and split: the fixed object of `train --json`."""
    split = project.split()
    if split is not None:  # images labelled since the last scan take their side now
        project.save_split(extend_split(split, project.images()))
    return train_run(
        project.dataset(),
        RunFolder(run.resolve()),
        recipe,
        split=project.split(),
        resume=resume,
        emit=emit,
        control=control,
    )


def estimate_project(project: Project, *, recipe: Recipe, control: Control) -> Values:
    """What a training with the project's labels would take here: the values of a `RunEstimate`."""
    run = next_run(project.runs_folder)
    return asdict(estimate_run(project.dataset(), run, recipe, split=project.split(), control=control))


# Predictions


def predict(
    model: Path,
    paths: Sequence[Path],
    *,
    csv_file: Path | None = None,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Iterator[PredictedImage]:
    """Answers for files and whole folders, one at a time; a bad file is an answer with `error` set.

    Args:
        model: A run, its best.safetensors, or an exported model.
        paths: Files and folders; folders are read with all that is below them.
        csv_file: Also written there, in place only when all is done.
        run_id: Written into events.
        emit: Receives progress.
        control: To cancel.

    Raises:
        UserError: No model, a path that is not there, or no file at all.
    """
    files, closed = image_files(paths, control=control)
    answers: Iterator[PredictedImage]
    if is_exported(model):
        answers = predict_files(open_exported(model), files, run_id=run_id, emit=emit, control=control)
    else:
        checkpoint = model if model.suffix == ".safetensors" else _best(open_run(model))
        classifier = load_classifier(checkpoint)
        runtime = runtime_for(classifier, count=len(files), control=control)
        answers = predict_images(
            classifier, files, runtime=runtime, run_id=run_id, emit=emit, control=control
        )
    answers = chain(answers, closed)
    return answers if csv_file is None else write_while_reading(answers, csv_file)


def image_files(paths: Sequence[Path], *, control: Control) -> tuple[list[Path], list[PredictedImage]]:
    """The files to answer for: those named, and all below the folders named, as a scan finds them.

    Returns:
        The files in order, and an answer with its `error` for each place that could not be entered.

    Raises:
        UserError: One of the paths is not there, or there is no file at all.
        Cancelled: As `control` says.
    """
    files: list[Path] = []
    closed: list[PredictedImage] = []
    for path in paths:
        if path.is_dir():
            found = walk_folder(path, control=control)
            files += [path / file.path for file in found.files]
            closed += [
                PredictedImage(path=str(path / problem.path), error=f"{problem.reason} {problem.mend}")
                for problem in found.problems
                if problem.code != "linked-twice"  # its files are answered for where they lie
            ]
        elif path.exists():
            files.append(path)
        else:
            raise UserError(
                f"{printable(str(path))} is not there.",
                mend="Check the name, and that the drive is plugged in.",
            )
    if not files and not closed:
        places = ", ".join(printable(str(path)) for path in paths)
        raise UserError(f"There is no file in {places}.", mend="Give images, or a folder that holds some.")
    return files, closed


def answer_json(answer: PredictedImage) -> Values:
    """One element of `predict --json`."""
    return {
        "path": answer.path,
        "class": answer.class_name,
        "probability": answer.probability,
        "probabilities": dict(answer.probabilities),
        "error": answer.error,
    }


# The whole road, for a first look


def demo(out: Path, *, run_id: str, emit: Emit, control: Control) -> Values:
    """Sample images → trained, evaluated, exported, report. Nothing but this package is needed.

    Returns:
        `{"images", "run", "model", "report", "train", "export"}`: paths and the fixed objects.
    """
    images = sample("nuts-and-bolts", out=out / "images", run_id=run_id, emit=emit, control=control)
    run = out / "run"
    trained = train(
        images,
        run=run,
        recipe=Recipe(),
        resume=RunFolder(run).recipe.exists(),
        run_id=run_id,
        emit=emit,
        control=control,
    )
    format_spec = next(spec for spec in EXPORTS if spec.default)
    model = out / f"model{format_spec.suffix}"
    exported = export(run, format_id=format_spec.id, out=model, run_id=run_id, emit=emit, control=control)
    written = report(run, out=out / "report.html")
    return {
        "images": str(images),
        "run": str(run),
        "model": exported["file"],
        "report": str(written),
        "train": trained,
        "export": exported,
    }
