"""A backbone of a few thousand parameters, and a run that can be started as a process of its own.

Usage as a process: python tests/training/tiny.py IMAGES RUN RECIPE-JSON [--resume]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch
from safetensors.torch import load_file
from torch import nn

from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.events import Emit, ignore
from tlstudio.core.types import Preprocessing, Split
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.comparisons import PretrainingComparison
from tlstudio.models.stages import Backbone
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.run import assembly, look_back
from tlstudio.training.run import run as run_module
from tlstudio.training.run.run import train_run
from tlstudio.training.state import TrainingState

Photos = Callable[..., Path]

PREPROCESSING = Preprocessing(input_size=32, resize_size=36)
FINE = {"strategy": "fine-tune", "freeze": "top", "epochs": 3, "optimiser": {"batch_size": 8}}
RECIPES: dict[str, dict[str, Any]] = {
    "probe": {},
    "hidden": {"head": {"kind": "hidden", "hidden_units": 8}, "epochs": 4},
    "fine": FINE,
    "fine-head": {**FINE, "freeze": "head"},
    "fine-hidden": {**FINE, "head": {"kind": "hidden", "hidden_units": 8}},
    "fine-everything": {**FINE, "freeze": "none", "augmentation": {"crop": 0.2, "colour": 0.2}},
    "fine-views": {**FINE, "augmentation": {"crop": 0.2, "rotation_degrees": 10}},
    "weighted": {**FINE, "optimiser": {"batch_size": 8, "class_weighting": True}},
}


def tiny_backbone(*args: Any, seed: int = 0, **kwargs: Any) -> Backbone:
    """Three stages of convolution, BatchNorm and ReLU on 32 × 32 inputs; 24 features."""
    torch.manual_seed(seed)

    def block(entering: int, leaving: int, stride: int) -> nn.Module:
        norm = nn.BatchNorm2d(leaving)
        nn.init.uniform_(norm.running_mean, -0.1, 0.1)
        nn.init.uniform_(norm.running_var, 0.5, 1.5)
        return nn.Sequential(nn.Conv2d(entering, leaving, 3, stride, 1, bias=False), norm, nn.ReLU())

    return Backbone(
        "tiny",
        stages=[("stem", block(3, 8, 2)), ("middle", block(8, 16, 2)), ("top", block(16, 24, 1))],
        pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        feature_size=24,
        preprocessing=PREPROCESSING,
    ).eval()


def no_difference(state: TrainingState, *args: Any, **rest: Any) -> PretrainingComparison:
    """Stands for measuring what pretraining gives, which takes a third of the time of a tiny run."""
    return PretrainingComparison(
        accuracy=0.5,
        random_accuracy=0.5,
        majority_accuracy=0.5,
        n=len(state.train) + len(state.validation),
        difference=0.0,
        interval=(-0.1, 0.1),
    )


def train(
    root: Path,
    run: Path,
    *,
    resume: bool = False,
    emit: Emit = ignore,
    control: Control | None = None,
    dataset: Dataset | None = None,
    drawn: Split | None = None,
    **recipe: Any,
) -> dict[str, Any]:
    """A run on the processor; the backbone is whatever `load_backbone` gives."""
    return train_run(
        dataset or scan_folder(root),
        RunFolder(run),
        build_recipe({"device": "cpu", "threads": 1, **recipe}),
        split=drawn,
        resume=resume,
        emit=emit,
        control=control or Control(),
    )


def weights_of(run: Path) -> dict[str, torch.Tensor]:
    """Of the best checkpoint."""
    return load_file(run / "checkpoints" / "best.safetensors")


def same_weights(one: Path, two: Path) -> bool:
    """Return whether two runs came to the same classifier, to the bit."""
    first, second = weights_of(one), weights_of(two)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def main() -> None:
    look_back.load_backbone = tiny_backbone  # type: ignore[assignment]
    assembly.load_backbone = tiny_backbone  # type: ignore[assignment]
    run_module.TrainingState = partial(TrainingState, checkpoint_seconds=0.0)  # type: ignore[assignment, misc]
    images, run, recipe = sys.argv[1:4]
    train(Path(images), Path(run), resume="--resume" in sys.argv, **json.loads(recipe))


if __name__ == "__main__":
    main()
