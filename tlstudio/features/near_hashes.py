"""Perceptual hashes of image files, from their decoded inputs; what is decoded here is not decoded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.compute.process import usable_cores
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import Preprocessing
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.images import read_ahead

STAGE = "recognising"

Hashes = TypeVar("Hashes")


def hash_files(
    files: Sequence[tuple[Path, str]],
    hash_of: Callable[[NDArray[np.uint8]], Hashes],
    *,
    nothing: Hashes,
    preprocessing: Preprocessing,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Iterator[Hashes]:
    """Hash images as a backbone sees them, so that margins it cuts away do not count.

    Args:
        files: Each with the SHA-256 that it must have.
        hash_of: Hashes RGB pixels [S, S, 3].
        nothing: Stands for a file that can no longer be read or was changed.
        preprocessing: Of the classifier.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked once per image.

    Yields:
        The hashes of each file, in order.

    Raises:
        Cancelled: The person cancelled.
    """
    emit(StageStarted(run_id=run_id, stage=STAGE, title="Noting what the images look like", total=len(files)))
    progress = ThrottledProgress(len(files), stage=STAGE, run_id=run_id, emit=emit)
    reading = read_ahead(
        list(files),
        preprocessing=preprocessing,
        threads=min(4, usable_cores()),
        cache=InputCache(open_input_store(preprocessing)),
    )
    with closing(reading):
        for read in progress.passed(reading):
            control.check()
            yield hash_of(read.permute(1, 2, 0).numpy()) if isinstance(read, Tensor) else nothing
