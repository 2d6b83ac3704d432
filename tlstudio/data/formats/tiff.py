"""Reads TIFF with Pillow where it can, else with tifffile (more channels, odd depths, OME-TIFF, BigTIFF)."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.formats import (
    INSTALL_FORMATS,
    READERS,
    SAVE_AS,
    DecodedImage,
    UnreadableImageError,
    check_size,
    quieten,
)
from tlstudio.data.formats.pillow import PillowReader
from tlstudio.data.pixels import to_eight_bit, to_rgb

if TYPE_CHECKING:
    from tifffile import TiffPage

_SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

# Values of the tag PhotometricInterpretation.
_WHITE_IS_ZERO, _PALETTE = 0, 3


class TiffReader:
    """Reader for TIFF. Pillow is tried first, so that common files look the same without the extra."""

    id = "tiff"
    rank = 40

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """See `Reader.claims`."""
        return head.startswith(_SIGNATURES)

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        try:
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


def _read_with_tifffile(data: bytes, *, by_pillow: UnreadableImageError) -> DecodedImage:
    import tifffile

    quieten()
    try:
        with tifffile.TiffFile(BytesIO(data)) as file:
            page = file.pages.first
            check_size(int(page.imagewidth), int(page.imagelength))
            values = page.asarray()
            frames = len(file.pages)
    except UnreadableImageError:
        raise
    except Exception as error:
        if "imagecodecs" in str(error):
            raise UnreadableImageError(
                "unsupported", f"This TIFF is compressed in a way that is not read here ({error}).", SAVE_AS
            ) from error
        raise by_pillow from error
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
