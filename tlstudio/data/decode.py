"""Decodes a file to upright RGB pixels: the first step of the one preprocessing."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tlstudio.compute.read_ahead import MakePool
from tlstudio.data.formats import (
    COPY_AGAIN,
    CheckedImage,
    DecodedImage,
    UnreadableImageError,
    damaged,
    find_reader,
    too_large,
)
from tlstudio.data.formats.pillow import PillowReader
from tlstudio.data.sniff import container_reason

__all__ = ["CheckedImage", "DecodedImage", "UnreadableImageError", "check_file", "decode_bytes", "decode_rgb"]

MAX_FILE_BYTES = 2 << 30
HEAD_BYTES = 4096


def decode_rgb(path: Path) -> DecodedImage:
    """Read and decode an image file.

    The result is turned upright by EXIF, RGB with 8 bits per channel, with transparent parts on white; of
    several frames the first is used. How deeper images are scaled is described in `tlstudio.data.pixels`.
    Safe to call from several threads.

    Raises:
        UnreadableImageError: It cannot be used, is missing, or may not be read.
    """
    return decode_bytes(read_file(path), name=path.name)


def decode_bytes(data: bytes, *, name: str) -> DecodedImage:
    """Decode a file that is in memory.

    Args:
        data: The whole file.
        name: File name; its ending identifies formats that have no signature.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        return find_reader(data[:HEAD_BYTES], suffix=suffix).read(data, suffix=suffix)
    except (UnreadableImageError, MemoryError) as error:
        raise _as_unreadable(error) from error
    except Exception as error:
        raise damaged(error) from error


class PixelSink(Protocol):
    """Receives the decoded pixels of images while files are checked. Called from several threads at once."""

    @property
    def make_pool(self) -> MakePool:
        """Makes the threads from which it is called."""
        ...

    def wants(self, sha256: str) -> bool:
        """Whether it still needs the pixels of the image with this content hash."""
        ...

    def receive(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """Take the pixels of the image with this content hash, uint8 `[H, W, 3]`."""
        ...


def check_file(path: Path, *, sink: PixelSink | None = None) -> tuple[str, CheckedImage]:
    """Read a file once, hash it, and check that it decodes to its end.

    Args:
        path: The file.
        sink: Receives the pixels when it wants them, so that the file need not be decoded again.

    Returns:
        SHA-256 of the bytes as 64 hex digits, and the size and notes of the image.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    data = read_file(path)
    digest = sha256(data).hexdigest()
    needed = sink is not None and sink.wants(digest)
    suffix = path.suffix.lower()
    decoded = None
    try:
        reader = find_reader(data[:HEAD_BYTES], suffix=suffix)
        if isinstance(reader, PillowReader) and not needed:
            checked = reader.check(data, suffix=suffix)
        else:
            decoded = reader.read(data, suffix=suffix)
            height, width = decoded.pixels.shape[:2]
            checked = CheckedImage(width=width, height=height, notes=decoded.notes)
    except (UnreadableImageError, MemoryError) as error:
        raise _as_unreadable(error) from error
    except Exception as error:
        raise damaged(error) from error
    if sink is not None and needed and decoded is not None:
        sink.receive(digest, decoded.pixels)
    return digest, checked


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
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if not head:
                raise UnreadableImageError("not-an-image", "The file is empty (0 bytes).", COPY_AGAIN)
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
