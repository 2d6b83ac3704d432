from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.training.tiny import Photos, no_difference, tiny_backbone
from tlstudio.data.scan import scan_folder
from tlstudio.features.images import RunImage
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.run import assembly, look_back
from tlstudio.training.state import TrainingState


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs use the tiny backbone, whatever the recipe names."""
    monkeypatch.setattr(look_back, "load_backbone", tiny_backbone)
    monkeypatch.setattr(assembly, "load_backbone", tiny_backbone)
    monkeypatch.setattr(look_back, "measure_pretraining", no_difference)


@pytest.fixture(autouse=True)
def same_threads() -> Iterator[None]:
    """A run sets the thread count of the process; the next test gets the old one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def make_state(photos: Photos, tmp_path: Path):
    """Makes the state in which the first phase of a run begins; a third of the images are for validation."""

    def make(recipe: Recipe | None = None) -> TrainingState:
        dataset = scan_folder(photos())
        images = [
            RunImage(
                path=image.path,
                file=dataset.root / image.path,
                sha256=image.sha256,
                label=dataset.classes.index(image.label() or ""),
            )
            for image in dataset.images
        ]
        recipe = (recipe or Recipe()).model_copy(update={"classes": dataset.classes})
        torch.manual_seed(0)
        head = build_head(recipe.head, feature_size=24, classes_count=3)
        run = RunFolder(tmp_path / "run-1")
        run.create()
        return TrainingState(
            run=run,
            recipe=recipe,
            classifier=Classifier(backbone=tiny_backbone(), head=head, classes=recipe.classes),
            train=tuple(image for number, image in enumerate(images) if number % 3),
            validation=tuple(images[::3]),
            device="cpu",
            threads=1,
        )

    return make
