"""Does a classifier notice what it was not taught? Classes of real sets left out, and things far off.

Usage: python tests/benchmarks/unknown.py [--sets trash6,clothes,…] [--seeds 0,1,2] [--data FOLDER]

A quarter of each class is kept for testing. The table says the area under the curve of the score for images
of the class left out against test images of the others (mean over classes and divisions, its standard error
over classes, and the least class), the same for drawn pages of text, drawn brain scans, noise and plain
colours, and how many test images are called odd. Beside it, the area by the head's largest probability.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch
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
    save_drawn,
)
from tlstudio.checks.cues import auc  # noqa: E402
from tlstudio.compute.device import one_thread  # noqa: E402
from tlstudio.core.unknown_words import ODD_FROM  # noqa: E402
from tlstudio.training.unknown.fitting import fit_unknown  # noqa: E402

SETS = "trash6,clothes,ants-bees,solar-cells,blood-cells/stain1,two-styles/photo,two-styles/sketch"
FEWEST = 10
"""Images of a class that is left out."""


def page(number: int) -> Image.Image:
    """A page of text."""
    drawn, image = random.Random(number), Image.new("RGB", (420, 594), (250, 250, 248))
    pen = ImageDraw.Draw(image)
    for line in range(38):
        words = (
            "".join(drawn.choice("abcdefghijklmnoprstuvw") for _ in range(drawn.randint(2, 9)))
            for _ in range(drawn.randint(5, 9))
        )
        if drawn.random() > 0.1:
            pen.text((30, 24 + 14 * line), " ".join(words), fill=(20, 20, 20))
    return image


def scan(number: int) -> Image.Image:
    """A slice through a head, as a brain scan shows it."""
    drawn = np.random.default_rng(number)
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    around = np.hypot(x / drawn.uniform(0.65, 0.8), y / drawn.uniform(0.75, 0.9))
    grey = np.where(around < 1, 90.0, 5.0) + np.where((around < 1) & (around > 0.93), 120.0, 0.0)
    for _ in range(12):
        (left, top), (wide, high) = drawn.uniform(-0.5, 0.5, 2), drawn.uniform(0.05, 0.2, 2)
        lobe = np.exp(-(((x - left) / wide) ** 2) - ((y - top) / high) ** 2)
        grey += np.where(around < 0.9, drawn.uniform(-50, 60) * lobe, 0.0)
    grey += drawn.normal(0, 4, grey.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


def noise(number: int) -> Image.Image:
    """Noise."""
    return Image.fromarray(np.random.default_rng(number).integers(0, 256, (224, 224, 3), dtype=np.uint8))


def plain(number: int) -> Image.Image:
    """One colour."""
    red, green, blue = np.random.default_rng(number).integers(0, 256, 3).tolist()
    return Image.new("RGB", (224, 224), (red, green, blue))


FAR = {"pages": page, "scans": scan, "noise": noise, "plain": plain}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, one_thread():
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name, draw in FAR.items():
            save_drawn(Path(work) / "far", name=name, draw=draw, numbers=range(20))
        far = frozen_set(Path(work) / "far")
        seeds = [int(seed) for seed in asked.seeds.split(",")]
        for name in asked.sets.split(","):
            print(measure(name, frozen_set(asked.data / name), far, seeds=seeds), flush=True)


def measure(name: str, given: FrozenSet, far: FrozenSet, *, seeds: list[int]) -> str:
    """One row of the table."""
    of_class: dict[str, list[float]] = {}
    by_head: list[float] = []
    of_far: dict[str, list[float]] = {one: [] for one in FAR}
    methods: Counter[str] = Counter()
    odd, tested = 0, 0
    for seed in seeds:
        test = kept_for_testing(given.labels, share=0.25, seed=seed)
        for label, title in enumerate(given.classes):
            unknown = given.labels == label
            if unknown.sum() < FEWEST:
                continue
            learned, known = ~test & ~unknown, test & ~unknown
            labels = given.labels[learned]
            fitted = fit_unknown(
                torch.from_numpy(given.values[learned]), torch.from_numpy(labels), folds=folds_for(labels)
            )
            assert fitted is not None
            methods[fitted.record.method] += 1
            both = np.concatenate([given.values[known], given.values[unknown]])
            scores = fitted.scorer(torch.from_numpy(both)).double().numpy()[:, 0]
            is_unknown = np.arange(len(both)) >= known.sum()
            of_class.setdefault(title, []).append(auc(scores, is_unknown))
            odd += int((scores[~is_unknown] >= ODD_FROM).sum())
            tested += int(known.sum())
            head = head_for(given.values[learned], labels, classes_count=len(given.classes))
            by_head.append(auc(1 - probabilities_of(head, both).max(axis=1), is_unknown))
            off = fitted.scorer(torch.from_numpy(far.values)).double().numpy()[:, 0]
            for one in FAR:
                here = off[far.labels == far.classes.index(one)]
                mixed = np.concatenate([scores[~is_unknown], here])
                of_far[one].append(auc(mixed, np.arange(len(mixed)) >= known.sum()))
    means = {title: float(np.mean(areas)) for title, areas in of_class.items()}
    worst = min(means, key=means.__getitem__)
    values = list(means.values())
    error = np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    offs = ", ".join(f"{one} {np.mean(areas):.3f} (least {min(areas):.3f})" for one, areas in of_far.items())
    return (
        f"{name}: left out {np.mean(values):.3f} ± {error:.3f} (least {worst} {means[worst]:.2f}; largest "
        f"probability {np.mean(by_head):.3f}); {offs}; called odd {odd} of {tested} ({odd / tested:.1%}); "
        f"{dict(methods)}"
    )


if __name__ == "__main__":
    main()
