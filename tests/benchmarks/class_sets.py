"""Do class sets hold the true class as often as they promise? Many divisions of real sets, linear head.

Usage: python tests/benchmarks/class_sets.py [--sets trash6,clothes,ants-bees] [--splits 50] [--coverage 0.9]
       [--test 0.2] [--data FOLDER]

In each division the head and the sets are made from the images that are not kept for testing, as in a run:
the sets from what heads that had not seen an image said to it. The table says how often the true class was
among those named for the test images, over all divisions and for the class for which it was least often, in
how many divisions the promise lies within the 95 % interval, and how many classes were named. Of D
independent divisions about 5 % fall outside by chance; chance is computed for the number that falls
*below*.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import binom

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.benchmarks.frozen_features import (  # noqa: E402 - works without being installed
    frozen_set,
    head_for,
    kept_for_testing,
    probabilities_of,
)
from tlstudio.compute.device import one_thread  # noqa: E402
from tlstudio.evaluation.class_sets import choose_sets, sets_json  # noqa: E402
from tlstudio.evaluation.predictions import Predictions  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default="trash6,clothes,ants-bees")
    parser.add_argument("--splits", type=int, default=50)
    parser.add_argument("--coverage", type=float, default=0.9)
    parser.add_argument("--test", type=float, default=0.2)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    print("set         n  held           least class    within  below  sd (binomial)    classes named")
    with tempfile.TemporaryDirectory() as work, one_thread():
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name in asked.sets.split(","):
            print(measure(name, asked.data, splits=asked.splits, coverage=asked.coverage, share=asked.test))


def measure(name: str, data: Path, *, splits: int, coverage: float, share: float) -> str:
    """One row of the table."""
    given = frozen_set(data / name)
    held: list[int] = []
    sizes: list[float] = []
    n, within, below = 0, 0, 0
    of_class = np.zeros((len(given.classes), 2))
    for seed in range(splits):
        test = kept_for_testing(given.labels, share=share, seed=seed)
        learned = given.labels[~test]
        head = head_for(given.values[~test], learned, classes_count=len(given.classes))
        unseen = np.asarray(head.held_out.double().softmax(dim=1).numpy(), dtype=np.float64)
        sets = choose_sets(_predictions(given.classes, unseen, learned), coverage=coverage)
        assert sets is not None, "too few images of a class"
        probabilities, labels = probabilities_of(head, given.values[test]), given.labels[test]
        found = sets_json(sets, _predictions(given.classes, probabilities, labels))
        assert found is not None
        held.append(found["held"])
        sizes.append(found["mean_size"])
        n = found["n"]
        low, high = found["interval"]
        within += low <= coverage <= high
        below += high < coverage
        for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
            named = sets.of(dict(zip(given.classes, row, strict=True)))
            of_class[label] += (given.classes[label] in named, 1)
    shares = of_class[:, 0] / of_class[:, 1]
    worst = int(shares.argmin())
    binomial = (coverage * (1 - coverage) / n) ** 0.5
    return (
        f"{name:10} {n:3}  {sum(held)} of {splits * n} ({sum(held) / splits / n:.3f})  "
        f"{given.classes[worst]} {shares[worst]:.3f}  {within} of {splits}  {below} "
        f"(chance of more {binom.sf(below, splits, 0.025):.2f})  "
        f"{np.std(np.array(held) / n):.3f} ({binomial:.3f})  {np.mean(sizes):.2f}"
    )


def _predictions(classes: tuple[str, ...], probabilities: np.ndarray, labels: np.ndarray) -> Predictions:
    return Predictions(
        paths=tuple(str(number) for number in range(len(labels))),
        classes=classes,
        probabilities=probabilities,
        true_indices=labels,
    )


if __name__ == "__main__":
    main()
