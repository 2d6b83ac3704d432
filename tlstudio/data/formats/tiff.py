"""Reads TIFF with Pillow where it can, else with tifffile (more channels, odd depths, OME-TIFF, BigTIFF)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.deep import DeepImage
from tlstudio.data.formats import (
    INSTALL_FORMATS,
    READERS,
    DecodedImage,
    UnreadableImageError,
    check_size,
    damaged,
)
from tlstudio.data.formats.pillow import PillowReader
from tlstudio.data.pixels import to_eight_bit, to_rgb
from tlstudio.data.reading.pillow_files import open_image
from tlstudio.data.reading.tiff_deep import (
    channel_stack,
    is_ordinary,
    is_plain,
    opened,
    read_page,
    read_stack,
)

if TYPE_CHECKING:
    from tifffile import TiffPage

_SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

# Values of the tag PhotometricInterpretation.
_WHITE_IS_ZERO, _PALETTE = 0, 3
# Tags and values of files whose bands lie one after the other: Pillow reads deep, uncompressed ones as noise.
_BITS_PER_SAMPLE, _COMPRESSION, _PLANAR = 258, 259, 284
_UNCOMPRESSED, _SEPARATE = 1, 2
_LEFT_TO_OTHERS = ("damaged", "not-an-image", "unsupported")


class TiffReader:
    """Reader for TIFF. Pillow is tried first, so that common files look the same without the extra."""

    id = "tiff"
    rank = 40

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """See `Reader.claims`."""
        return head.startswith(_SIGNATURES)

    def read_deep(self, data: bytes, *, suffix: str) -> DeepImage | None:
        """See `Reader.read_deep`."""
        if find_spec("tifffile") is None:
            return _by_pillow(data, suffix=suffix)
        try:
            with opened(data) as file:
                stack = channel_stack(file)
                if stack is not None:
                    return read_stack(stack, data)
                page = file.pages.first
                if is_ordinary(page):
                    return None
                if not is_plain(page):
                    return read_page(page, frames=len(file.pages))
        except UnreadableImageError as error:
            if error.code not in _LEFT_TO_OTHERS:
                raise
            return None  # reading it as an ordinary image says what is wrong, if anything is
        deep = _by_pillow(data, suffix=suffix)
        if deep is not None:
            return deep
        with opened(data) as file:
            return read_page(file.pages.first, frames=len(file.pages))

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        try:
            if _is_noise_to_pillow(data, suffix=suffix):
                raise damaged("its colours lie one after the other")
            return PillowReader().read(data, suffix=suffix)
        except UnreadableImageError as error:
            if error.code not in ("damaged", "not-an-image"):
                raise
            if find_spec("tifffile") is None:
                raise UnreadableImageError(
                    "needs-extra",
                    "This TIFF is damaged, or of a kind whose reader is not installed.",
                    INSTALL_FORMATS,
                ) from error
            return _read_with_tifffile(data, by_pillow=error)


def _by_pillow(data: bytes, *, suffix: str) -> DeepImage | None:
    """Read a deep image with Pillow; None where Pillow cannot."""
    try:
        return PillowReader().read_deep(data, suffix=suffix)
    except UnreadableImageError as error:
        if error.code not in _LEFT_TO_OTHERS:
            raise
        return None


def _is_noise_to_pillow(data: bytes, *, suffix: str) -> bool:
    tags = getattr(open_image(data, suffix=suffix), "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, ())
    is_separate = tags.get(_PLANAR) == _SEPARATE and tags.get(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED
    return is_separate and isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8


def _read_with_tifffile(data: bytes, *, by_pillow: UnreadableImageError) -> DecodedImage:
    try:
        with opened(data) as file:
            page = file.pages.first
            check_size(int(page.imagewidth), int(page.imagelength))
            values = page.asarray()
            frames = len(file.pages)
    except UnreadableImageError as error:
        raise (by_pillow if error.code == "damaged" else error) from error
    pixels, notes = _to_pixels(values, page)
    if frames > 1:
        notes.append(f"first of {frames} frames used")
    return DecodedImage(pixels, tuple(notes))


def _to_pixels(values: NDArray[Any], page: TiffPage) -> tuple[NDArray[np.uint8], list[str]]:
    notes = []
    if page.photometric == _PALETTE and page.colormap is not None:
        values = np.moveaxis(page.colormap[:, values], 0, -1)
    elif page.axes.startswith("S"):
        values = np.moveaxis(values, 0, -1)
    if values.ndim == 3 and values.shape[2] > 3:
        # The meaning of an extra channel differs between programs; it is not treated as transparency.
        notes.append(f"first 3 of {values.shape[2]} channels used")
        values = values[:, :, :3]
    elif values.ndim == 3 and values.shape[2] == 2:
        notes.append("first of 2 channels used")
        values = values[:, :, :1]
    pixels, note = to_eight_bit(values)
    if note:
        notes.append(note)
    if page.photometric == _WHITE_IS_ZERO:
        pixels = 255 - pixels
    return to_rgb(pixels), notes


READERS.register(TiffReader())
