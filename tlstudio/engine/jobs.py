"""The jobs of the engine process by kind: plain JSON arguments in, workflow calls, plain JSON values out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tlstudio.compute.device import choose_device
from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.files import cache_dir
from tlstudio.core.recipe import build_recipe
from tlstudio.evaluation.predictions import write_predictions_csv
from tlstudio.models.backbones import find_backbone, load_backbone
from tlstudio.models.backbones.timm_hub import search_backbones
from tlstudio.models.runtime_choice import SETTING
from tlstudio.models.runtimes import RUNTIMES
from tlstudio.models.weights import fetch_weights
from tlstudio.operations import workflow
from tlstudio.project.store import Project

Values = dict[str, Any]


def scan(*, project: str, run_id: str, emit: Emit, control: Control) -> Values:
    """See `workflow.scan_project`."""
    with Project(Path(project)) as opened:
        return workflow.scan_project(opened, run_id=run_id, emit=emit, control=control)


def split(
    *, project: str, validation: float, test: float, seed: int, run_id: str, emit: Emit, control: Control
) -> Values:
    """See `workflow.split_project`."""
    with Project(Path(project)) as opened:
        return workflow.split_project(opened, validation=validation, test=test, seed=seed)


def check(*, project: str, run_id: str, emit: Emit, control: Control) -> Values:
    """See `workflow.check_project`."""
    with Project(Path(project)) as opened:
        return workflow.check_project(opened, control=control)


def sample(*, sample: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Draw a sample's images into the cache: `{"folder"}`."""
    out = cache_dir() / "samples" / sample
    return {"folder": str(workflow.sample(sample, out=out, run_id=run_id, emit=emit, control=control))}


def train(
    *,
    project: str,
    run: str,
    recipe: Mapping[str, Any],
    resume: bool,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Values:
    """See `workflow.train_project`."""
    settings = build_recipe(dict(recipe))
    with Project(Path(project)) as opened:
        return workflow.train_project(
            opened,
            run=Path(run),
            recipe=settings,
            resume=resume,
            run_id=run_id,
            emit=emit,
            control=control,
        )


def estimate(*, project: str, recipe: Mapping[str, Any], run_id: str, emit: Emit, control: Control) -> Values:
    """See `workflow.estimate_project`."""
    settings = build_recipe(dict(recipe))
    with Project(Path(project)) as opened:
        return workflow.estimate_project(opened, recipe=settings, control=control)


def evaluate(*, run: str, images: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Figures on a labelled folder as in `evaluate --json`, and `"predictions"`: a file of the answers."""
    evaluation = workflow.evaluate(Path(run), images=Path(images), run_id=run_id, emit=emit, control=control)
    predictions = evaluation.primary.predictions
    assert predictions is not None
    name = hashlib.sha256(f"{run}\n{images}".encode()).hexdigest()[:16]
    file = cache_dir() / "evaluations" / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_predictions_csv(file, {"folder": predictions})
    return {**evaluation.as_json(), "predictions": str(file)}


def report(*, run: str, out: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Write the HTML report: `{"file"}`."""
    return {"file": str(workflow.report(Path(run), out=Path(out)))}


def export(
    *, run: str, format: str, out: str, images_root: str, run_id: str, emit: Emit, control: Control
) -> Values:
    """See `workflow.export`."""
    return workflow.export(
        Path(run),
        format_id=format,
        out=Path(out),
        images_root=Path(images_root),
        run_id=run_id,
        emit=emit,
        control=control,
    )


def predict(
    *, model: str, paths: Sequence[str], csv: str | None, run_id: str, emit: Emit, control: Control
) -> Values:
    """Answers for files and folders: `{"predictions"}` as in `predict --json`.

    With a CSV file the probabilities stay there: those of many images are too much for one line.
    """
    answers = workflow.predict(
        Path(model),
        [Path(path) for path in paths],
        csv_file=Path(csv) if csv else None,
        run_id=run_id,
        emit=emit,
        control=control,
    )
    told = [workflow.answer_json(answer) for answer in answers]
    if csv is not None:
        told = [{key: value for key, value in row.items() if key != "probabilities"} for row in told]
    return {"predictions": told}


def download(*, backbone: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Fetch a backbone's weights: `{"path"}`."""
    return {"path": str(fetch_weights(find_backbone(backbone), run_id=run_id, emit=emit, control=control))}


def search(*, text: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Names of other backbones: `{"ids"}`."""
    return {"ids": search_backbones(text)}


def stages(*, backbone: str, weights_file: str | None, run_id: str, emit: Emit, control: Control) -> Values:
    """How a backbone is cut, and whether a weights file fits: `{"stages", "feature_size", "input_size"}`."""
    file = Path(weights_file) if weights_file else None
    built = load_backbone(backbone, weights_file=file, pretrained=file is not None, control=control)
    return {
        "stages": [
            {"name": name, "parameters": sum(p.numel() for p in built.stage(name).parameters())}
            for name in built.stage_names
        ],
        "feature_size": built.feature_size,
        "input_size": built.preprocessing.input_size,
    }


def runtimes(*, run_id: str, emit: Emit, control: Control) -> Values:
    """What the frozen side can be computed with on this computer: `{"ids"}`."""
    device = choose_device().device
    return {"ids": [runtime.id for runtime in RUNTIMES if runtime.usable(device)]}


def use_runtime(*, runtime: str, run_id: str, emit: Emit, control: Control) -> Values:
    """Compute the frozen side with this from the next job on; "auto" takes what is fastest here."""
    os.environ[SETTING] = runtime
    return {}


JOBS: Mapping[str, Callable[..., Values]] = {
    "scan": scan,
    "split": split,
    "check": check,
    "sample": sample,
    "train": train,
    "estimate": estimate,
    "evaluate": evaluate,
    "report": report,
    "export": export,
    "predict": predict,
    "download": download,
    "search_backbones": search,
    "stages": stages,
    "runtimes": runtimes,
    "use_runtime": use_runtime,
}
