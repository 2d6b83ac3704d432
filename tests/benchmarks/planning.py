"""How near the estimate before a run comes to what then happens: `python -m tests.benchmarks.planning`.

Each case is estimated and then trained in a process of its own, with an empty cache, after a run on other
images, as in an engine that has been up for a while. On a busy computer give `--cpu`: seconds of the
processor instead of the wall's, with one thread.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import Row, answer, apart, table, told, write
from tests.benchmarks.ours import run_operation
from tests.benchmarks.photos import ordinary, stamped
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.events import EpochEnded, Event, StageProgress, StageStarted
from tlstudio.specs.recipe import build_recipe

Values = dict[str, Any]

FINE = {"strategy": "fine-tune", "epochs": 5}
CASES: dict[str, Values] = {
    "only the head": {},
    "from conv_head": {**FINE, "freeze": "conv_head"},
    "from blocks.6": {**FINE, "freeze": "blocks.6"},
    "from blocks.5": {**FINE, "freeze": "blocks.5"},
    "everything": {**FINE, "freeze": "none", "epochs": 2},
}
PARTS = ("total_seconds", "features_seconds", "seconds_per_epoch", "evaluation_seconds", "memory_bytes")
PHOTOS_PER_CLASS = (20, 50)


def compare(*, folder: str, other: str, place: str, recipe: Values, cpu: bool) -> Values:
    """Estimate a run and do it; both as numbers by the names of `RunEstimate`."""
    from tlstudio.project.store import Project
    from tlstudio.training.planning.estimate import estimate_run

    clock = time.process_time if cpu else time.perf_counter
    settings = build_recipe({"threads": 1 if cpu else None, **recipe})
    run_operation("train", folder=other, run=Path(place) / "other", recipe={"threads": 1 if cpu else None})
    with Project.create(Path(place) / "project", name="bench", images_root=Path(folder)) as project:
        run_operation("scan-project", project=project.folder)
        from tlstudio.project.runs import RunFolder

        began = clock()
        estimate = asdict(
            estimate_run(
                project.dataset(),
                RunFolder(Path(place) / "run"),
                settings,
                split=project.split(),
                control=Control(),
                clock=clock,
            )
        )
        estimating = clock() - began
        notes: list[tuple[str, float]] = []
        peak = 0

        def note(event: Event) -> None:
            nonlocal peak
            peak = max(peak, resident_memory_bytes() or 0)
            if isinstance(event, StageStarted | StageProgress):
                notes.append((event.stage, clock()))
            elif isinstance(event, EpochEnded):
                notes.append(("epoch", clock()))

        began = clock()
        run_operation(
            "train-project",
            project=project.folder,
            run=Path(place) / "run",
            recipe=settings,
            emit=note,
        )
        total = clock() - began
    epochs = [at for kind, at in notes if kind == "epoch"]
    asked = [at for kind, at in notes if kind == "evaluation"]
    looked = [at for kind, at in notes if kind == "features"]
    real = {
        "total_seconds": total,
        "features_seconds": looked[-1] - looked[0] if looked else None,
        "seconds_per_epoch": (epochs[-1] - epochs[0]) / max(1, len(epochs) - 1) if epochs else None,
        "evaluation_seconds": asked[-1] - asked[0] if asked else None,
        "memory_bytes": peak,
    }
    return {"estimate": estimate, "real": real, "estimating_seconds": estimating}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu", action="store_true", help="compare seconds of the processor, one thread")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="one of the cases")
    parser.add_argument("--out", type=Path, default=Path("build/bench-planning.json"))
    options = parser.parse_args()
    rows: list[Row] = []
    for per_class in PHOTOS_PER_CLASS:
        for name, recipe in CASES.items():
            if options.only not in (None, name):
                continue
            rounds = [_round(per_class, recipe, number, cpu=options.cpu) for number in range(options.rounds)]
            about = f"{6 * per_class} photos, {name}"
            rows += _rows(about, rounds)
            print(table(rows[-len(PARTS) - 1 :]), file=sys.stderr, flush=True)
    print(table(rows))
    write(options.out, rows, cpu=options.cpu)


def _round(per_class: int, recipe: Values, number: int, *, cpu: bool) -> Values:
    home = Path(tempfile.mkdtemp(prefix="tlstudio-planning-"))
    try:
        mark = f"planning-{per_class}-{number}"
        folder = stamped(ordinary(), home / "photos", mark=mark, at_most=per_class)
        other = stamped(ordinary(), home / "other", mark="other", at_most=4)
        with told(f"{6 * per_class} photos, {recipe}"):
            result: Values = apart(
                "planning",
                home=home,
                folder=str(folder),
                other=str(other),
                place=str(home / "place"),
                recipe=recipe,
                cpu=cpu,
            )
        return result
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _rows(about: str, rounds: list[Values]) -> list[Row]:
    rows = []
    for part in PARTS:
        pairs = [(one["estimate"][part], one["real"][part]) for one in rounds]
        if all(guess is not None and real for guess, real in pairs):
            each = tuple(guess / real for guess, real in pairs)
            bound = (
                {"at_least": 0.7, "at_most": 1.3} if part in ("total_seconds", "seconds_per_epoch") else {}
            )
            unit = " MB" if part == "memory_bytes" else " s"
            scale = 1e6 if part == "memory_bytes" else 1
            note = "; ".join(f"{guess / scale:.3g} for {real / scale:.3g}{unit}" for guess, real in pairs)
            rows.append(Row(name=f"{about}: {part}", each=each, unit="×", note=note, **bound))
    spent = tuple(one["estimating_seconds"] for one in rounds)
    rows.append(Row(name=f"{about}: the estimate itself", each=spent, unit="s"))
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("{"):
        answer(compare)
    else:
        main()
