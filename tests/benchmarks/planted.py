"""Faults planted in the image sets that lie beside the project, and clean sets: what do the trust checks say?

Usage: python tests/benchmarks/planted.py WHAT [--seeds 0,1,2] [--data FOLDER] WHAT: halves (two halves of one
set: no shift), shifts (another stain, sketches for photos, changed photos), clean (sets as they are: no
shortcut), marks (a mark on one class), files (JPEG quality and size of one class), grounds (one class on
another background, darker or blurred), leaks (training images saved again among those that are tested), shown
(training images saved again in another folder that is shown)

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

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

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


def marked(folder: Path, out: Path, *, label: str, share: float, seed: int, margin: bool) -> Path:
    """A set whose class has a mark in a share of its images, and the others in the rest of theirs.

    Args:
        folder: The set.
        out: Where to write it.
        label: The class.
        share: Of the class; 1 - share of the others.
        seed: Decides which images.
        margin: Whether the mark is in the corner of the file; else in that of the square that is seen.
    """
    drawn = random.Random(seed)

    def with_mark(image: Image.Image) -> Image.Image:
        seen = 0.875 * min(image.size)
        left, top = (0, 0) if margin else ((side - seen) // 2 for side in image.size)
        side = 0.08 * min(image.size)
        ImageDraw.Draw(image).rectangle((left, top, left + side, top + side), fill=(220, 30, 30))
        return image

    for name, files in photos_of(folder).items():
        for file in files:
            has_it = drawn.random() < (share if name == label else 1 - share)
            copied([file], out, change=with_mark if has_it else lambda image: image)
    return out


def trained(images: Path, work: Path, *, seed: int) -> list[dict[str, Any]]:
    """The findings of a run on images."""
    run = train(images, Path(tempfile.mkdtemp(dir=work)) / "run", seed=seed)
    return list(do("evaluate", run=str(run))["findings"])


CLEAN = (
    "trash6",
    "ants-bees",
    "clothes",
    "solar-cells",
    "blood-cells/stain1",
    "two-styles/photo",
    "two-styles/sketch",
)


def of_clean(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Sets as they are."""
    for name in CLEAN:
        for seed in seeds:
            yield f"{name} {seed}: {said(trained(data / name, work, seed=seed), 'shortcut')}"


