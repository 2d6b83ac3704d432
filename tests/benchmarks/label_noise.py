"""How many wrong labels are found: 5 % of the labels of image sets flipped, and the sets as they are.

Usage: python tests/benchmarks/label_noise.py [--sets trash6,clothes] [--seeds 5] [--data FOLDER]

Of each set 80 % are drawn, as a training set would be. Prints for each set the share of the flipped labels in
the first tenth of the list (mean and standard error over the seeds), how many labels were named and how many
of these were flipped; then the labels named in the set as it is, to be looked at.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import torch

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tlstudio.checks.evidence import Evidence  # noqa: E402 - works without being installed
from tlstudio.core.control import Control  # noqa: E402
from tlstudio.data.scan import scan_folder  # noqa: E402
from tlstudio.data.units import unit_numbers  # noqa: E402
from tlstudio.evaluation.label_scores import WRONG  # noqa: E402
from tlstudio.training.head.label_scores import LabelScores, score_labels  # noqa: E402

SETS = ("trash6", "clothes", "ants-bees", "blood-cells/stain1", "two-styles/photo", "two-styles/sketch")
FLIPPED, DRAWN = 0.05, 0.8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    options = parser.parse_args()
    for name in options.sets.split(","):
        measure(options.data / name, name=name, seeds=options.seeds)


def measure(folder: Path, *, name: str, seeds: int) -> None:
    dataset = scan_folder(folder)
    features = torch.from_numpy(Evidence(dataset=dataset).features(control=Control()).values)
    classes = dataset.classes
    labels = torch.tensor([classes.index(image.label() or "") for image in dataset.images])
    units = torch.tensor(unit_numbers(dataset.images))

    def score(rows: torch.Tensor, labels: torch.Tensor) -> LabelScores:
        return score_labels(
            features[rows],
            labels,
            units=units[rows].tolist(),
            classes_count=len(classes),
            seed=0,
            control=Control(),
        )

    shares, named, right = [], 0, 0
    for seed in range(seeds):
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randperm(len(labels), generator=generator)[: round(DRAWN * len(labels))]
        number = round(FLIPPED * len(rows))
        flipped = torch.randperm(len(rows), generator=generator)[:number]
        given = labels[rows].clone()
        given[flipped] += torch.randint(1, len(classes), (number,), generator=generator)
        given %= len(classes)
        scores = score(rows, given)
        wrong = torch.zeros(len(rows), dtype=torch.bool)
        wrong[flipped] = True
        shares.append(float(wrong[scores.order()[: len(rows) // 10]].sum()) / number)
        suspected = (scores.wrong > WRONG) & scores.is_shown
        named, right = named + int(suspected.sum()), right + int((suspected & wrong).sum())
    error = statistics.stdev(shares) / len(shares) ** 0.5 if len(shares) > 1 else 0.0
    total = seeds * round(FLIPPED * round(DRAWN * len(labels)))
    print(
        f"{name}: {statistics.mean(shares):.2f} ± {error:.2f} in the first tenth; "
        f"{named} named, {right} of them among the {total} flipped"
    )
    scores = score(torch.arange(len(labels)), labels)
    low, high = scores.interval
    print(f"  as it is: {scores.rate:.3f} ({low:.3f}–{high:.3f}) wrong, shown: {scores.is_shown}")
    for row in scores.order():
        if scores.wrong[row] > WRONG:
            suggestion = classes[int(scores.suggestions[row])]
            print(f"    {dataset.images[row].path} → {suggestion} ({float(scores.wrong[row]):.2f})")


if __name__ == "__main__":
    main()
