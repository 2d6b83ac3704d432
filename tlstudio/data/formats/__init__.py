"""Readers of image files, one family of formats per module, found by walking this package.

A reader gets the whole file as bytes (read once, hashed and decoded from memory) and returns upright RGB
pixels, or raises `UnreadableImageError` with a reason and a mend. Readers are called from several threads.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.registry import Registry
from tlstudio.core.values import ORDINARY, ValueSummary
from tlstudio.data.reading.budget import BUDGET

if TYPE_CHECKING:  # it is built on this package
    from tlstudio.data.deep import DeepImage

MAX_PIXELS = 200_000_000
"""Most pixels of an image; larger ones are refused, because decoded they would take over 600 MB."""

COPY_AGAIN = "Copy or download it again from where it came from."
SAVE_AS = "Open it in the program that made it and save it as PNG or JPEG."
INSTALL_FORMATS = 'Install the readers for it: pip install "tlstudio[formats]".'

_NOISY_LIBRARIES = ("PIL", "pydicom", "tifffile", "pillow_heif", "rawpy")


class UnreadableImageError(Exception):
    """A file that cannot be used as an image.

    Args:
        code: Short constant: "not-an-image", "truncated", "damaged", "too-large", "needs-extra",
            "unsupported", "no-permission", "unreadable".
        reason: One plain sentence: what is wrong with the file.
        mend: One plain sentence: what the person can do.
    """

    def __init__(self, code: str, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """A decoded image, in the form that all other layers get.

    Attributes:
        pixels: uint8 `[height, width, 3]`, RGB, upright, contiguous and writable.
        notes: Conversions that were made, e.g. "turned by EXIF".
    """

    pixels: NDArray[np.uint8]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedImage:
    """Size and notes of an image that was checked to decode to its end.

    Attributes:
        width: In pixels, upright.
        height: In pixels, upright.
        notes: As in `DecodedImage`.
        values: Its values, where it has more than 8 bits, channels of its own, or one colour only; else None.
    """

    width: int
    height: int
    notes: tuple[str, ...] = ()
    values: ValueSummary | None = None


def checked(decoded: DecodedImage) -> CheckedImage:
    """Make the result of checking an ordinary image from its decoded pixels."""
    height, width = decoded.pixels.shape[:2]
    return CheckedImage(width=width, height=height, notes=decoded.notes, values=single_colour(decoded.pixels))


def single_colour(pixels: NDArray[np.uint8]) -> ValueSummary | None:
    """The values of a picture that has one colour only, None for any other.

    Args:
        pixels: uint8 `[H, W, 3]`.
    """
    first = pixels[0, 0]
    # Nearly every picture is told by a few of its pixels.
    if (pixels[::64, ::64] != first).any() or (pixels != first).any():
        return None
    values = tuple(map(float, first))
    return ValueSummary(layout=ORDINARY, bits=8, least=values, low=values, high=values, most=values)


class Reader(Protocol):
    """Reads one family of formats."""

    @property
    def id(self) -> str:
        """Name of the family."""
        ...

    @property
    def rank(self) -> int:
        """Readers with lower ranks are tried first."""
        ...

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """Return whether this reader is the one for a file.

        Args:
            head: The first 4096 bytes, or all of a shorter file.
            suffix: The file name's ending in lower case with its dot, or empty.
        """
        ...

    def read_deep(self, data: bytes, *, suffix: str) -> DeepImage | None:
        """Read the values of an image with more than 8 bits or with channels of its own.

        Returns:
            None for ordinary images, which are left to `read`; told by little more than the file's header.

        Raises:
            UnreadableImageError: As `read`.
        """
        ...

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """Decode a file; a deep image is scaled by itself.

        Args:
            data: The whole file.
            suffix: As in `claims`.

        Raises:
            UnreadableImageError: It cannot be used. Any other exception is treated as a damaged file.
        """
        ...


READERS: Registry[Reader] = Registry("tlstudio.data.formats")


def find_reader(head: bytes, *, suffix: str) -> Reader:
    """The first reader that claims a file; the last one claims everything."""
    ranked = sorted(READERS, key=lambda reader: reader.rank)
    return next((reader for reader in ranked if reader.claims(head, suffix=suffix)), ranked[-1])


def check_size(width: int, height: int) -> None:
    """Refuse images with no pixels or too many, before they are decoded; wait until there is room.

    Raises:
        UnreadableImageError: See `MAX_PIXELS`.
    """
    if width < 1 or height < 1:
        raise UnreadableImageError("damaged", f"The image says it is {width} × {height} pixels.", COPY_AGAIN)
    if width * height > MAX_PIXELS:
        raise too_large(f"{width} × {height}")
    BUDGET.claim(width * height)


def too_large(size: str = "far too many") -> UnreadableImageError:
    """The error for an image with too many pixels."""
    return UnreadableImageError(
        "too-large",
        f"The image says it has {size} pixels; the limit is {MAX_PIXELS // 1_000_000} million.",
        "Save a smaller copy of it, or cut it into parts.",
    )


def damaged(why: object) -> UnreadableImageError:
    """The error for a file that cannot be decoded.

    Args:
        why: The decoder's exception, or a short explanation.
    """
    words = " ".join(str(why).split())[:120].rstrip(".")
    return UnreadableImageError(
        "damaged", f"The file is damaged ({words or type(why).__name__}).", COPY_AGAIN
    )


def needs_extra(family: str) -> UnreadableImageError:
    """The error for a file whose reader is not installed.

    Args:
        family: What the file is, e.g. "a DICOM file".
    """
    return UnreadableImageError(
        "needs-extra", f"This is {family}; its reader is not installed.", INSTALL_FORMATS
    )


def quieten() -> None:
    """Silence warnings and logs of the imaging libraries; notes and problems say what matters.

    `warnings.catch_warnings` is not thread-safe, so one filter for these libraries is put in front and stays;
    it is checked at each call because other code (test runners) resets the filters.
    """
    pattern = rf"({'|'.join(_NOISY_LIBRARIES)})(\.|$)"
    front = warnings.filters[0] if warnings.filters else None
    if front is None or front[0] != "ignore" or getattr(front[3], "pattern", None) != pattern:
        warnings.filterwarnings("ignore", module=pattern)
        for name in _NOISY_LIBRARIES:
            logging.getLogger(name).setLevel(logging.CRITICAL)
