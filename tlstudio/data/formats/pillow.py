"""Reads common formats (JPEG, PNG, WebP, GIF, BMP, AVIF, JPEG 2000 …) with Pillow; the fallback reader."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tlstudio.data.deep import DeepImage
from tlstudio.data.formats import READERS, CheckedImage, DecodedImage, UnreadableImageError, checked
from tlstudio.data.jpeg import has_end, jpeg_pixels, turned, with_its_end
from tlstudio.data.pixels import to_eight_bit, to_rgb
from tlstudio.data.reading.pillow_deep import deep_colours, deep_grey, has_deep_colours
from tlstudio.data.reading.pillow_files import (
    DEEP_MODES,
    JPEG_START,
    cut_short,
    header_notes,
    is_inverted,
    load_upright,
    open_image,
    orientation_of,
    stated_bits,
    transparent_value,
    turn_notes_of,
)
from tlstudio.data.reading.pillow_pixels import pixels_on_white, rgb_pixels, take_values

_MODE_NOTES = {
    "CMYK": "CMYK converted",
    "LAB": "Lab colours converted",
    "YCbCr": "YCbCr converted",
    "HSV": "HSV converted",
}
ON_WHITE = "transparent parts laid on white"
END_MISSING = "its last bytes are missing, but the picture is whole"
# Formats that hold 8 bits a channel only, by their first bytes.
_ORDINARY = (JPEG_START, b"GIF8", b"BM", b"RIFF")
_PNG_START, _PNG_BITS = b"\x89PNG\r\n\x1a\n", 24


class PillowReader:
    """Reader for everything that no other reader claims, with a fast check for JPEG."""

    id = "pillow"
    rank = 100

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """Always true: this reader is tried last."""
        return True

    def read_deep(self, data: bytes, *, suffix: str) -> DeepImage | None:
        """See `Reader.read_deep`."""
        if data.startswith(_ORDINARY) or (data.startswith(_PNG_START) and data[_PNG_BITS] <= 8):
            return None
        image = open_image(data, suffix=suffix)
        notes = header_notes(image, suffix=suffix, cuts_colours=False)
        if image.mode in DEEP_MODES:
            image, turn_notes = load_upright(image)
            return deep_grey(image, notes=(*notes, *turn_notes))
        return deep_colours(data, suffix=suffix, notes=notes) if has_deep_colours(image) else None

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        image = open_image(data, suffix=suffix)
        notes = header_notes(image, suffix=suffix)
        pixels = jpeg_pixels(data) if (image.format, image.mode) == ("JPEG", "RGB") else None
        if pixels is not None:
            orientation = orientation_of(image)
            return DecodedImage(turned(pixels, orientation), (*notes, *turn_notes_of(orientation)))
        if data.startswith(JPEG_START) and not has_end(data):
            whole = with_its_end(data)
            if whole is None:
                raise cut_short()
            decoded = self.read(whole, suffix=suffix)
            return DecodedImage(decoded.pixels, (*decoded.notes, END_MISSING))
        image, turn_notes = load_upright(image)
        pixels, converted = rgb_of(image)
        return DecodedImage(pixels, (*notes, *turn_notes, *converted))

    def check(self, data: bytes, *, suffix: str) -> CheckedImage:
        """Check that `read` will succeed, and find size and notes, with as little decoding as possible.

        A JPEG is decoded at an eighth of its size: every byte is still read, so that a truncated or damaged
        file is found just as well, and most of the arithmetic is saved.
        """
        if not data.startswith(JPEG_START) or not has_end(data):
            return self._check_by_reading(data, suffix=suffix)
        image = open_image(data, suffix=suffix)
        width, height = image.size
        notes = header_notes(image, suffix=suffix)
        converted = (_MODE_NOTES[image.mode],) if image.mode in _MODE_NOTES else ()
        if orientation_of(image) >= 5:
            width, height = height, width
        image.draft(None, (1, 1))
        try:
            image, turn_notes = load_upright(image)
        except UnreadableImageError:
            # Some kinds (lossless JPEGs) have no small version: reading judges.
            return self._check_by_reading(data, suffix=suffix)
        if all(len(set(band.getextrema())) == 1 for band in image.split()):
            return self._check_by_reading(data, suffix=suffix)  # of one colour, or of very small detail
        return CheckedImage(width=width, height=height, notes=(*notes, *turn_notes, *converted))

    def _check_by_reading(self, data: bytes, *, suffix: str) -> CheckedImage:
        return checked(self.read(data, suffix=suffix))


def rgb_of(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Convert a loaded image of any mode to RGB.

    Returns:
        uint8 `[H, W, 3]`, and notes on the conversion.
    """
    if image.mode in DEEP_MODES:
        return _deep_to_rgb(image)
    notes = (_MODE_NOTES[image.mode],) if image.mode in _MODE_NOTES else ()
    if not image.has_transparency_data:
        return rgb_pixels(image), notes
    pixels, is_transparent = pixels_on_white(image)
    return pixels, (*notes, ON_WHITE) if is_transparent else notes


def _deep_to_rgb(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    bits, inverted, transparent = stated_bits(image), is_inverted(image), transparent_value(image)
    values = take_values(image)
    grey, note = to_eight_bit(values, bits=bits)
    notes = [note] if note else []
    if inverted:
        # Pillow turns 8-bit TIFFs of this kind itself, but not deep ones.
        grey = 255 - grey
        notes.append("white-is-zero inverted")
    if transparent is not None and (values == transparent).any():
        grey[values == transparent] = 255
        notes.append(ON_WHITE)
    return to_rgb(grey), tuple(notes)


READERS.register(PillowReader())
