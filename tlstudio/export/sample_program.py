"""Predict with the model of this folder:  python predict.py IMAGE_OR_FOLDER ...

Needs only:  pip install onnxruntime pillow
Prints a table (CSV), one line per image: path, class, probability; of a model of several label columns also
the class and the probability in each further one. Where the model gives it, "unknown" says how unlike the
images it was taught an image is: 0 familiar, from 0.5 odd, from 0.9 unlike anything. Where card.json says
below what probability a person is to be asked, the column "ask" says for which images: yes or no. Everything
after decoding happens inside model.onnx.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
Image.MAX_IMAGE_PIXELS = 200_000_000
BESIDE_IMAGES = {
    ".txt",
    ".csv",
    ".json",
    ".xml",
    ".xmp",
    ".aae",
    ".thm",
    ".pp3",
    ".md",
    ".log",
    ".html",
    ".db",
}
"""Endings of files that lie beside photos and are none."""


def eight_bit(values: Any, stated_bits: int = 0) -> Any:
    """Scale 16-bit, 32-bit and floating-point pixels to 0-255 as in training."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    values = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    if finite.dtype.kind in "iu" and low >= 0 and high <= 65535:
        depths = [stated_bits] if 2**stated_bits > high else [8, 10, 12, 14, 16]
        steps = 2 ** next(bits for bits in depths if high < 2**bits)
        if steps == 256 or (high - low) * 4 >= steps:
            low, high = 0, steps - 1
    elif finite.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0, 1
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    return np.rint(np.clip((values - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def windowed(values: Any, window: Any, no_data: str | None) -> Any:
    """Scale pixels from the window of values that training used; what was not measured becomes black."""
    valid = np.isfinite(values) & (values != (float(no_data) if no_data else np.nan))
    if window["low"]:
        low, high = window["low"][0], window["high"][0]
    else:  # each image by itself, from values that a thousandth of its pixels lies beyond
        step = max(1, int(np.ceil(np.sqrt(values.size / (1 << 18)))))
        sample = values[::step, ::step][valid[::step, ::step]]
        sample = sample if sample.size else np.zeros(1)
        low = float(np.quantile(sample, 0.001, method="higher"))
        high = float(np.quantile(sample, 0.999, method="lower"))
    share = np.where(valid, values, 0).astype(np.float64) - low
    grey = np.rint(np.clip(share / (high - low), 0, 1) * 255) if high > low else np.zeros(values.shape)
    return grey.astype(np.uint8), valid


def decode(path: Path, windows: Any = None) -> Any:
    """An image file as uint8 [height, width, 3]: upright, RGB, transparent parts on white."""
    with Image.open(path) as file:
        tags = getattr(file, "tag_v2", {})  # of a TIFF
        bits = tags.get(258, 0)
        bits = bits[0] if isinstance(bits, tuple) else bits
        layout = str(file.tile[0].args if file.tile else "")
        frames = getattr(file, "n_frames", 1) if file.format == "TIFF" else 1
        image = ImageOps.exif_transpose(file)
    other_layouts = any(not window["layout"].startswith("grey") for window in windows or ())
    has_channels = any(word in str(tags.get(270)) for word in ("channels=", "<OME"))
    is_stack = frames > 1 and (other_layouts or has_channels)
    if windows is not None and (is_stack or (";16" in layout and image.mode in ("RGB", "RGBA"))):
        raise ValueError("16-bit colours and stacks of channels are read by tlstudio only")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image)
        inverted = tags.get(262) == 0  # black is stored as the largest number
        kind = "real" if values.dtype.kind == "f" else "whole"
        name = f"grey{', black stored as the largest number' * inverted}, {kind} numbers"
        window = next((window for window in windows or () if window["layout"] == name), None)
        if windows is not None:
            grey, valid = windowed(values, window or {"low": ()}, tags.get(42113))
        else:  # as versions did that had no windows
            grey, valid = eight_bit(values, bits if 8 < bits < 16 else 0), True
        grey = np.where(valid, 255 - grey if inverted else grey, np.uint8(0))
        if isinstance(image.info.get("transparency"), int):
            grey = np.where(values == image.info["transparency"], np.uint8(255), grey)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    if not image.has_transparency_data:
        return np.array(image.convert("RGB"))
    pixels = np.array(image.convert("RGBA")).astype(np.uint32)
    colour, alpha = pixels[:, :, :3], pixels[:, :, 3:]
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def files_of(path: Path) -> list[Path]:
    """The file, or the files below a folder without those that say by their names that they are no images."""
    if not path.is_dir():
        return [path]
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    return [
        file
        for file in files
        if file.suffix.lower() not in BESIDE_IMAGES
        and not any(name.startswith((".", "__MACOSX")) for name in file.relative_to(path).parts)
        and file.name.lower() not in ("thumbs.db", "desktop.ini")
    ]


def main() -> int:
    """Print one line for each image; the exit code is 1 when one of them could not be read."""
    classes = json.loads((HERE / "classes.json").read_text(encoding="utf-8"))
    windows = json.loads((HERE / "preprocessing.json").read_text(encoding="utf-8")).get("values")
    columns = {"": classes}  # with several, the first one is that of classes.json
    if (HERE / "columns.json").exists():
        columns = json.loads((HERE / "columns.json").read_text(encoding="utf-8"))
    asking: dict[str, Any] = {}
    if (HERE / "card.json").exists():
        asking = json.loads((HERE / "card.json").read_text(encoding="utf-8")).get("asking") or {}
    if len(columns) == 1:  # the name of an only column does not matter
        asking = dict(zip(columns, asking.values(), strict=False))
    below = {
        name: dict.fromkeys(columns[name], rule["threshold"])
        | {one: own["threshold"] for one, own in (rule.get("classes") or {}).items()}
        for name, rule in asking.items()
        if name in columns
    }
    model = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file gets UTF-8, whatever the system's encoding; a console shows what it lacks as escapes.
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace", newline="")
    lines = csv.writer(sys.stdout)
    names = [f"{word} of {name}" for name in list(columns)[1:] for word in ("class", "probability")]
    scored = [one.name for one in model.get_outputs()][-1:] == ["unknown"]
    names += ["unknown"] * scored
    names += [f"ask of {name}" if number else "ask" for number, name in enumerate(columns) if name in below]
    lines.writerow(["path", "class", "probability", *names])
    failed = 0
    for path in map(Path, sys.argv[1:]):
        for file in files_of(path):
            try:
                pixels = decode(file, windows)
            except Exception as error:  # noqa: BLE001 - damaged files raise anything
                sys.stderr.write(f"{file} could not be read: {error}\n")
                failed = 1
                continue
            answers, ask = [], []
            rows = [row for (row,) in model.run(None, {"image": pixels})]
            unknown = [f"{rows.pop()[0]:.6f}"] if scored else []
            for (name, own), probabilities in zip(columns.items(), rows, strict=True):
                best = int(probabilities.argmax())
                answers += [own[best], f"{probabilities[best]:.6f}"]
                if name in below:
                    ask.append("yes" if probabilities[best] < below[name][own[best]] else "no")
            lines.writerow([file, *answers, *unknown, *ask])
    return failed


if __name__ == "__main__":
    sys.exit(main())
