"""The images of a run, and decoding them ahead of the computation."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.compute.device import single_threaded_pool
from tlstudio.compute.read_ahead import map_ahead
from tlstudio.core.types import Preprocessing
from tlstudio.data.decode import OnUnseen, UnreadableImageError, decode_bytes, read_file
from tlstudio.data.reading.budget import BUDGET
from tlstudio.features.decoded_inputs import InputCache, input_of

UNLABELLED = -1
"""Label of an image that has none."""
DECODED_AHEAD = 32
"""Most decoded inputs that wait for the computation: 5 MB at 224 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunImage:
    """One image of a run.

    Attributes:
        path: As in the dataset.
        file: Absolute path.
        sha256: Of its bytes when it was scanned.
        label: Index of its class.
        group: Images of one group are never divided by a split; None is a group of its own.
        near: Name of its cluster of near-duplicates, which are never divided either; None without one.
        further: Index of its class in each further label column of the run, `UNLABELLED` where it has none.
    """

    path: str
    file: Path
    sha256: str
    label: int
    group: str | None = None
    near: str | None = None
    further: tuple[int, ...] = ()


def label_tensor(images: Iterable[RunImage]) -> Tensor:
    """The labels of N images: int64 [N]."""
    return torch.tensor([image.label for image in images], dtype=torch.int64)


def column_labels(images: Iterable[RunImage], *, columns: int) -> Tensor:
    """The labels of N images in all label columns.

    Args:
        images: N images.
        columns: C, the number of columns, the first included.

    Returns:
        int64 [N, C], `UNLABELLED` where an image has no label.
    """
    rows = [(image.label, *image.further) for image in images]
    return torch.tensor(rows, dtype=torch.int64).reshape(len(rows), columns)


class ChangedImageError(Exception):
    """The file's content differs from the content that was scanned."""

    def __str__(self) -> str:
        return "It was changed since it was read first. Train again, so that the images are read anew."


def read_input(
    file: Path,
    *,
    preprocessing: Preprocessing,
    sha256: str | None = None,
    on_unseen: OnUnseen | None = None,
) -> Tensor:
    """Decode and preprocess one file.

    Args:
        file: Any image that `tlstudio.data` reads.
        preprocessing: Of the classifier.
        sha256: The content must have this hash; None accepts any.
        on_unseen: See `decode_bytes`.

    Returns:
        uint8 [3, S, S].

    Raises:
        UnreadableImageError: It cannot be used.
        ChangedImageError: Its content has another hash.
    """
    data = read_file(file)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise ChangedImageError(file)
    with BUDGET.one_file():
        decoded = decode_bytes(data, name=file.name, values=preprocessing.values, on_unseen=on_unseen)
        return input_of(decoded.pixels, preprocessing)


InputOrError = Tensor | UnreadableImageError | ChangedImageError
"""uint8 [3, S, S], or the reason why there is none."""


def read_ahead(
    files: Sequence[tuple[Path, str | None]],
    *,
    preprocessing: Preprocessing,
    threads: int,
    cache: InputCache | None = None,
    on_unseen: OnUnseen | None = None,
) -> Generator[InputOrError, None, None]:
    """Decode files in threads, a bounded number ahead of the reader; inputs in the cache are read instead.

    Args:
        files: Each with the SHA-256 that it must have; None accepts any.
        preprocessing: Of the classifier.
        threads: At least 1.
        cache: Cache of decoded inputs; files without a SHA-256 are not cached.
        on_unseen: See `decode_bytes`; is called in those threads, and not for an input in the cache.

    Yields:
        For each file in order: uint8 [3, S, S], or the reason why there is none.
    """

    def load(item: tuple[Path, str | None]) -> InputOrError:
        file, sha256 = item
        cached = cache.read(sha256) if cache is not None and sha256 is not None else None
        if cached is not None:
            return cached
        try:
            return read_input(file, preprocessing=preprocessing, sha256=sha256, on_unseen=on_unseen)
        except (UnreadableImageError, ChangedImageError) as error:
            return error

    try:
        reads = map_ahead(
            load,
            files,
            threads=threads,
            ahead=DECODED_AHEAD,
            name="decode",
            make_pool=single_threaded_pool,
        )
        with closing(reads):
            for (_, sha256), read in zip(files, reads, strict=True):
                if cache is not None and sha256 is not None and isinstance(read, Tensor):
                    cache.add(sha256, read)
                yield read
    finally:
        if cache is not None:
            cache.flush()
