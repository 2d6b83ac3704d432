"""Whether “Choose for me” is worth it: against the linear probe on the same splits, and how long it takes.

Usage: python -m tests.benchmarks.choose_for_me [--sets trash6,clothes] [--seeds 0,1,2] [--threads N]
       [--data FOLDER] [--out FILE.json]

For each set and seed both are trained on the same split, 70/15/15. Printed per set: mean test accuracy of
both, the paired difference with its standard error, how often which backbone and freeze line were chosen, and
seconds of the slowest run. The activations that earlier seeds left in the cache are used, as on a person's
second run; the first seed of a set begins with none. Seconds of processor time divided by two are what two
idle cores would take at best.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs import settings_to_choose
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.run.run import train_run

REPOSITORY = Path(__file__).resolve().parents[2]
SETS = ("ants-bees", "trash6", "clothes", "blood-cells/stain1", "solar-cells", "two-styles/sketch")
STRATEGIES: dict[str, dict[str, Any]] = {
    "probe": {},
    "auto": settings_to_choose(),
}


def measure(folder: Path, *, seed: int, threads: int | None, work: Path) -> dict[str, Any]:
    """One split: test accuracy of both, what was chosen, and seconds of the choosing run."""
    dataset = scan_folder(folder)
    figures: dict[str, Any] = {"seed": seed}
    for name, values in STRATEGIES.items():
        run = RunFolder(Path(tempfile.mkdtemp(dir=work)) / "run")
        recipe = build_recipe({**values, "seed": seed, "threads": threads})
        started, processor = time.perf_counter(), time.process_time()
        result = train_run(dataset, run, recipe, emit=ignore, control=Control())
        figures |= {
            name: result["test"]["accuracy"],
            f"{name}_seconds": time.perf_counter() - started,
            f"{name}_processor_seconds": time.process_time() - processor,
        }
        chosen = run.read_json(run.recipe)
        figures["freeze"] = f"{chosen['backbone']['id']} {chosen['freeze']}"
    return figures


def row(name: str, runs: list[dict[str, Any]]) -> str:
    """One set as a line of the table."""
    probe, auto = ([run[kind] for run in runs] for kind in ("probe", "auto"))
    differences = [a - p for a, p in zip(auto, probe, strict=True)]
    error = statistics.stdev(differences) / len(runs) ** 0.5 if len(runs) > 1 else float("nan")
    chosen = ", ".join(f"{line} {count}" for line, count in Counter(r["freeze"] for r in runs).most_common())
    slowest = max(run["auto_seconds"] for run in runs)
    processor = max(run["auto_processor_seconds"] for run in runs)
    return (
        f"{name:20} probe {statistics.mean(probe):.3f}  auto {statistics.mean(auto):.3f}  "
        f"difference {statistics.mean(differences):+.3f} ± {error:.3f}  "
        f"slowest {slowest:.0f} s ({processor:.0f} s of processor time)  {chosen}"
    )


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path("build/choose-for-me.json"))
    asked = parser.parse_args()
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory(prefix="tlstudio-bench-") as place:
        os.environ["TLSTUDIO_CACHE"] = str(Path(place, "cache"))
        for name in asked.sets.split(","):
            runs = found[name] = []
            for seed in seeds:
                runs.append(measure(asked.data / name, seed=seed, threads=asked.threads, work=Path(place)))
                print(f"  {json.dumps(runs[-1])}", flush=True)
                asked.out.parent.mkdir(parents=True, exist_ok=True)
                asked.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
            print(row(name, runs), flush=True)
    everything = [run["auto"] - run["probe"] for runs in found.values() for run in runs]
    print(f"mean difference over the sets: {statistics.mean(everything):+.4f}")


if __name__ == "__main__":
    main()
