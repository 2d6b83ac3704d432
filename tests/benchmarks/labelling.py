"""Labels needed for 95 % of the accuracy with all labels: those that teach most, against random ones.

Usage: python -m tests.benchmarks.labelling FOLDER… [--seeds N] [--step N]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.pixels import extract_features
from tlstudio.compute.device import set_threads
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.labelling.head import LabellingHead, fit_head
from tlstudio.labelling.next_images import useful_images
from tlstudio.models.backbones import load_backbone, preprocessing_of
from tlstudio.specs.recipe import Recipe

TEST_SHARE, WANTED = 0.3, 0.95
RANDOM_ORDERS = 3

Features, Labels = NDArray[np.float32], NDArray[np.int64]


def features_of(folder: Path) -> tuple[Features, Labels, list[str | None]]:
    """Features, labels and clusters of near-duplicates of the labelled images of a folder."""
    dataset, recipe = scan_folder(folder, control=Control()), Recipe()
    found = extract_features(
        dataset,
        load_backbone(recipe.backbone.id),
        preprocessing=recipe.preprocessing(preprocessing_of(recipe.backbone.id)),
        run_id="bench",
        emit=ignore,
        control=Control(),
    )
    images = {image.path: image for image in dataset.images}
    rows = [row for row, path in enumerate(found.paths) if images[path].label() is not None]
    chosen = [images[found.paths[row]] for row in rows]
    classes = sorted({image.label() or "" for image in chosen})
    labels = np.array([classes.index(image.label() or "") for image in chosen], dtype=np.int64)
    return found.values[rows], labels, [image.near for image in chosen]


def labels_needed(
    known: tuple[Features, Labels, list[str | None]],
    test: tuple[Features, Labels],
    *,
    order: str,
    seed: int,
    step: int,
    wanted: float,
) -> tuple[int, list[float]]:
    """Labels until the wanted accuracy on test images is reached once, and the curve up to there."""
    features, truth, near = known
    classes_count = int(max(truth.max(), test[1].max())) + 1
    labels, head = np.full(len(truth), -1, dtype=np.int64), None
    shuffled = np.random.default_rng(seed).permutation(len(truth))
    curve: list[float] = []
    while (labels < 0).any():
        if order == "random":
            rows = shuffled[labels[shuffled] < 0][:step]
        else:
            rows = useful_images(features, labels, near=near, head=head, number=step, seed=seed)
        labels[rows] = truth[rows]
        is_known = labels >= 0
        if len(np.unique(labels[is_known])) > 1:
            head = fit_head(features[is_known], labels[is_known], classes_count=classes_count)
        curve.append(_accuracy(head, test))
        if curve[-1] >= wanted:
            break
    return int((labels >= 0).sum()), curve


def _accuracy(head: LabellingHead | None, test: tuple[Features, Labels]) -> float:
    if head is None:
        return 0.0
    return float((head.probabilities(test[0]).argmax(axis=1) == test[1]).mean())


def measure(folder: Path, *, seeds: int, step: int) -> None:
    """Print one row of the table."""
    features, labels, near = features_of(folder)
    useful, random = [], []
    for seed in range(seeds):
        is_test = np.zeros(len(labels), dtype=bool)
        rng = np.random.default_rng(1000 + seed)
        for label in np.unique(labels):
            of_class = rng.permutation(np.flatnonzero(labels == label))
            is_test[of_class[: max(1, round(TEST_SHARE * len(of_class)))]] = True
        known = (
            features[~is_test],
            labels[~is_test],
            [one for one, out in zip(near, is_test, strict=True) if not out],
        )
        test = (features[is_test], labels[is_test])
        whole = fit_head(known[0], known[1], classes_count=int(labels.max()) + 1)
        settings = {"step": step, "wanted": WANTED * _accuracy(whole, test)}
        useful.append(labels_needed(known, test, order="useful", seed=seed, **settings)[0])
        orders = range(RANDOM_ORDERS * seed, RANDOM_ORDERS * (seed + 1))
        random += [labels_needed(known, test, order="random", seed=each, **settings)[0] for each in orders]
    saving = 1 - np.mean(useful) / np.mean(random)
    print(
        f"{folder.name:14} {len(known[1]):5} images to label   useful {np.mean(useful):6.1f}   "
        f"random {np.mean(random):6.1f}   saved {saving:5.0%}   of {seeds} seeds better "
        f"{sum(each < np.mean(random) for each in useful)}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--step", type=int, default=5)
    options = parser.parse_args()
    set_threads(1)
    for folder in options.folders:
        measure(folder, seeds=options.seeds, step=options.step)


if __name__ == "__main__":
    main()
