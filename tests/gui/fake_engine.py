"""A stand-in for the engine process: the real protocol and the real arguments, made-up work, no torch.

A job whose arguments the operation would not take fails, as it does in the real engine.

Environment: TLSTUDIO_FAKE_EPOCH_SECONDS (default 0.01) is how long an epoch takes;
TLSTUDIO_FAKE_STEP_SECONDS (default 0) how long one image of a scan takes.
Arguments that make it fail: sample "broken" raises a UserError, sample "crash" kills the process.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.gui.fake_explanations import explain_image, related_images
from tests.gui.fake_labelling import next_labels
from tests.gui.fake_training import find_rate_project, rank_project, train_project
from tlstudio import specs
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted, WarningRaised, to_json
from tlstudio.core.finding import Finding
from tlstudio.core.types import ProblemFile, Split
from tlstudio.data.layout.interpret import HowToRead, interpret
from tlstudio.data.walk import Found
from tlstudio.engine.server import JobServer, read_messages
from tlstudio.operations.context import Context
from tlstudio.operations.unpack import unpack
from tlstudio.project import connection
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import Project
from tlstudio.samples.first_lesson import FIRST_LESSON, ODD_IMAGE, WRONG_LABELS
from tlstudio.samples.marker import MARKER
from tlstudio.specs import operations as operation_specs

EXTRA_OPERATIONS = str(Path(__file__).with_name("extra_operations"))
"""Specs of the operations that exist only in these tests."""
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".webp")


def step_seconds() -> float:
    return float(os.environ.get("TLSTUDIO_FAKE_STEP_SECONDS", "0"))


def scan_project(arguments: Any, context: Context) -> dict:
    with Project(arguments.project) as store:
        files = sorted(path for path in store.images_root.rglob("*") if path.is_file())
        files += store.added_files()
        context.emit(
            StageStarted(run_id=context.run_id, stage="scan", title="Reading images", total=len(files))
        )
        images, problems = [], []
        for number, file in enumerate(files, start=1):
            context.control.check()
            time.sleep(step_seconds())
            is_inside = file.is_relative_to(store.images_root)
            path = file.relative_to(store.images_root).as_posix() if is_inside else file.as_posix()
            if file.suffix.lower() in IMAGES and file.stat().st_size:
                images.append(image_of(path, file))
            else:
                problems.append(
                    ProblemFile(path=path, code="not-an-image", reason="This is no image.", mend="Remove it.")
                )
            context.emit(
                StageProgress(
                    run_id=context.run_id, stage="scan", done=number, total=len(files), seconds_left=1.0
                )
            )
        split = store.draft().get("split", {})
        how = HowToRead(
            layout=store.draft().get("layout", "auto"), groups=split.get("groups"), groups_partial=True
        )
        added = [image for image in images if image.path.startswith("/")]
        images = [image for image in images if not image.path.startswith("/")]
        inside = [file for file in files if file.is_relative_to(store.images_root)]
        paths = tuple(file.relative_to(store.images_root).as_posix() for file in inside)
        found = Found(files=paths, problems=(), folders=(), hidden_files=0)
        understood = interpret(store.images_root, images, found=found, how=how)
        store.apply_scan(
            Dataset.of_folder(
                store.images_root,
                images=[*understood.images, *added],
                problems=problems,
                classes=understood.classes,
                notes=understood.notes,
            ),
            forget_classes=arguments.anew,
        )
        save_split(store, validation=0.15, test=0.15, seed=0)
        labels = [image.label() for image in store.images() if image.label()]
        return {
            "images": len(images),
            "labelled": len(labels),
            "classes": {name: labels.count(name) for name in store.classes()},
            "problems": len(problems),
            "notes": [],
        }


def image_of(path: str, file: Path) -> Image:
    return Image(
        path=path,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        width=64,
        height=48,
    )


def save_split(store: Project, *, validation: float, test: float, seed: int) -> dict:
    assignment = {}
    for name in store.classes():
        paths = [image.path for image in store.images() if image.label() == name]
        asked = (("validation", validation), ("test", test))
        counts = {side: math.ceil(len(paths) * share) if share else 0 for side, share in asked}
        sides = [side for side, count in counts.items() for _ in range(count)]
        for number, path in enumerate(sorted(paths)):
            assignment[path] = sides[number] if number < len(sides) else "train"
    store.save_split(
        Split(assignment=assignment, seed=seed, validation_fraction=validation, test_fraction=test)
    )
    sides = list(assignment.values())
    return {side: sides.count(side) for side in ("train", "validation", "test")} | {"notes": []}


def split_project(arguments: Any, context: Context) -> dict:
    with Project(arguments.project) as store:
        return save_split(store, validation=arguments.validation, test=arguments.test, seed=arguments.seed)


def check_features(arguments: Any, context: Context) -> dict:
    return {"findings": []}


def check_project(arguments: Any, context: Context) -> dict:
    with Project(arguments.project) as store:
        first = [image.path for image in store.images()][:2]
    warning = {
        "check": "exact-duplicates",
        "severity": "warning",
        "message": "2 images are the same",
        "paths": first,
        "mend": "Keep one of them.",
    }
    fine = {
        "check": "class-balance",
        "severity": "ok",
        "message": "Classes are balanced.",
        "paths": [],
        "mend": "",
    }
    return {"findings": [warning, fine]}


def sample(arguments: Any, context: Context) -> dict:
    if arguments.sample == "crash":
        os._exit(9)
    if arguments.sample == "broken":
        raise UserError("The sample is broken.", work="Nothing was lost.", mend="Try the other one.")
    from PIL import Image

    folder = Path(os.environ["TLSTUDIO_PROJECTS"]) / "samples" / arguments.sample
    if arguments.sample == FIRST_LESSON:
        return {"folder": str(lesson_folder(folder))}
    for hue, name in enumerate(("bolts", "nuts")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(8):
            context.control.check()
            Image.new("RGB", (64, 48), (200 * hue, 20 * number, 90)).save(folder / name / f"{number}.png")
    return {"folder": str(folder)}


def lesson_folder(folder: Path) -> Path:
    """The files of the first lesson, small."""
    from PIL import Image

    ordinary = [f"{name}/{name}-{n:02}.jpg" for name in ("bolt", "nut", "screw", "washer") for n in range(6)]
    for number, path in enumerate((*ordinary, *WRONG_LABELS, ODD_IMAGE)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 48), (8 * number, 90, 90)).save(folder / path)
    (folder / MARKER).write_text(json.dumps({"sample": FIRST_LESSON}), encoding="utf-8")
    return folder


def estimate(arguments: Any, context: Context) -> dict:
    """A minute for every ten epochs; with "auto" three tries of that come first."""
    recipe = arguments.recipe
    time.sleep(step_seconds())
    context.control.check()
    if recipe.epochs == 13:
        raise UserError("This cannot be measured.", mend="Take another number of epochs.")
    seconds = 6.0 * recipe.epochs
    is_choice = recipe.freeze == "auto"
    trains_stages = specs.STRATEGIES.get(recipe.strategy).trains_stages
    return {
        "tries": 3 if is_choice else 0,
        "tries_seconds": 3 * seconds if is_choice else None,
        "seconds_per_epoch": 6.0 if trains_stages and not is_choice else None,
        "features_seconds": 12.0,
        "has_unseen_images": True,
        "training_seconds": seconds,
        "evaluation_seconds": 3.0,
        "total_seconds": 16.0 + (4 if is_choice else 1) * seconds,
        "memory_bytes": 180_000_000,
        "cache_bytes": 60_000_000,
    }


def runtimes(arguments: Any, context: Context) -> dict:
    return {"ids": ["torch-fp32", "onnx-runtime"]}


def use_runtime(arguments: Any, context: Context) -> dict:
    return {}


def evaluate(arguments: Any, context: Context) -> dict:
    folder = RunFolder(arguments.run.resolve())
    return folder.read_json(folder.metrics)["test"] | {"predictions": str(folder.predictions)}


def cross_validate(arguments: Any, context: Context) -> dict:
    assert arguments.project is not None
    return evaluate(arguments, context)


def examine_run(arguments: Any, context: Context) -> dict:
    finding = Finding(check="weakest-class", severity="note", message="Weakest class: bees.")
    return {"test": [finding.as_values()], "validation": []}


def report(arguments: Any, context: Context) -> dict:
    arguments.out.write_text("<!doctype html><title>Report</title>", encoding="utf-8")
    return {"file": str(arguments.out)}


def add_images(arguments: Any, context: Context) -> dict:
    from tlstudio.operations.add_images import IMPLEMENTATION  # the real one; brings in the decoders

    return dict(IMPLEMENTATION(arguments, context))


def export(arguments: Any, context: Context) -> dict:
    if arguments.format == "broken":
        raise UserError("The answers differ.", mend="Choose another format.")
    arguments.out.write_bytes(b"x" * 1000)
    parity = {"n": 32, "same_class": 32, "max_abs_difference": 2e-6}
    return {"file": str(arguments.out), "bytes": 1000, "parity": parity}


def predict(arguments: Any, context: Context) -> dict:
    predictions = []
    for path in arguments.paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix.lower() in IMAGES:
                chances = {"bees": 0.9, "ants": 0.1}
                answer = {"class": "bees", "probability": 0.9, "probabilities": chances, "error": None}
                answer["unknown"] = {"odd": 0.7, "far": 0.97, "silent": None}.get(file.stem, 0.1)
            else:
                answer = {
                    "class": None,
                    "probability": None,
                    "probabilities": {},
                    "unknown": None,
                    "error": "This is no image.",
                }
            predictions.append({"path": str(file), **answer})
    if arguments.csv is not None:
        arguments.csv.write_text("path,class\n", encoding="utf-8")
    if arguments.copy_to is not None:
        (arguments.copy_to / "bees").mkdir(parents=True)
        count = sum(not one["error"] for one in predictions)
        note = f"{count} images were copied into {arguments.copy_to}, one folder per class."
        context.emit(WarningRaised(run_id=context.run_id, code="copies", message=note))
    return {"predictions": predictions, "csv": str(arguments.csv) if arguments.csv else None}


def download_weights(arguments: Any, context: Context) -> dict:
    context.emit(
        StageStarted(
            run_id=context.run_id, stage="download", title=f"Downloading {arguments.backbone}", total=100
        )
    )
    for percent in range(0, 101, 20):
        context.control.check()
        time.sleep(step_seconds())
        context.emit(StageProgress(run_id=context.run_id, stage="download", done=percent, total=100))
    return {"path": f"{arguments.backbone}.safetensors"}


def search_backbones(arguments: Any, context: Context) -> dict:
    return {
        "ids": [name for name in ("resnet34", "resnet101", "vit_tiny_patch16_224") if arguments.text in name]
    }


def stages(arguments: Any, context: Context) -> dict:
    file = arguments.weights_file
    if file is not None and not file.exists():
        raise UserError("The weights file is not there.", mend="Choose another file.")
    names = [("stem", 1_000), ("layer1", 150_000), ("layer2", 530_000), ("layer3", 2_100_000)]
    is_clip = file is not None and file.name.startswith("clip")
    return {
        "backbone": "clip:ViT-B-32" if is_clip else arguments.backbone,
        "stages": [{"name": name, "parameters": parameters} for name, parameters in names],
        "feature_size": 512,
        "input_size": 224,
    }


def wait(arguments: Any, context: Context) -> dict:
    context.emit(StageStarted(run_id=context.run_id, stage="wait", title="Waiting", total=100))
    began = time.monotonic()
    while (spent := time.monotonic() - began) < arguments.seconds:
        if context.control.cancelled:
            raise Cancelled
        done = int(100 * spent / arguments.seconds)
        context.emit(
            StageProgress(
                run_id=context.run_id,
                stage="wait",
                done=done,
                total=100,
                seconds_left=arguments.seconds - spent,
            )
        )
        time.sleep(0.01)
    return {}


IMITATIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        scan_project,
        split_project,
        check_project,
        check_features,
        next_labels,
        sample,
        train_project,
        estimate,
        evaluate,
        cross_validate,
        examine_run,
        explain_image,
        related_images,
        report,
        add_images,
        export,
        predict,
        download_weights,
        search_backbones,
        stages,
        rank_project,
        find_rate_project,
        runtimes,
        use_runtime,
        unpack,
        wait,
    )
}
"""By the id of the operation that each stands for."""


def run_imitation(operation_id: str, arguments: Mapping[str, Any], *, context: Context) -> dict:
    """Do the made-up work of an operation, with arguments checked as the real one has them checked."""
    spec = specs.OPERATIONS.get(operation_id)
    return IMITATIONS[operation_id](spec.arguments.model_validate(arguments), context)


def main() -> None:
    connection.SYNCHRONOUS = "OFF"  # as in the tests' own process, see tests/conftest.py
    operation_specs.__path__.append(EXTRA_OPERATIONS)
    lock = threading.Lock()

    def emit(event: Event) -> None:
        with lock:
            try:
                print(to_json(event), flush=True)
            except BrokenPipeError:
                os._exit(1)  # the window is gone

    server = JobServer(run_imitation, emit=emit)
    threading.Thread(target=read_messages, args=(sys.stdin, server), daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()
