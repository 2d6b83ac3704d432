"""Reads raw files of cameras with rawpy, developed with the camera's white balance at half size.

At half size each 2 × 2 block of the sensor becomes one pixel: no colours are interpolated, it is four times
as fast, and still far larger than any backbone's input.
"""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO

import numpy as np

from tlstudio.data.formats import (
    READERS,
    SAVE_AS,
    DecodedImage,
    UnreadableImageError,
    check_size,
    damaged,
    needs_extra,
    quieten,
)

_SUFFIXES = {
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef", ".mos"),
    *(".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"),
}
_EVERYDAY = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")


class CameraRawReader:
    """Reader for camera raw files. They are claimed by file ending: most look like a TIFF with a preview."""

    id = "camera-raw"
    rank = 30

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """See `Reader.claims`."""
        return suffix in _SUFFIXES and not head.startswith(_EVERYDAY)

    def read_deep(self, data: bytes, *, suffix: str) -> None:
        """See `Reader.read_deep`; these become 8 bits while they are read."""

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        if find_spec("rawpy") is None:
            raise needs_extra("a camera's raw file")
        import rawpy

        quieten()
        try:
            with rawpy.imread(BytesIO(data)) as raw:
                check_size(raw.sizes.width, raw.sizes.height)
                pixels = raw.postprocess(use_camera_wb=True, half_size=True, output_bps=8)
        except rawpy.LibRawFileUnsupportedError as error:
            raise UnreadableImageError(
                "unsupported", "This camera's raw file is not known to the reader.", SAVE_AS
            ) from error
        except rawpy.LibRawError as error:
            raise damaged("cut short, or not a raw file") from error
        return DecodedImage(np.ascontiguousarray(pixels), ("camera raw developed at half size",))


READERS.register(CameraRawReader())
