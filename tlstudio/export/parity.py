"""Checks that an export predicts the same: it is read back in a fresh process and tried on real images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted
from tlstudio.core.leftovers import process_tag, remove_old
from tlstudio.core.types import Parity, Split, SplitName
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.inference.predictor import ModelOutput, answer
from tlstudio.models.classifier import Classifier
from tlstudio.specs.spec import ExportSpec

WANTED_IMAGES = 32
"""Images to compare on, where the run has so many."""
TEMPORARY = "tlstudio-parity."
"""Beginning of the names of temporary folders."""
CANDIDATES = 128
"""Images of each split whose size is read."""

PARITY_ORDER: tuple[SplitName, ...] = ("test", "validation", "train")
"""Splits whose images are compared, the first before the others."""
READER = (sys.executable, "-m", "tlstudio.export.readback")
"""Command that reads an export back."""
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def choose_images(split: Split, *, root: Path, wanted: int = WANTED_IMAGES) -> list[Path]:
    """Choose images to compare on: of the test split first, then validation, then training.

    Within that order images of sizes not yet chosen come first, because errors of resizing depend on sizes.

    Args:
        split: Of the run.
        root: Where its images are.
        wanted: How many to choose.

    Returns:
        Existing files; fewer than `wanted` when there are no more.
    """
    candidates = [path for name in PARITY_ORDER for path in _spread(split.paths(name), root=root)]
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
    spec: ExportSpec,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Parity:
    """Compare an export with the classifier it was made from.

    Args:
        exported: The file or folder.
        classifier: In eval mode.
        images: Real images; those that can no longer be decoded are left out.
        spec: Format of the export; says how far probabilities may differ.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked between images.

    Returns:
        How they compare.

    Raises:
        UserError: The export cannot be read back or does not predict the same, or no image can be decoded.
        Cancelled: The person cancelled.
    """
    title = "Checking that the exported file gives the same answers"
    emit(StageStarted(run_id=run_id, stage="parity", title=title, total=len(images)))
    files, inputs, expected = _predict_with_classifier(classifier, images, control=control)
    if not files:
        raise UserError(
            "There is no image to check the exported file on.",
            mend="Put the run's images back in their place, or train again where they are now.",
        )
    prepared = normalise(torch.cat(inputs), classifier.preprocessing).numpy()
    n, same, unexplained, largest, scored = 0, 0, 0, 0.0, True
    reading = _read_back(exported, files, prepared=prepared, spec=spec, control=control)
    with closing(reading) as lines:
        _check_columns(next(lines), classifier.columns)
        for line in lines:
            probabilities, unknown = line
            answers = _columns(np.array(probabilities, dtype=np.float64), classifier)
            targets = _columns(expected[n].probabilities, classifier)
            chosen = [answer.argmax() for answer in answers]
            same += int(chosen == [target.argmax() for target in targets])
            # Where the classifier itself can hardly decide, another class is within the format's tolerance.
            unexplained += any(
                target.max() - target[predicted] > spec.tolerance
                for target, predicted in zip(targets, chosen, strict=True)
            )
            wanted = expected[n].unknown
            scored = scored and (unknown is None) == (wanted is None)
            if unknown is not None and wanted is not None:
                answers, targets = [*answers, np.array(unknown)], [*targets, np.array(wanted)]
            for own, target in zip(answers, targets, strict=True):
                # Not max(): it passes over what is not a number.
                largest = float(np.maximum(largest, np.abs(own - target).max()))
            n += 1
            emit(StageProgress(run_id=run_id, stage="parity", done=n, total=len(files)))
    if not scored:
        raise UserError(
            "The exported file does not give the same answers: only one of it and the run says how unlike "
            "the training images an image is.",
            work="Nothing was written; the run itself is unharmed.",
            mend="Export in another format, and tell the makers of tlstudio.",
        )
    # Not "largest > tolerance": a probability that is not a number must fail too.
    if unexplained or not largest <= spec.tolerance:
        raise UserError(
            f"The exported file does not give the same answers: {same} of {n} images got the same class, and "
            f"probabilities or unknown scores differ by up to {largest:.2g} (allowed: {spec.tolerance:g}).",
            work="Nothing was written; the run itself is unharmed.",
            mend="Export in another format, or choose another backbone, and tell the makers of tlstudio.",
        )
    return Parity(n=n, same_class=same, max_abs_difference=largest)


def _columns(probabilities: NDArray[np.float64], classifier: Classifier) -> list[NDArray[np.float64]]:
    """The probabilities of each label column."""
    return np.split(probabilities, np.cumsum(classifier.sizes)[:-1])


def _check_columns(read: Any, expected: Sequence[LabelColumn]) -> None:
    # The name of an only column is written nowhere.
    names = [column.name if len(expected) > 1 else read[0][0] for column in expected]
    if read != [[name, list(column.classes)] for name, column in zip(names, expected, strict=True)]:
        raise UserError(
            "The exported file does not give the same answers: its classes are not those of the run, or not "
            "in the same order.",
            work="Nothing was written; the run itself is unharmed.",
            mend="Export in another format, and tell the makers of tlstudio.",
        )


def _predict_with_classifier(
    classifier: Classifier, images: Sequence[Path], *, control: Control
) -> tuple[list[Path], list[torch.Tensor], list[ModelOutput]]:
    """The readable files, their inputs uint8 [1, 3, S, S], and what the classifier computes for them.

    Raises:
        UserError: The classifier gives no probabilities.
    """
    files, inputs, expected = [], [], []
    for file in images:
        control.check()
        try:
            image = to_input(
                decode_rgb(file, values=classifier.preprocessing.values).pixels, classifier.preprocessing
            )[None]
        except UnreadableImageError:
            continue
        probabilities, scores = classifier.outputs(image)
        output = ModelOutput(
            probabilities=probabilities[0].numpy(), unknown=None if scores is None else float(scores[0])
        )
        answer(file, columns=classifier.columns, probabilities=output.probabilities.tolist())
        files.append(file)
        inputs.append(image)
        expected.append(output)
    return files, inputs, expected


def _read_back(
    exported: Path,
    files: Sequence[Path],
    *,
    prepared: NDArray[np.float32],
    spec: ExportSpec,
    control: Control,
) -> Generator[Any, None, None]:
    """Yield what `tlstudio.export.readback` writes: the label columns, then the outputs for files."""
    remove_old(Path(tempfile.gettempdir()), prefix=TEMPORARY)
    with tempfile.TemporaryDirectory(prefix=f"{TEMPORARY}{process_tag()}.") as folder:
        inputs, job, log = (Path(folder, name) for name in ("inputs.npy", "job.json", "log.txt"))
        np.save(inputs, prepared)
        paths = {"model": str(exported.absolute()), "inputs": str(inputs)}
        images = [str(file.absolute()) for file in files]
        job.write_text(json.dumps({"format": spec.id, **paths, "images": images}))
        count = 0
        with job.open("rb") as request, log.open("wb") as errors, _reader(request, errors) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    control.check()
                    count += 1
                    yield json.loads(line)
            finally:
                # No effect on a process that has ended; one left behind by an error ends here.
                process.kill()
        if count != 1 + len(files):
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
        READER,
        stdin=request,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
    )
