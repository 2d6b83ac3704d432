"""Makes the folders of the sample image sets; nothing is downloaded."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageStarted, ignore
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.text_files import read_json_or_none
from tlstudio.samples.first_lesson import FIRST_LESSON, ODD_IMAGE, ODD_SHAPE, PLAIN_WASHER, WRONG_LABELS
from tlstudio.samples.marker import MARKER
from tlstudio.samples.nuts_and_bolts import SHAPES, draw

STAGE = "sample"
_VERSION = 1

Draw = Callable[[], Image.Image]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample image set.

    Attributes:
        id: Unique id.
        title: Name shown to people.
        summary: One sentence.
        classes: In order.
        images_per_class: Number of images of each class.
        planted: Images that show something else than their folder says, by path.
    """

    id: str
    title: str
    summary: str
    classes: tuple[str, ...]
    images_per_class: int
    planted: Mapping[str, str] = field(default_factory=dict)


SAMPLES: tuple[Sample, ...] = (
    Sample(
        id="nuts-and-bolts",
        title="Nuts and bolts",
        summary="Drawn photos of bolts, nuts, screws and washers on a workbench.",
        classes=tuple(sorted(SHAPES)),
        images_per_class=60,
    ),
    Sample(
        id=FIRST_LESSON,
        title="Nuts and bolts, the first lesson",
        summary="The same, with three wrong labels and one odd image to find and mend.",
        classes=tuple(sorted(SHAPES)),
        images_per_class=60,
        planted={**WRONG_LABELS, PLAIN_WASHER: "plain washer", ODD_IMAGE: ODD_SHAPE},
    ),
    Sample(
        id="handwritten-digits",
        title="Handwritten digits",
        summary="Small scans of the digits 0 to 9, written by many people.",
        classes=tuple("0123456789"),
        images_per_class=60,
    ),
)


def make_sample(
    sample_id: str,
    out: Path,
    *,
    seed: int = 0,
    run_id: str = "",
    emit: Emit = ignore,
    control: Control | None = None,
) -> Path:
    """Make the images of a sample, one subfolder per class; a second call does nothing.

    Args:
        sample_id: Id of one of `SAMPLES`.
        out: Folder to make; it appears only when all images are in it.
        seed: Determines what is drawn or picked.
        run_id: Run id in the events.
        emit: Receives `StageStarted` and `StageProgress`.
        control: Checked once per image.

    Returns:
        `out`.

    Raises:
        UserError: Unknown sample, or `out` holds something else.
        Cancelled: The person cancelled; nothing is left behind.
    """
    sample = next((sample for sample in SAMPLES if sample.id == sample_id), None)
    if sample is None:
        raise UserError(
            f"There is no sample {sample_id!r}.",
            mend=f"Choose one of: {', '.join(sample.id for sample in SAMPLES)}.",
        )
    marker = {"sample": sample.id, "seed": seed, "version": _VERSION}
    if out.is_dir() and any(out.iterdir()):
        if read_json_or_none(out / MARKER) == marker:
            return out
        raise UserError(f"The folder {out} is not empty.", mend="Choose another folder for the sample.")
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write_images(sample, partial, seed=seed, run_id=run_id, emit=emit, control=control or Control())
        (partial / MARKER).write_text(json.dumps(marker), encoding="utf-8")
        if out.is_dir():
            out.rmdir()
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out


def _write_images(
    sample: Sample, folder: Path, *, seed: int, run_id: str, emit: Emit, control: Control
) -> None:
    jobs = list(_digits(sample, seed) if sample.id == "handwritten-digits" else _hardware(sample, seed))
    emit(StageStarted(run_id=run_id, stage=STAGE, title=f"Making “{sample.title}”", total=len(jobs)))
    for name in sample.classes:
        (folder / name).mkdir(parents=True)

    def make(job: tuple[str, Draw]) -> None:
        control.check()
        path, image = job
        image().save(folder / path, quality=92, optimize=True)

    pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sample")
    progress = ThrottledProgress(len(jobs), stage=STAGE, run_id=run_id, emit=emit)
    try:
        for _ in pool.map(make, jobs):
            progress.step()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _hardware(sample: Sample, seed: int) -> Iterator[tuple[str, Draw]]:
    for place, name in enumerate(sample.classes):
        for number in range(sample.images_per_class):
            # Each image has its own generator, so that it does not depend on threads and order.
            rng = np.random.default_rng([seed, place, number])
            path = f"{name}/{name}-{number + 1:02}.jpg"
            shape = sample.planted.get(path, name)
            yield path, lambda shape=shape, rng=rng: draw(shape, rng)  # type: ignore[misc]


def _digits(sample: Sample, seed: int) -> Iterator[tuple[str, Draw]]:
    from sklearn.datasets import load_digits

    scans = load_digits()
    rng = np.random.default_rng(seed)
    for name in sample.classes:
        picked = rng.permutation(np.flatnonzero(scans.target == int(name)))[: sample.images_per_class]
        for number, index in enumerate(sorted(int(index) for index in picked)):
            # Ink from 0 to 16 on white paper, enlarged so that people can see it.
            ink = np.pad(scans.images[index], 2)
            small = Image.fromarray(np.rint(255 - ink / 16 * 255).astype(np.uint8))
            path = f"{name}/digit-{name}-{number + 1:02}.png"
            yield path, lambda small=small: small.resize((128, 128), Image.Resampling.BICUBIC)  # type: ignore[misc]
