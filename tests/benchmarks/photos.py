"""Photos to measure on: real ones where the image sets lie beside the project, else the project's own.

`ordinary` makes at least 300 photos of about 500 × 375, `large` 40 of 12 megapixels, `small` any number of
64 × 64. All are made once per machine and kept in the system's folder of temporary files.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
ORDINARY_PIXELS = 500 * 375
LARGE_LONG_SIDE = 4000
JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """A folder with one sub-folder per class.

    Attributes:
        folder: Where it lies.
        count: How many images.
        origin: What they were made from, in words.
    """

    folder: Path
    count: int
    origin: str


def shared_data() -> Path | None:
    """The folder of real image sets beside the project, where it is there."""
    asked = os.environ.get("TLSTUDIO_SHARED_DATA")
    folder = Path(asked) if asked else REPOSITORY.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def ordinary(*, at_least: int = 300) -> Photos:
    """At least so many photos of about 500 × 375, in six classes.

    Args:
        at_least: Images; real sets are repeated with each repeat cropped differently, so that none is a copy.
    """
    return _kept("ordinary", at_least, lambda out: _write(out, at_least, _ordinary_size))


def large(*, count: int = 40) -> Photos:
    """Photos of 12 megapixels (4000 × 3000, upscaled), as a phone makes them."""
    return _kept("large", count, lambda out: _write(out, count, _large_size))


def small(*, count: int, classes: int = 4) -> Photos:
    """Drawn images of 64 × 64, all different; some thousand a second.

    Args:
        count: Images.
        classes: Sub-folders, told apart by colour.
    """

    def make(out: Path) -> str:
        rng = np.random.default_rng(0)
        grains = rng.integers(0, 64, (64, 64, 64, 3), dtype=np.uint8)
        for index in range(classes):
            (out / f"class-{index}").mkdir()
        for number in range(count):
            index = number % classes
            pixels = grains[number % 64].copy()
            pixels[:, :, index % 3] += np.uint8(60 + 30 * (index // 3))
            # The number itself is drawn in as 16 squares, so no two files are alike.
            bits = [(number >> bit) & 1 for bit in range(16)]
            for place, bit in enumerate(bits):
                row, column = divmod(place, 4)
                pixels[row * 16 + 4 : row * 16 + 12, column * 16 + 4 : column * 16 + 12] += np.uint8(90 * bit)
            data = BytesIO()
            Image.fromarray(pixels).save(data, "JPEG", quality=80)
            (out / f"class-{index}" / f"{number:06d}.jpg").write_bytes(data.getvalue())
        return "drawn"

    return _kept("small", count, make)


def stamped(photos: Photos, out: Path, *, mark: str, at_most: int | None = None) -> Path:
    """The same photos with a comment in each file, so that no cache knows them.

    Args:
        photos: JPEGs.
        out: A folder that is not there yet.
        mark: The comment; another mark, another content hash.
        at_most: Photos per class.
    """
    text = mark.encode()
    comment = b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
    for folder in sorted(path for path in photos.folder.iterdir() if path.is_dir()):
        (out / folder.name).mkdir(parents=True)
        for file in sorted(folder.iterdir())[:at_most]:
            data = file.read_bytes()
            (out / folder.name / file.name).write_bytes(data[:2] + comment + data[2:])
    return out


def _kept(kind: str, count: int, make: Callable[[Path], str]) -> Photos:
    """Make the folder unless it is there whole: it is renamed in place only when it is."""
    data = shared_data()
    root = Path(tempfile.gettempdir()) / "tlstudio-benchmark-photos"
    folder = root / f"{kind}-{count}-{'real' if data else 'drawn'}"
    note = folder.with_suffix(".origin.txt")
    if not note.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making {count} {kind} images …", file=sys.stderr)
        root.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=root))
        origin = make(unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(folder)
        note.write_text(origin, encoding="utf-8")
    return Photos(
        folder=folder,
        count=sum(1 for _ in folder.glob("*/*")),
        origin=note.read_text(encoding="utf-8"),
    )


def _write(out: Path, at_least: int, to_size: Callable[[Image.Image], Image.Image]) -> str:
    sources, origin = _sources(out)
    per_class = -(-at_least // len(sources))
    for name, files in sources.items():
        folder = out / name
        folder.mkdir()
        for number in range(per_class):
            with Image.open(files[number % len(files)]) as opened:
                photo = _repeat(opened.convert("RGB"), number // len(files))
            to_size(photo).save(folder / f"{number:04d}.jpg", quality=JPEG_QUALITY)
    shutil.rmtree(out / DRAWN, ignore_errors=True)
    return origin


DRAWN = ".drawn"


def _sources(out: Path) -> tuple[dict[str, list[Path]], str]:
    data = shared_data()
    if data is not None and (data / "trash6").is_dir():
        classes = sorted(path for path in (data / "trash6").iterdir() if path.is_dir())
        return {folder.name: sorted(folder.glob("*.jpg")) for folder in classes}, "trash6, re-encoded"
    from tlstudio.samples.make import make_sample

    made = make_sample("nuts-and-bolts", out / DRAWN)
    classes = sorted(path for path in made.iterdir() if path.is_dir())
    return (
        {folder.name: sorted(_images(folder)) for folder in classes},
        "the project's drawn sample, re-encoded: the real image sets are not beside the project",
    )


def _images(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png"})


def _repeat(photo: Image.Image, turn: int) -> Image.Image:
    """The same photo cropped a little differently each time it comes again."""
    return photo.crop((turn, turn, photo.width, photo.height)) if turn else photo


def _ordinary_size(photo: Image.Image) -> Image.Image:
    scale = (ORDINARY_PIXELS / (photo.width * photo.height)) ** 0.5
    return photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)


def _large_size(photo: Image.Image) -> Image.Image:
    long, short = LARGE_LONG_SIDE, LARGE_LONG_SIDE * 3 // 4
    size = (long, short) if photo.width >= photo.height else (short, long)
    return photo.resize(size, Image.Resampling.BICUBIC)
