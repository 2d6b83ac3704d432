"""A small finished run with a classifier whose predictions differ from image to image, and its exports."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import Once
from tlstudio.core import dataset
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import to_input
from tlstudio.data.splits import make_split, write_split
from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.export.export import ExportResult, export_run
from tlstudio.export.onnx import files
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import BackboneSettings, HeadSettings, Recipe

CLASSES = ("bolts", "nuts & <screws>", "Wäscheklammern")
PER_CLASS = 14
BACKBONE = "test_efficientnet"


@pytest.fixture(autouse=True)
def _quick(quick_readback: None) -> None:
    """Whether a process that imports for itself reads the same is looked at by tests/contract."""


@pytest.fixture(scope="session")
def image_folder(once: Once) -> Path:
    return once("export-images", _draw)


def _draw(root: Path) -> None:
    rng = np.random.default_rng(0)
    for number, name in enumerate(CLASSES):
        (root / name).mkdir()
        for index in range(PER_CLASS):
            small = rng.integers(0, 256, (3 + index % 5, 4 + number, 3), dtype=np.uint8)
            size = (20 + 37 * (index % 7), 300 - 40 * (index % 6))
            Image.fromarray(small).resize(size).save(root / name / f"image-{index:02d}.png")


@pytest.fixture(scope="session")
def session_classifier(image_folder: Path) -> Classifier:
    """Random weights in the backbone; predictions differ from image to image."""
    torch.manual_seed(0)
    backbone = load_backbone(BACKBONE, pretrained=False)
    head = build_head(
        HeadSettings(dropout=0.0), feature_size=backbone.feature_size, classes_count=len(CLASSES)
    )
    classifier = Classifier(backbone=backbone, head=head, classes=CLASSES).eval()
    tell_classes_apart(classifier, sorted(image_folder.rglob("*.png"))[::3])
    return classifier


def tell_classes_apart(classifier: Classifier, files: list[Path]) -> None:
    """Set the linear head so that predictions differ between these images."""
    inputs = [to_input(decode_rgb(file).pixels, classifier.preprocessing) for file in files]
    features = []
    hook = classifier.head.register_forward_pre_hook(lambda module, inputs: features.append(inputs[0]))
    classifier.probabilities(torch.stack(inputs))
    hook.remove()
    mean, std = features[0].mean(dim=0), features[0].std(dim=0) + 1e-6
    weight = torch.randn(len(classifier.classes), len(mean)) / std / len(mean) ** 0.5
    classifier.head.set_linear(weight, -(weight @ mean))


@pytest.fixture
def classifier(session_classifier: Classifier) -> Classifier:
    return session_classifier


@pytest.fixture(scope="session")
def session_run(once: Once, image_folder: Path, session_classifier: Classifier) -> RunFolder:
    made = once("export-run", lambda folder: _write_run(folder, image_folder, session_classifier))
    return RunFolder(made / "run-1")


def _write_run(folder: Path, image_folder: Path, session_classifier: Classifier) -> None:
    run = RunFolder(folder / "run-1")
    run.create()
    images = [
        dataset.Image(
            path=file.relative_to(image_folder).as_posix(),
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            labels=dataset.labels_of(file.parent.name),
        )
        for file in sorted(image_folder.rglob("*.png"))
    ]
    split = make_split(images, validation=0.2, test=0.2, seed=0)
    write_split(run.split, split)
    recipe = Recipe(
        classes=CLASSES,
        images_root=str(image_folder),
        backbone=BackboneSettings(id=BACKBONE, weights_sha256="0" * 64),
        versions={"python": "3.11.2", "torch": torch.__version__},
    )
    run.recipe.write_text(recipe.model_dump_json(), encoding="utf-8")
    session_classifier.save(run.best_checkpoint)
    labels = {image.path: CLASSES.index(image.label() or "") for image in images}
    predictions = {}
    for name in ("validation", "test"):
        paths = split.paths(name)
        batch = torch.stack(
            [
                to_input(decode_rgb(image_folder / path).pixels, session_classifier.preprocessing)
                for path in paths
            ]
        )
        predictions[name] = Predictions(
            paths=tuple(paths),
            classes=CLASSES,
            probabilities=session_classifier.probabilities(batch).numpy(),
            true_indices=np.array([labels[path] for path in paths]),
        )
    write_predictions_csv(run.predictions, predictions)
    figures = {name: compute_metrics(part).as_json() for name, part in predictions.items()}
    run.metrics.write_text(json.dumps({"status": "finished", "epochs": 1, **figures}), encoding="utf-8")


@pytest.fixture
def run(session_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of the run that the test may change."""
    return RunFolder(shutil.copytree(session_run.path, tmp_path / "run-1"))


def _export(run: RunFolder, once: Once, *, format_id: str, name: str) -> ExportResult:
    def make(folder: Path) -> None:
        copy = RunFolder(shutil.copytree(run.path, folder / "run-1"))
        result = export_run(copy, format_id=format_id, out=folder / name)
        (folder / "result.pickle").write_bytes(pickle.dumps(result))

    result = pickle.loads((once(f"export-{format_id}", make) / "result.pickle").read_bytes())
    assert isinstance(result, ExportResult)
    return result


@pytest.fixture(scope="session")
def onnx_export(session_run: RunFolder, once: Once) -> ExportResult:
    return _export(session_run, once, format_id="onnx", name="model.onnx")


@pytest.fixture(scope="session")
def tensor_export(session_run: RunFolder, once: Once) -> ExportResult:
    return _export(session_run, once, format_id="onnx-tensor", name="model.onnx")


@pytest.fixture(scope="session")
def portable_export(session_run: RunFolder, once: Once, onnx_export: ExportResult) -> ExportResult:
    """Its model is a copy of `onnx_export`: tracing the network again would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            files, "write_image_model", lambda made, out, *, card: shutil.copy(onnx_export.file, out)
        )
        return _export(session_run, once, format_id="portable", name="my model")
