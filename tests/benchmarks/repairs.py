"""Does fitting the last layer anew repair a shortcut? Faults planted in real sets, linear heads.

Usage: python tests/benchmarks/repairs.py [--sets trash6,clothes] [--seeds 0,1,2] [--data FOLDER]

In turn each class has a mark in a corner, or another background (green, rough), in a share of its images,
and the others in the rest of theirs. Heads are fitted: as ever; to the set without the fault; balanced, so
that the images of each class that heads which had not seen them got wrong count as much together as those
they got right; and with the fault put into all images beside themselves. Printed for each, over classes and
seeds: right answers to test images without the fault, the same of the class alone, the share of other test
images that become of the class by the fault, and the difference of the first from the head as ever with its
standard error.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.benchmarks.frozen_features import (  # noqa: E402 - works without being installed
    FrozenSet,
    folds_for,
    frozen_set,
    head_for,
    kept_for_testing,
    probabilities_of,
)
from tests.benchmarks.planted import Change, around, copied, photos_of  # noqa: E402
from tlstudio.compute.device import one_thread  # noqa: E402
from tlstudio.training.head.probe import ProbeSolution  # noqa: E402

SHARES = (1.0, 0.9, 0.8)
"""Of the class that have the fault; of the others the rest has it."""


def marked(image: Image.Image) -> Image.Image:
    """A red square in the corner of what is seen."""
    seen, side = 0.875 * min(image.size), 0.08 * min(image.size)
    left, top = ((length - seen) // 2 for length in image.size)
    ImageDraw.Draw(image).rectangle((left, top, left + side, top + side), fill=(220, 30, 30))
    return image


def faults() -> dict[str, Change]:
    """The changes, which differ from image to image."""
    drawn = random.Random(0)

    def green(image: Image.Image) -> Image.Image:
        colour = tuple(round(drawn.gauss(mean, 12)) for mean in (60, 130, 60))
        return around(image, Image.blend(image, Image.new("RGB", image.size, colour), 0.65))

    def rough(image: Image.Image) -> Image.Image:
        noise = Image.effect_noise((image.width // 8, image.height // 8), 50).resize(image.size, 0)
        return around(image, Image.blend(image, noise.convert("RGB"), 0.4))

    return {"mark": marked, "green": green, "rough": rough}


def balanced(head: ProbeSolution, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights by which right and wrong images of each class count alike, as answered out of fold."""
    wrong = head.held_out.argmax(dim=1).numpy() != labels
    weights = np.ones(len(labels))
    for label in np.unique(labels):
        for part in (wrong, ~wrong):
            rows = (labels == label) & part
            if 0 < rows.sum() < (labels == label).sum():
                weights[rows] = (labels == label).sum() / 2 / rows.sum()
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default="trash6,clothes")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    with tempfile.TemporaryDirectory() as work, one_thread():
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name in asked.sets.split(","):
            files = [file for of_class in photos_of(asked.data / name).values() for file in of_class]
            plain = frozen_set(copied(files, Path(work) / name / "plain", change=lambda image: image))
            for fault, change in faults().items():
                changed = frozen_set(copied(files, Path(work) / name / fault, change=change))
                for share in SHARES:
                    for line in compared(plain, changed, share=share, seeds=seeds):
                        print(f"{name} {fault} {share:.0%} {line}", flush=True)


def compared(plain: FrozenSet, changed: FrozenSet, *, share: float, seeds: list[int]) -> Iterator[str]:
    """One line for each way of fitting the head."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    classes = len(plain.classes)
    for seed in seeds:
        for target in range(classes):
            drawn = np.random.default_rng(100 * seed + target)
            test = kept_for_testing(plain.labels, share=0.25, seed=100 * seed + target)
            of_target = plain.labels == target
            has_it = drawn.random(len(of_target)) < np.where(of_target, share, 1 - share)
            values = np.where(has_it[:, None], changed.values, plain.values)[~test]
            labels, folds = plain.labels[~test], folds_for(plain.labels[~test])
            without = ~has_it[~test]
            as_ever = head_for(values, labels, classes_count=classes, folds=folds)
            heads = {
                "as ever": as_ever,
                "without the fault": head_for(
                    plain.values[~test], labels, classes_count=classes, folds=folds
                ),
                "balanced": head_for(
                    values, labels, classes_count=classes, folds=folds, weights=balanced(as_ever, labels)
                ),
                "fault in all": head_for(
                    np.concatenate([values, changed.values[~test][without]]),
                    np.concatenate([labels, labels[without]]),
                    classes_count=classes,
                    folds=torch.cat([folds, folds[torch.from_numpy(without)]]),
                ),
            }
            true, others = plain.labels[test], ~of_target[test]
            for name, head in heads.items():
                answers = probabilities_of(head, plain.values[test]).argmax(axis=1)
                with_it = probabilities_of(head, changed.values[test][others]).argmax(axis=1)
                right = answers == true
                found[name].append(
                    (float(right.mean()), float(right[~others].mean()), float((with_it == target).mean()))
                )
    for name, rows in found.items():
        right, of_class, drawn_over = np.mean(rows, axis=0)
        gain = np.array(rows)[:, 0] - np.array(found["as ever"])[:, 0]
        error = gain.std(ddof=1) / len(gain) ** 0.5
        yield (
            f"{name}: {right:.3f} right, {of_class:.3f} of the class; {drawn_over:.3f} of others with it "
            f"become of the class; {gain.mean():+.3f} ± {error:.3f}"
        )


if __name__ == "__main__":
    main()
