"""Memory and time with many images: 1 000 small ones against 60 000.

Usage: python -m tests.benchmarks.memory [--few 1000] [--many 60000] [--out build/bench-memory.json]

Each size runs in a process of its own, as the engine does it for a project: scan into the project with its
split, health checks, training with its stages (features, head, evaluation), reading of the results,
prediction over all images with a table. The memory of a stage is the highest that was resident during it; the
last row is the growth of the highest of all. Many images take some minutes, so this is no part of `make
bench`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, answer, apart, table, told, write
from tests.benchmarks.ours import predictions, run_operation
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.events import Event, StageStarted
from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.project.store import Project

SAMPLED_SECONDS = 0.05
LARGEST_GROWTH_MB = 300
WARM_IMAGES = 64


class Stages:
    """Seconds and highest memory of the parts of the work, which follow each other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.peak_mb: dict[str, float] = defaultdict(float)
        self._name = ""
        self._began = time.perf_counter()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Stages:
        self._watcher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.begin("")
        self._ended.set()
        self._watcher.join()

    def begin(self, name: str) -> None:
        """Begin another part; the one before it ends."""
        self._look()
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] += now - self._began
        self._name, self._began = name, now

    def follow(self, event: Event) -> None:
        """Training tells its own parts."""
        if isinstance(event, StageStarted) and event.stage != self._name:
            self.begin(event.stage)

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLED_SECONDS):
            self._look()

    def _look(self) -> None:
        name, held = self._name, (resident_memory_bytes() or 0) / 1e6
        if name:
            self.peak_mb[name] = max(self.peak_mb[name], held)


def measure(*, warm: str, folder: str, place: str) -> dict[str, Any]:
    """The figures of one size.

    Args:
        warm: A few other images, worked on first, so that libraries and buffers do not count.
        folder: The images.
        place: For projects and their runs.
    """
    _work(Path(warm), Path(place) / "warm", Stages())
    with Stages() as stages:
        count = _work(Path(folder), Path(place) / "measured", stages)
    return {"images": count, "seconds": stages.seconds, "peak_mb": stages.peak_mb}


def _work(folder: Path, home: Path, stages: Stages) -> int:
    """Everything a person does with a folder; how many images it holds."""
    run = home / "runs" / "run-1"
    with Project.create(home, name="bench", images_root=folder):
        stages.begin("scan")
        count = int(run_operation("scan-project", project=home, emit=stages.follow)["images"])
        stages.begin("check")
        run_operation("check-project", project=home, emit=stages.follow)
        stages.begin("preparation")
        run_operation("train-project", project=home, run=run, recipe={}, emit=stages.follow)
    stages.begin("results")
    for part in read_predictions_csv(run / "predictions.csv").values():
        compute_metrics(part)
    stages.begin("predict")
    answered = sum(1 for _ in predictions(run, [folder], csv=home / "answers.csv", emit=stages.follow))
    assert answered == count, f"{answered} answers for {count} images"
    return count


def main() -> None:
    """Measure both sizes, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=60_000)
    parser.add_argument("--out", type=Path, default=Path("build/bench-memory.json"))
    asked = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory(prefix="tlstudio-bench-") as place:
        home = Path(place)
        warm = photos.small(count=WARM_IMAGES)
        for count in (asked.few, asked.many):
            with told(f"{count} images"):
                figures[count] = apart(
                    "memory",
                    home=home / str(count),
                    warm=str(warm.folder),
                    folder=str(photos.small(count=count).folder),
                    place=str(home / f"runs-{count}"),
                )
    few, many = figures[asked.few], figures[asked.many]
    rows = []
    for stage in (stage for stage in many["peak_mb"] if stage in few["peak_mb"]):
        growth = many["peak_mb"][stage] - few["peak_mb"][stage]
        rows.append(
            Row(
                name=f"{stage}: memory from {asked.few} to {asked.many} images",
                each=(growth,),
                unit="MB",
                at_most=LARGEST_GROWTH_MB,
                note=f"{few['peak_mb'][stage]:.0f} → {many['peak_mb'][stage]:.0f} MB",
            )
        )
        per_image = tuple(one["seconds"][stage] / one["images"] * 1000 for one in (few, many))
        rows.append(
            Row(
                name=f"{stage}: time per image at {asked.many}",
                each=per_image[1:],
                unit="ms",
                note=f"{per_image[0]:.2f} ms at {asked.few}; {many['seconds'][stage]:.0f} s in all",
            )
        )
    highest = [max(one["peak_mb"].values()) for one in (few, many)]
    rows.append(
        Row(
            name=f"highest memory of all from {asked.few} to {asked.many} images",
            each=(highest[1] - highest[0],),
            unit="MB",
            at_most=LARGEST_GROWTH_MB,
            note=f"{highest[0]:.0f} → {highest[1]:.0f} MB",
        )
    )
    write(asked.out, rows, details=figures)
    print(table(rows))


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        answer(measure)
    else:
        main()
