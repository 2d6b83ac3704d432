"""Features of real image sets by the default backbone, for measurements that need no training of stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tlstudio.checks.pixels import extract_features
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.features.table import Features
from tlstudio.models.backbones import load_backbone, preprocessing_of
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.head.probe import FOLDS, ProbeSolution, fit_probe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrozenSet:
    """A set as the backbone sees it.

    Attributes:
        classes: K names.
        labels: int64 [N].
        values: float32 [N, F].
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    values: NDArray[np.float32]


def frozen_set(folder: Path) -> FrozenSet:
    """The features of a folder with one sub-folder per class."""
    dataset = scan_folder(folder)
    backbone = build_recipe({}).backbone.id
    found = extract_features(
        dataset,
        load_backbone(backbone, run_id="", emit=ignore, control=Control()),
        preprocessing=preprocessing_of(backbone),
        run_id="",
        emit=ignore,
        control=Control(),
    )
    classes = tuple(dataset.classes)
    labels = np.array([classes.index(image.label() or "") for image in dataset.images], dtype=np.int64)
    return FrozenSet(classes=classes, labels=labels, values=found.values)


def kept_for_testing(labels: NDArray[np.int64], *, share: float, seed: int) -> NDArray[np.bool_]:
    """The share of each class that is kept for testing: bool [N]."""
    random, kept = np.random.default_rng(seed), np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        rows = (labels == label).nonzero()[0]
        kept[random.permutation(rows)[: max(1, round(share * len(rows)))]] = True
    return kept


def folds_for(labels: NDArray[np.int64]) -> torch.Tensor:
    """Folds of a cross-validation, each class spread over them: int64 [N]."""
    random, folds = np.random.default_rng(0), np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        rows = (labels == label).nonzero()[0]
        folds[random.permutation(rows)] = np.arange(len(rows)) % FOLDS
    return torch.from_numpy(folds)


def head_for(
    values: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    classes_count: int,
    folds: torch.Tensor | None = None,
    weights: NDArray[np.float64] | None = None,
) -> ProbeSolution:
    """The linear head of a linear probe."""
    return fit_probe(
        Features.of(torch.from_numpy(values)),
        torch.from_numpy(labels),
        classes_count=classes_count,
        class_weighting=False,
        folds=folds_for(labels) if folds is None else folds,
        image_weights=None if weights is None else torch.from_numpy(weights),
    )


def probabilities_of(head: ProbeSolution, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each class for each image: [N, K]."""
    logits = torch.from_numpy(values) @ head.weight.T + head.bias
    return np.asarray(logits.double().softmax(dim=1).numpy(), dtype=np.float64)


def save_drawn(out: Path, *, name: str, draw: Callable[[int], Image.Image], numbers: Iterable[int]) -> None:
    """Save drawn images in a class folder."""
    (out / name).mkdir(parents=True)
    for number in numbers:
        draw(number).save(out / name / f"{number}.png")
