"""Decodes a file to upright RGB pixels: the first step of the one preprocessing."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tlstudio.compute.read_ahead import MakePool
from tlstudio.core.values import ValueWindow
from tlstudio.data.deep import render, summarise
from tlstudio.data.formats import (
    COPY_AGAIN,
    CheckedImage,
    DecodedImage,
    UnreadableImageError,
    checked,
    damaged,
    find_reader,
    too_large,
)
from tlstudio.data.formats.pillow import PillowReader
from tlstudio.data.reading.budget import BUDGET
from tlstudio.data.sniff import container_reason

__all__ = ["CheckedImage", "DecodedImage", "UnreadableImageError", "check_file", "decode_bytes", "decode_rgb"]

MAX_FILE_BYTES = 2 << 30
HEAD_BYTES = 4096


OnUnseen = Callable[[str], None]
"""Callback for the layout of an image for whose values there is no window; see `ValueSummary.layout`."""


def decode_rgb(
    path: Path, *, values: Sequence[ValueWindow] | None = (), on_unseen: OnUnseen | None = None
) -> DecodedImage:
    """Read and decode an image file.

    The result is turned upright by EXIF, RGB with 8 bits per channel, with transparent parts on white; of
    several frames the first is used. Safe to call from several threads.

    Args:
        path: The file.
        values: As for `decode_bytes`.
        on_unseen: As for `decode_bytes`.

    Raises:
        UnreadableImageError: It cannot be used, is missing, or may not be read.
    """
    return decode_bytes(read_file(path), name=path.name, values=values, on_unseen=on_unseen)


def decode_bytes(
    data: bytes,
    *,
    name: str,
    values: Sequence[ValueWindow] | None = (),
    on_unseen: OnUnseen | None = None,
) -> DecodedImage:
    """Decode a file that is in memory.

    Args:
        data: The whole file.
        name: File name; its ending identifies formats that have no signature.
        values: Windows of values for images with more than 8 bits or with channels of their own; an image
            without a window is scaled by itself. None reads them as earlier versions did, by the rule in
            `tlstudio.data.pixels`. Ordinary images are the same either way.
        on_unseen: Is told of an image without a window.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        with BUDGET.one_file():
            reader = find_reader(data[:HEAD_BYTES], suffix=suffix)
            deep = reader.read_deep(data, suffix=suffix) if values is not None else None
            if deep is None:
                return reader.read(data, suffix=suffix)
            windows = values or ()
            if on_unseen is not None and all(window.layout != deep.layout for window in windows):
                on_unseen(deep.layout)
            return render(deep, windows)
    except (UnreadableImageError, MemoryError) as error:
        raise _as_unreadable(error) from error
    except Exception as error:
        raise damaged(error) from error


def decode_deep(path: Path, *, values: Sequence[ValueWindow]) -> NDArray[np.uint8] | None:
    """Read an image with more than 8 bits or with channels of its own; None for an ordinary one.

    Args:
        path: The file.
        values: As for `decode_bytes`.

    Returns:
        uint8 `[H, W, 3]`.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    data, suffix = read_file(path), path.suffix.lower()
    try:
        with BUDGET.one_file():
            deep = find_reader(data[:HEAD_BYTES], suffix=suffix).read_deep(data, suffix=suffix)
            return None if deep is None else render(deep, values).pixels
    except (UnreadableImageError, MemoryError) as error:
        raise _as_unreadable(error) from error
    except Exception as error:
        raise damaged(error) from error


class PixelSink(Protocol):
    """Receives the decoded pixels of images while files are checked. Called from several threads at once."""

    @property
    def make_pool(self) -> MakePool:
        """Makes the pool of threads that may call `receive`."""
        ...

    def wants(self, sha256: str) -> bool:
        """Return whether the sink still needs the pixels of the image with this content hash."""
        ...

    def receive(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """Take the pixels of an ordinary image with this content hash, uint8 `[H, W, 3]`."""
        ...


def check_file(path: Path, *, sink: PixelSink | None = None) -> tuple[str, CheckedImage]:
    """Read a file once, hash it, and check that it decodes to its end.

    Args:
        path: The file.
        sink: Receives the pixels when it wants them, so that the file need not be decoded again. Not those of
            deep images: how these are scaled depends on all images of the data set.

    Returns:
        SHA-256 of the bytes as 64 hex digits, and the size and notes of the image.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    data = read_file(path)
    digest = sha256(data).hexdigest()
    needed = sink is not None and sink.wants(digest)
    suffix = path.suffix.lower()
    with BUDGET.one_file():
        try:
            reader = find_reader(data[:HEAD_BYTES], suffix=suffix)
            deep = reader.read_deep(data, suffix=suffix)
            if deep is not None:
                height, width, _ = deep.values.shape
                summary = summarise(deep)
                return digest, CheckedImage(width=width, height=height, notes=deep.notes, values=summary)
            if isinstance(reader, PillowReader) and not needed:
                return digest, reader.check(data, suffix=suffix)
            decoded = reader.read(data, suffix=suffix)
        except (UnreadableImageError, MemoryError) as error:
            raise _as_unreadable(error) from error
        except Exception as error:
            raise damaged(error) from error
        if sink is not None and needed:
            sink.receive(digest, decoded.pixels)
        return digest, checked(decoded)


def read_file(path: Path) -> bytes:
    """Read all bytes of a file that may be an image.

    Raises:
        UnreadableImageError: It is missing, empty, no regular file, not readable, too large, or known not to
            be an image.
    """
    try:
        # Opening a pipe would block for ever, so the kind of file is checked first.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableImageError(
                "not-an-image", "This is not an ordinary file.", "Take it out of the folder."
            )
        # Some files of the system say that they are empty, and reading them never ends.
        if not status.st_size:
            raise UnreadableImageError("not-an-image", "The file is empty (0 bytes).", COPY_AGAIN)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            other = container_reason(head)
            if other:
                raise UnreadableImageError("not-an-image", *other)
            if status.st_size > MAX_FILE_BYTES:
                raise too_large(f"{status.st_size / (1 << 30):.0f} GB and many")
            return head + file.read()
    except PermissionError as error:
        raise UnreadableImageError(
            "no-permission", "There is no permission to read this file.", "Change the file's rights."
        ) from error
    except FileNotFoundError as error:
        raise UnreadableImageError(
            "unreadable", "The file is not there, or is a link to nothing.", "Check where it went."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableImageError(
            "unreadable", f"The file could not be read ({reason}).", "Check the drive and the file's name."
        ) from error


def _as_unreadable(error: UnreadableImageError | MemoryError) -> UnreadableImageError:
    if isinstance(error, UnreadableImageError):
        return error
    return UnreadableImageError(
        "too-large", "There is not enough memory to decode this image.", "Save a smaller copy of it."
    )
