"""How accurate a strategy is: mean test accuracy over seeds, on the image sets that lie beside the project.

Usage: python tests/benchmarks/accuracy.py [--sets trash6,clothes] [--seeds 0,1,2] [--strategy ID]
       [--freeze STAGE] [--recipe JSON] [--out FILE.json] [--data FOLDER]

Prints one line per set with mean ± standard error over the seeds, and writes all figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tlstudio.core.control import Control  # noqa: E402 - works without being installed
from tlstudio.core.events import ignore  # noqa: E402
from tlstudio.data.scan import scan_folder  # noqa: E402
from tlstudio.project.runs import RunFolder  # noqa: E402
from tlstudio.specs.recipe import build_recipe  # noqa: E402
from tlstudio.training.run.run import train_run  # noqa: E402

TO_REACH = {
    "ants-bees": (0.932, 0.008),
    "trash6": (0.769, 0.016),
    "clothes": (0.856, 0.011),
    "blood-cells/stain1": (0.838, 0.019),
    "solar-cells": (0.435, 0.014),
}
"""A plain tuned linear probe on EfficientNet-Lite0, 70/15/15, seeds 0–9: mean and standard error."""


def measure(folder: Path, *, seeds: list[int], values: dict[str, Any], work: Path) -> list[dict[str, Any]]:
    """One run per seed; the features are computed once for all of them."""
    dataset = scan_folder(folder)
    results = []
    for seed in seeds:
        run = RunFolder(Path(tempfile.mkdtemp(dir=work)) / "run")
        recipe = build_recipe({**values, "seed": seed})
        result = train_run(dataset, run, recipe, emit=ignore, control=Control())
        results.append({"seed": seed, **result})
        print(f"  seed {seed}: test {result['test']['accuracy']:.3f}, best epoch {result['best_epoch']}")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(TO_REACH))
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--strategy", default="linear-probe")
    parser.add_argument("--freeze", default="head")
    parser.add_argument("--recipe", default="{}", help="more settings, as JSON")
    parser.add_argument("--out", type=Path, default=Path("accuracy.json"))
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    values = {**json.loads(asked.recipe), "strategy": asked.strategy, "freeze": asked.freeze}
    table: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as work:
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name in asked.sets.split(","):
            print(name)
            started = time.monotonic()
            seeds = [int(seed) for seed in asked.seeds.split(",")]
            results = measure(asked.data / name, seeds=seeds, values=values, work=Path(work))
            accuracies = [result["test"]["accuracy"] for result in results]
            error = statistics.stdev(accuracies) / len(accuracies) ** 0.5 if len(accuracies) > 1 else 0.0
            table[name] = {
                "mean": statistics.mean(accuracies),
                "standard_error": error,
                "seconds": time.monotonic() - started,
                "runs": results,
            }
    print(f"\n{'set':20} {'test accuracy':>16} {'to reach':>16}  seconds per run")
    for name, row in table.items():
        bar = "{:.3f} ± {:.3f}".format(*TO_REACH[name]) if name in TO_REACH else ""
        each = row["seconds"] / len(row["runs"])
        print(f"{name:20} {row['mean']:>8.3f} ± {row['standard_error']:.3f} {bar:>16}  {each:.1f}")
    asked.out.write_text(json.dumps({"settings": values, "sets": table}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