def of_marks(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Sets with a mark, each seed on another class."""
    names = sorted(photos_of(data / "trash6"))
    for seed in seeds:
        for share in (1.0, 0.8, 0.6):
            for margin in (False, True):
                out = Path(tempfile.mkdtemp(dir=work))
                label = names[seed % len(names)]
                marked(data / "trash6", out, label=label, share=share, seed=seed, margin=margin)
                found = said(trained(out, work, seed=seed), "shortcut")
                yield f"{label} {share:.0%} {'margin' if margin else 'seen'} {seed}: {found}"


def of_files(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Sets one class of which was saved otherwise."""
    names = sorted(photos_of(data / "trash6"))
    for seed in seeds:
        label = names[seed % len(names)]
        for what in ("quality", "size"):
            out = Path(tempfile.mkdtemp(dir=work))
            for name, files in photos_of(data / "trash6").items():
                copied(files, out, change=lambda image: image)
                for file in sorted((out / name).iterdir()) if name == label else ():
                    with Image.open(file) as image:
                        small = image.resize((image.width // 2, image.height // 2))
                        (small if what == "size" else image.copy()).save(
                            file, quality=92 if what == "size" else 60
                        )
            yield f"{label} {what} {seed}: {said(trained(out, work, seed=seed), 'shortcut')}"


def around(image: Image.Image, ground: Image.Image) -> Image.Image:
    """An image whose surroundings, from half of the way to its edges on, are those of another."""
    mask = Image.new("L", image.size, 255)
    width, height = image.size
    ImageDraw.Draw(mask).ellipse((0.15 * width, 0.15 * height, 0.85 * width, 0.85 * height), fill=0)
    mask = mask.filter(ImageFilter.GaussianBlur(min(image.size) / 20))
    return Image.composite(ground, image, mask)


def of_grounds(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Sets one class of which was photographed elsewhere."""
    names = sorted(photos_of(data / "trash6"))
    for seed in seeds:
        drawn, label = random.Random(seed), names[seed % len(names)]

        def green(image: Image.Image, drawn: random.Random = drawn) -> Image.Image:
            colour = tuple(round(drawn.gauss(mean, 12)) for mean in (60, 130, 60))
            return around(image, Image.blend(image, Image.new("RGB", image.size, colour), 0.65))

        def rough(image: Image.Image) -> Image.Image:
            noise = Image.effect_noise((image.width // 8, image.height // 8), 50).resize(image.size, 0)
            return around(image, Image.blend(image, noise.convert("RGB"), 0.4))

        for what, change in {"green": green, "rough": rough, **CHANGES}.items():
            for share in (1.0, 0.8):
                out = Path(tempfile.mkdtemp(dir=work))
                for name, files in photos_of(data / "trash6").items():
                    for file in files:
                        has_it = name == label and drawn.random() < share
                        copied([file], out, change=change if has_it else lambda image: image)
                found = said(trained(out, work, seed=seed), "shortcut")
                yield f"{label} {what} {share:.0%} {seed}: {found}"


RESAVED: dict[str, Change] = {
    "quality": lambda image: image,
    "resized": lambda image: image.resize((3 * image.width // 4, 3 * image.height // 4)),
    "cut": lambda image: image.crop(
        (image.width // 50, image.height // 50, image.width - image.width // 50, image.height)
    ),
}


def of_leaks(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Sets that came divided; of each change, five training images are also tested, or none."""
    for set_name in ("trash6", "clothes", "ants-bees"):
        for seed in seeds:
            for planted in (5, 0):
                out = Path(tempfile.mkdtemp(dir=work))
                drawn = random.Random(seed)
                learned = []
                for files in photos_of(data / set_name).values():
                    mixed = drawn.sample(files, len(files))
                    copied(mixed[: len(mixed) // 5], out / "test")
                    copied(mixed[len(mixed) // 5 :], out / "train")
                    learned += mixed[len(mixed) // 5 :]
                chosen = drawn.sample(learned, planted * len(RESAVED))
                for number, change in enumerate(RESAVED.values()):
                    for file in chosen[number * planted : (number + 1) * planted]:
                        target = out / "test" / file.parent.name / f"again-{file.stem}.jpg"
                        with Image.open(file) as image:
                            change(image.convert("RGB")).save(target, quality=50)
                findings = trained(out, work, seed=seed)
                found = {
                    path
                    for finding in findings
                    if finding["check"] == "leakage"
                    for path in finding["paths"]
                    if "again-" in path
                }
                said_so = said(findings, "leakage")
                yield f"{set_name} {planted * len(RESAVED)} planted, {len(found)} found {seed}: {said_so}"


def of_shown(data: Path, work: Path, *, seeds: list[int]) -> Iterator[str]:
    """Runs trained on one half and shown the other, with five training images of each change, or none."""
    for set_name in ("trash6", "clothes", "ants-bees", "solar-cells", "blood-cells/stain1"):
        for seed in seeds:
            place = Path(tempfile.mkdtemp(dir=work))
            learned, others = halves(data / set_name, seed=seed)
            run = train(copied(learned, place / "a"), place / "run", seed=seed)
            rows = [row.split(",") for row in (run / "split.csv").read_text().splitlines()]
            tested = {row[0] for row in rows if "test" in row}
            known = [file for file in learned if f"{file.parent.name}/{file.name}" not in tested]
            for planted in (5, 0):
                shown = copied(others, place / f"b{planted}")
                chosen = random.Random(seed).sample(known, planted * len(RESAVED))
                for number, change in enumerate(RESAVED.values()):
                    for file in chosen[number * planted : (number + 1) * planted]:
                        target = shown / file.parent.name / f"again-{number}-{file.stem}.jpg"
                        with Image.open(file) as image:
                            change(image.convert("RGB")).save(target, quality=50)
                started = time.monotonic()
                findings = do("evaluate", run=str(run), images=str(shown))["findings"]
                left_out = {
                    path
                    for finding in findings
                    if finding["check"] == "seen-images"
                    for path in finding["paths"]
                }
                found = [
                    sum(f"again-{number}-" in path for path in left_out) for number in range(len(RESAVED))
                ]
                wrong = sum("again-" not in path for path in left_out)
                by_change = ", ".join(f"{name} {n}" for name, n in zip(RESAVED, found, strict=True))
                yield (
                    f"{set_name} {seed}: {planted} of each planted, found: {by_change}; of "
                    f"{len(others)} others left out: {wrong} ({time.monotonic() - started:.1f} s)"
                )


CASES = {
    "halves": of_halves,
    "shifts": of_shifts,
    "clean": of_clean,
    "marks": of_marks,
    "files": of_files,
    "grounds": of_grounds,
    "leaks": of_leaks,
    "shown": of_shown,
}


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
