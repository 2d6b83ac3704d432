"""Faults planted in the image sets that lie beside the project, and clean sets: what do the trust checks say?

Usage: python tests/benchmarks/planted.py WHAT [--seeds 0,1,2] [--data FOLDER]
WHAT: halves (two halves of one set: no shift), shifts (another stain, sketches for photos, changed photos)

Prints one line per case with the severities of the findings of the check.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance, ImageFilter

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tlstudio.core.control import Control  # noqa: E402 - works without being installed
from tlstudio.core.events import ignore  # noqa: E402
from tlstudio.operations.context import Context  # noqa: E402
from tlstudio.operations.run import run_operation  # noqa: E402

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}
Change = Callable[[Image.Image], Image.Image]


def photos_of(folder: Path) -> dict[str, list[Path]]:
    """The image files of each class folder."""
    return {
        sub.name: sorted(file for file in sub.iterdir() if file.suffix.lower() in SUFFIXES)
        for sub in sorted(folder.iterdir())
        if sub.is_dir()
    }


def copied(files: Iterable[Path], out: Path, *, change: Change | None = None) -> Path:
    """Copies of files in their class folders, changed where wished."""
    for file in files:
        target = out / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if change is None:
            shutil.copy(file, target)
        else:
            with Image.open(file) as image:
                change(image.convert("RGB")).save(target.with_suffix(".jpg"), quality=92)
    return out


def do(operation: str, **arguments: Any) -> dict[str, Any]:
    """Run an operation."""
    context = Context(run_id="planted", emit=ignore, control=Control())
    return dict(run_operation(operation, arguments, context=context))


def halves(folder: Path, *, seed: int) -> tuple[list[Path], list[Path]]:
    """Two random halves of each class."""
    drawn = random.Random(seed)
    first: list[Path] = []
    second: list[Path] = []
    for files in photos_of(folder).values():
        mixed = drawn.sample(files, len(files))
        first += mixed[::2]
        second += mixed[1::2]
    return first, second


def train(images: Path, run: Path, *, seed: int) -> Path:
    """A linear probe with a test set."""
    recipe = {"seed": seed, "split": {"validation": 0.15, "test": 0.15}}
    do("train", folder=str(images), run=str(run), recipe=recipe)
    return run


def said(findings: Iterable[dict[str, Any]], check: str) -> str:
    """The findings of a check in one line."""
    return " | ".join(
        f"{finding['severity']}: {finding['message']}" for finding in findings if finding["check"] == check
    )


def of_halves(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Runs trained on one half and shown the other."""
    for name in ("trash6", "clothes", "ants-bees"):
        for seed in seeds:
            place = Path(tempfile.mkdtemp(dir=work))
            first, second = halves(data / name, seed=seed)
            run = train(copied(first, place / "a"), place / "run", seed=seed)
            shown = do("evaluate", run=str(run), images=str(copied(second, place / "b")))
            yield f"{name} {seed}: {said(shown['findings'], 'shift')}"


CHANGES: dict[str, Change] = {
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 120)),
    "paler": lambda image: ImageEnhance.Color(image).enhance(0.4),
    "half as large": lambda image: image.resize((image.width // 2, image.height // 2)),
}


def of_shifts(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Runs shown images of another kind."""
    pairs = {
        "stain1 → stain2": ("blood-cells/stain1", "blood-cells/stain2"),
        "stain2 → stain1": ("blood-cells/stain2", "blood-cells/stain1"),
        "photo → sketch": ("two-styles/photo", "two-styles/sketch"),
        "sketch → photo": ("two-styles/sketch", "two-styles/photo"),
    }
    for seed in seeds:
        for name, (here, there) in pairs.items():
            run = train(data / here, Path(tempfile.mkdtemp(dir=work)) / "run", seed=seed)
            started = time.monotonic()
            shown = do("evaluate", run=str(run), images=str(data / there))
            yield f"{name} {seed} ({time.monotonic() - started:.1f} s): {said(shown['findings'], 'shift')}"
        place = Path(tempfile.mkdtemp(dir=work))
        first, second = halves(data / "trash6", seed=seed)
        run = train(copied(first, place / "a"), place / "run", seed=seed)
        for name, change in CHANGES.items():
            images = copied(second, place / name, change=change)
            shown = do("evaluate", run=str(run), images=str(images))
            yield f"trash6 {name} {seed}: {said(shown['findings'], 'shift')}"


CASES = {"halves": of_halves, "shifts": of_shifts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=sorted(CASES))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        seeds = [int(seed) for seed in asked.seeds.split(",")]
        for line in CASES[asked.what](asked.data, Path(work), seeds=seeds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
