"""Whether the forecast of a learning curve from half of the images holds what all of them reach.

Usage: python -m tests.benchmarks.forecasts [--sets trash6,clothes] [--seeds 0,1,2] [--data FOLDER]

For each set and seed half of the images of each class are drawn. From them alone the learning curve is
measured and carried on to as many images as a head learns from in a five-fold cross-validation of the whole
set. That cross-validation says what is reached; its mean over three divisions is the full figure. Printed
per set: the full figure, how often the 95 % interval of the forecast holds it, the mean error and the mean
width.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.benchmarks.choose_for_me import REPOSITORY, SETS
from tlstudio.checks.pixels import extract_features, file_of
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.forecasts import forecast
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.models.backbones import load_backbone, preprocessing_of
from tlstudio.specs.recipe import Recipe
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, fit_probe
from tlstudio.training.head.subset_answers import SubsetAnswers, answers_of_subsets
from tlstudio.training.trials.more_images import FEWEST_PER_CLASS

FULL_DIVISIONS = 3


def features_of_set(folder: Path) -> tuple[torch.Tensor, list[RunImage], int]:
    """Features of the labelled images of a set, these images, and the number of classes."""
    dataset, name = scan_folder(folder), Recipe().backbone.id
    dataset = replace(dataset, images=tuple(image for image in dataset.images if image.labels))
    found = extract_features(
        dataset, load_backbone(name), preprocessing=preprocessing_of(name), run_id="", emit=ignore,
        control=Control(),
    )  # fmt: skip
    column = dataset.column().name
    classes = sorted({image.labels[column] for image in dataset.images})
    images = [
        RunImage(
            path=image.path,
            file=file_of(image, dataset),
            sha256=image.sha256,
            label=classes.index(image.labels[column]),
            group=image.group,
        )
        for image in dataset.images
    ]
    return torch.from_numpy(found.values), images, len(classes)


def answers(table: torch.Tensor, images: list[RunImage], *, classes: int, seed: int) -> SubsetAnswers:
    """What heads of each size answer, with the regularisation that these images choose."""
    labels = label_tensor(images)
    folds = folds_of(images, count=FOLDS, seed=seed)
    solution = fit_probe(
        Features.of(table), labels, classes_count=classes, class_weighting=False, folds=folds
    )
    return answers_of_subsets(
        Features.of(table),
        labels,
        units=torch.tensor(unit_numbers(images)),
        classes_count=classes,
        l2=solution.trials[solution.best].l2,
        class_weighting=False,
        seed=seed,
    )


def half_of(images: list[RunImage], *, seed: int) -> list[int]:
    """Indices of half of the images of each class."""
    rng, labels = np.random.default_rng(seed), label_tensor(images).numpy()
    chosen = []
    for label in range(int(labels.max()) + 1):
        of_class = np.flatnonzero(labels == label)
        chosen += rng.permutation(of_class)[: max(1, len(of_class) // 2)].tolist()
    return sorted(chosen)


def row(name: str, folder: Path, seeds: list[int]) -> str:
    """One set as a line of the table."""
    table, images, classes = features_of_set(folder)
    full = [answers(table, images, classes=classes, seed=1000 + one) for one in range(FULL_DIVISIONS)]
    reached = float(np.mean([one.right[-1].nanmean() for one in full]))
    at = float(full[0].sizes[-1])
    forecasts = []
    for seed in seeds:
        chosen = half_of(images, seed=seed)
        part = [images[index] for index in chosen]
        found = answers(table[chosen], part, classes=classes, seed=seed)
        used = found.sizes / classes >= FEWEST_PER_CLASS
        forecasts.append(
            forecast(
                found.sizes[used].numpy(),
                found.right[used].numpy(),
                np.array(unit_numbers(part)),
                now=float(len(part)),
                then=at,
                seed=seed,
            ).then
        )
    inside = [one.low <= reached <= one.high for one in forecasts]
    error = np.mean([one.value - reached for one in forecasts])
    width = np.mean([one.high - one.low for one in forecasts])
    return (
        f"{name:20} all {len(images):4} images {reached:.3f}  held by {sum(inside)} of {len(inside)}  "
        f"mean error {error:+.3f}  mean width {width:.3f}"
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    options = parser.parse_args()
    seeds = list(map(int, options.seeds.split(",")))
    for name in options.sets.split(","):
        print(row(name, options.data / name, seeds), flush=True)


if __name__ == "__main__":
    main()
