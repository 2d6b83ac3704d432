"""Proof that an exported file gives the same answers: read back in a fresh process, on real images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted
from tlstudio.core.types import Parity, Split, SplitName
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.models.classifier import Classifier

TOLERANCE = 1e-3
"""Largest difference that any probability may have."""

WANTED_IMAGES = 32
"""Compared, where the run has so many."""
CANDIDATES = 128
"""Looked at for their size, of each split."""

_ORDER: tuple[SplitName, ...] = ("test", "validation", "train")
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def choose_images(split: Split, *, root: Path, wanted: int = WANTED_IMAGES) -> list[Path]:
    """Images to compare on: of the test split first, then validation, then training.

    Images of sizes not seen yet come first within that order, because sizes are what resizing goes wrong on.

    Args:
        split: Of the run.
        root: Where its images lie.
        wanted: How many.

    Returns:
        Existing files; fewer than `wanted` when there are no more.
    """
    candidates = [path for name in _ORDER for path in _spread(split.paths(name), root=root)]
    sizes = [_size(path) for path in candidates]
    new = [path for number, path in enumerate(candidates) if sizes[number] not in sizes[:number]]
    chosen = [*new, *(path for path in candidates if path not in set(new))][:wanted]
    return sorted(chosen, key=candidates.index)


def _spread(paths: Sequence[str], *, root: Path) -> list[Path]:
    """At most `CANDIDATES` existing files, evenly spread, so that every class has a chance."""
    step = max(1, -(-len(paths) // CANDIDATES))
    order = [path for start in range(step) for path in paths[start::step]]
    found = []
    for path in order:
        if (root / path).is_file():
            found.append(root / path)
        if len(found) == CANDIDATES:
            break
    return found


def _size(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path) as image:
            return image.size
    except Exception:  # noqa: BLE001 - only a hint; formats that Pillow cannot open count as one size
        return None


def check_parity(
    exported: Path,
    classifier: Classifier,
    images: Sequence[Path],
    *,
    run_id: str,
    emit: Emit,
    control: Control,
    tolerance: float = TOLERANCE,
) -> Parity:
    """Compare an exported file with the classifier.

    Args:
        exported: An .onnx file or a portable folder.
        classifier: What it was made from, in eval mode.
        images: Real images; one that cannot be decoded any more is left out.
        run_id: Written into events.
        emit: Told how far it is.
        control: To cancel.
        tolerance: Largest difference of any probability.

    Returns:
        How they compare.

    Raises:
        UserError: They differ, or there is no image to compare on.
        Cancelled: The person cancelled.
    """
    title = "Checking that the exported file gives the same answers"
    emit(StageStarted(run_id=run_id, stage="parity", title=title, total=len(images)))
    files, inputs, expected = _ask_classifier(classifier, images, control=control)
    if not files:
        raise UserError(
            "There is no image to check the exported file on.",
            mend="Put the run's images back in their place, or train again where they are now.",
        )
    n, same, largest = 0, 0, 0.0
    for answer in _ask_exported(exported, files, inputs=inputs, classifier=classifier, control=control):
        same += int(answer.argmax() == expected[n].argmax())
        largest = max(largest, float(np.abs(answer - expected[n]).max()))
        n += 1
        emit(StageProgress(run_id=run_id, stage="parity", done=n, total=len(files)))
    parity = Parity(n=n, same_class=same, max_abs_difference=largest)
    # Not "largest > tolerance": a probability that is no number at all must fail too.
    if same < n or not largest <= tolerance:
        raise UserError(
            f"The exported file does not give the same answers: {same} of {n} images got the same class, and "
            f"probabilities differ by up to {largest:.2g} (allowed: {tolerance:g}).",
            work="Nothing was written; the run itself is unharmed.",
            mend="Export in another format, or choose another backbone, and tell the makers of tlstudio.",
        )
    return parity


def _ask_classifier(
    classifier: Classifier, images: Sequence[Path], *, control: Control
) -> tuple[list[Path], list[torch.Tensor], list[NDArray[np.float64]]]:
    files, inputs, expected = [], [], []
    for file in images:
        control.check()
        try:
            prepared = to_input(decode_rgb(file).pixels, classifier.preprocessing)[None]
        except UnreadableImageError:
            continue
        files.append(file)
        inputs.append(prepared)
        expected.append(classifier.probabilities(prepared)[0].numpy())
    return files, inputs, expected


def _ask_exported(
    exported: Path,
    files: Sequence[Path],
    *,
    inputs: Sequence[torch.Tensor],
    classifier: Classifier,
    control: Control,
) -> Iterator[NDArray[np.float64]]:
    with tempfile.TemporaryDirectory() as folder:
        tensors, job, log = (Path(folder, name) for name in ("inputs.npy", "job.json", "log.txt"))
        np.save(tensors, normalise(torch.cat(list(inputs)), classifier.preprocessing).numpy())
        paths = {"model": exported.absolute(), "inputs": tensors}
        values = {name: str(path) for name, path in paths.items()}
        job.write_text(json.dumps({**values, "images": [str(file.absolute()) for file in files]}))
        answered = 0
        with job.open("rb") as request, log.open("wb") as errors, _reader(request, errors) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    control.check()
                    answered += 1
                    yield np.array(json.loads(line))
            finally:
                # Of no effect on a process that has ended; one that was left behind by an error ends here.
                process.kill()
        if answered != len(files):
            reason = (log.read_text(errors="replace").strip().splitlines() or ["no reason given"])[-1]
            raise UserError(
                f"The exported file could not be read back ({reason}).",
                work="Nothing was written; the run itself is unharmed.",
                mend="Try again; if it fails again, export in another format.",
            )


def _reader(request: IO[bytes], errors: IO[bytes]) -> subprocess.Popen[str]:
    # The package may not be installed but lie beside the working folder, which a child does not inherit.
    places = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "tlstudio.export.readback"],
        stdin=request,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
    )
