"""From a file to upright RGB pixels: the first step of the one preprocessing."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
    """Read an image file as everything above sees it.

    Turned by EXIF, RGB, 8 bits per channel, transparent parts on white, first frame of several. The rule for
    deep images is told in `tlstudio.data.pixels`. Safe to call from several threads.

    Raises:
        UnreadableImageError: It cannot be used; also when it is missing or may not be read.
    """
    return decode_bytes(read_file(path), name=path.name)


def decode_bytes(data: bytes, *, name: str) -> DecodedImage:
    """Decode a file that is in memory.

    Args:
        data: The whole file.
        name: Its name; the ending helps with formats that have no signature.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        return find_reader(data[:HEAD_BYTES], suffix=suffix).read(data, suffix=suffix)
    except (UnreadableImageError, MemoryError) as error:
        raise _told(error) from error
    except Exception as error:
        raise damaged(error) from error


class PixelKeeper(Protocol):
    """Somebody who will need the pixels of images that are checked. Asked from several threads at once."""

    def wants(self, sha256: str) -> bool:
        """Whether the pixels of a content are still to be had."""
        ...

    def keep(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """The pixels of a content, uint8 `[H, W, 3]`."""
        ...


def check_file(path: Path, *, keeper: PixelKeeper | None = None) -> tuple[str, CheckedImage]:
    """Read a file once, hash it, and make sure that it decodes to its end.

    Args:
        path: The file.
        keeper: Given the pixels where it wants them, so that nobody has to decode the file again.

    Returns:
        SHA-256 of the bytes as 64 hex digits, and size and notes.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    data = read_file(path)
    digest = sha256(data).hexdigest()
    kept = keeper is not None and keeper.wants(digest)
    suffix = path.suffix.lower()
    decoded = None
    try:
        reader = find_reader(data[:HEAD_BYTES], suffix=suffix)
        if isinstance(reader, PillowReader) and not kept:
            checked = reader.check(data, suffix=suffix)
        else:
            decoded = reader.read(data, suffix=suffix)
            height, width = decoded.pixels.shape[:2]
            checked = CheckedImage(width=width, height=height, notes=decoded.notes)
    except (UnreadableImageError, MemoryError) as error:
        raise _told(error) from error
    except Exception as error:
        raise damaged(error) from error
    if keeper is not None and kept and decoded is not None:
        keeper.keep(digest, decoded.pixels)
    return digest, checked


def read_file(path: Path) -> bytes:
    """All bytes of a file that may be an image.

    Raises:
        UnreadableImageError: Missing, empty, not a regular file, not permitted, surely no image, too large.
    """
    try:
        # Opening a pipe would wait for ever, so what it is comes first.
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


def _told(error: UnreadableImageError | MemoryError) -> UnreadableImageError:
    if isinstance(error, UnreadableImageError):
        return error
    return UnreadableImageError(
        "too-large", "There is not enough memory to decode this image.", "Save a smaller copy of it."
    )
