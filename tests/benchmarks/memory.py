"""Memory and time with many images: 1 000 small ones against 60 000.

Usage: python -m tests.benchmarks.memory [--few 1000] [--many 60000] [--out build/bench-memory.json]

Each size runs in a process of its own: scan, features and training, prediction over all images. The memory of
a stage is the highest that was resident during it. Many images take some minutes, so this is no part of
`make bench`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, answer, apart, table, told, write
from tlstudio.core.control import Control
from tlstudio.core.device import resident_memory_bytes
from tlstudio.core.events import ignore
from tlstudio.core.recipe import build_recipe

SAMPLED_SECONDS = 0.05
LARGEST_GROWTH_MB = 300
WARM_IMAGES = 64


class Stages:
    """Seconds and highest memory of named parts of the work."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what runs inside."""
        ended = threading.Event()
        peak = [resident_memory_bytes() or 0]

        def watch() -> None:
            while not ended.wait(SAMPLED_SECONDS):
                peak[0] = max(peak[0], resident_memory_bytes() or 0)

        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - started
            ended.set()
            watcher.join()
            self.peak_mb[name] = peak[0] / 1e6


def measure(*, warm: str, folder: str, place: str) -> dict[str, Any]:
    """The figures of one size.

    Args:
        warm: A few other images, trained on first, so that libraries and buffers do not count.
        folder: The images.
        place: For run folders.
    """
    from tlstudio import workflow
    from tlstudio.data.scan import scan_folder

    recipe = build_recipe({})

    def train(images: str, name: str) -> dict[str, Any]:
        return workflow.train(
            Path(images),
            run=Path(place) / name,
            recipe=recipe,
            run_id="bench",
            emit=ignore,
            control=Control(),
        )

    train(warm, "warm")
    stages = Stages()
    with stages.stage("scan"):
        count = len(scan_folder(Path(folder)).records)
    with stages.stage("train"):
        result = train(folder, "run")
    with stages.stage("predict"):
        answers = workflow.predict(
            Path(place) / "run", [Path(folder)], run_id="bench", emit=ignore, control=Control()
        )
        answered = sum(1 for _ in answers)
    assert answered == count, f"{answered} answers for {count} images"
    return {
        "images": count,
        "seconds": stages.seconds,
        "peak_mb": stages.peak_mb,
        "train_seconds": result["seconds"],
    }


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
    for stage in many["peak_mb"]:
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
    write(asked.out, rows, details=figures)
    print(table(rows))


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        answer(measure)
    else:
        main()
