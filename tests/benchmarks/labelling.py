"""Labels needed for 95 % of the accuracy with all labels: those that teach most, against random ones.

Usage: python tests/benchmarks/labelling.py [--sets trash6,clothes,…] [--seeds N] [--step N] [--data FOLDER]

In each division 30 % of each class are kept for testing, and the others are labelled `step` at a time. The
table says how many labels it took until the head was for the first time as often right on the test images as
95 % of a head with all labels, the mean over divisions (of random orders, three each).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.benchmarks.frozen_features import (  # noqa: E402 - works without being installed
    FrozenSet,
    frozen_set,
    kept_for_testing,
)
from tlstudio.compute.device import one_thread  # noqa: E402
from tlstudio.labelling.head import LabellingHead, fit_head  # noqa: E402
from tlstudio.labelling.next_images import useful_images  # noqa: E402

SETS = "trash6,clothes,two-styles,ants-bees,blood-cells/stain1,solar-cells"
TEST_SHARE, WANTED = 0.3, 0.95
RANDOM_ORDERS = 3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--step", type=int, default=5)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    print("set                  to label   useful   random   saved   fewer labels in")
    with tempfile.TemporaryDirectory() as work, one_thread():
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name in asked.sets.split(","):
            print(
                measure(name, frozen_set(asked.data / name), seeds=asked.seeds, step=asked.step), flush=True
            )


def measure(name: str, given: FrozenSet, *, seeds: int, step: int) -> str:
    """One row of the table."""
    useful, random, fewer, to_label = [], [], 0, 0
    for seed in range(seeds):
        kept = kept_for_testing(given.labels, share=TEST_SHARE, seed=seed)
        known, test = (
            FrozenSet(classes=given.classes, labels=given.labels[rows], values=given.values[rows])
            for rows in (~kept, kept)
        )
        to_label = len(known.labels)
        whole = fit_head(known.values, known.labels, classes_count=len(given.classes))
        wanted = WANTED * accuracy(whole, test)
        orders = range(RANDOM_ORDERS * seed, RANDOM_ORDERS * (seed + 1))
        drawn = [labels_needed(known, test, wanted, step=step, order=order) for order in orders]
        useful.append(labels_needed(known, test, wanted, step=step))
        fewer += useful[-1] < np.mean(drawn)
        random += drawn
    saved = 1 - np.mean(useful) / np.mean(random)
    return (
        f"{name:20} {to_label:8} {np.mean(useful):8.1f} {np.mean(random):8.1f} {saved:7.0%}"
        f"   {fewer} of {seeds}"
    )


def labels_needed(
    known: FrozenSet, test: FrozenSet, wanted: float, *, step: int, order: int | None = None
) -> int:
    """Labels until the wanted accuracy is reached, the most useful first or in a random order."""
    labels, head = np.full(len(known.labels), -1, dtype=np.int64), None
    shuffled = np.random.default_rng(order).permutation(len(labels))
    while (labels < 0).any() and accuracy(head, test) < wanted:
        if order is None:
            near: list[str | None] = [None] * len(labels)
            rows = useful_images(known.values, labels, near=near, head=head, number=step)
        else:
            rows = shuffled[labels[shuffled] < 0][:step]
        labels[rows] = known.labels[rows]
        found = labels >= 0
        if len(np.unique(labels[found])) > 1:
            head = fit_head(known.values[found], labels[found], classes_count=len(known.classes))
    return int((labels >= 0).sum())


def accuracy(head: LabellingHead | None, test: FrozenSet) -> float:
    """Share of test images that the head answers rightly; 0 without a head."""
    if head is None:
        return 0.0
    return float((head.probabilities(test.values).argmax(axis=1) == test.labels).mean())


if __name__ == "__main__":
    main()
