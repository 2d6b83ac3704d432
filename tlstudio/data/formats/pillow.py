"""Reads common formats (JPEG, PNG, WebP, GIF, BMP, AVIF, JPEG 2000 …) with Pillow; the fallback reader."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tlstudio.data.formats import (
    COPY_AGAIN,
    MAX_PIXELS,
    READERS,
    CheckedImage,
    DecodedImage,
    UnreadableImageError,
    check_size,
    damaged,
    quieten,
    too_large,
)
from tlstudio.data.jpeg import jpeg_pixels, turned
from tlstudio.data.pixels import to_eight_bit, to_rgb
from tlstudio.data.sniff import unknown_reason

# The plugins are loaded here, once: loading them later from several threads is not safe.
Image.init()
# Pillow's own guard is only a warning between once and twice this figure; check_size is exact.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

# Ordered by how common they are. Left out are formats that run other programs (EPS), need a library that is
# rarely installed (GRIB, HDF5), or are recognised by so few bytes that any file may match.
_FORMATS = (
    *("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "PSD", "DIB", "CUR"),
    *("ICNS", "PCX", "DCX", "SGI", "DDS", "QOI", "SUN", "FITS", "XBM", "XPM", "MSP", "FLI", "IM", "BLP"),
)
_TARGA_SUFFIXES = {".tga", ".icb", ".vda", ".vst"}
_SUFFIXES = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".jps"},
    "MPO": {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".jps"},
    "PNG": {".png", ".apng"},
    "GIF": {".gif"},
    "BMP": {".bmp", ".dib"},
    "WEBP": {".webp"},
    "TIFF": {".tif", ".tiff"},
}
_ORIENTATION = 0x0112
# Tags of TIFF files, and a value of the last.
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262
_WHITE_IS_ZERO = 0
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MODE_NOTES = {
    "CMYK": "CMYK converted",
    "LAB": "Lab colours converted",
    "YCbCr": "YCbCr converted",
    "HSV": "HSV converted",
}
_TRUNCATION_WORDS = (
    "truncated",
    "not enough image data",
    "unexpected end",
    "broken data stream",
    "cannot load this",
)
_SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"RIFF",
)
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
# A phone's MPO holds a preview or depth map after the photo, a PSD its layers: the first is the picture.
_WHOLE_PICTURE_FIRST = {"MPO", "PSD", "ICO", "ICNS", "CUR"}


class PillowReader:
    """Reader for everything that no other reader claims, with a fast check for JPEG."""

    id = "pillow"
    rank = 100

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """Always true: this reader is tried last."""
        return True

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        image = open_image(data, suffix=suffix)
        notes = _header_notes(image, suffix=suffix)
        pixels = jpeg_pixels(data) if (image.format, image.mode) == ("JPEG", "RGB") else None
        if pixels is not None:
            orientation = orientation_of(image)
            return DecodedImage(turned(pixels, orientation), (*notes, *_turn_notes(orientation)))
        image, turn_notes = _load_upright(image)
        pixels, converted = rgb_of(image)
        return DecodedImage(pixels, (*notes, *turn_notes, *converted))

    def check(self, data: bytes, *, suffix: str) -> CheckedImage:
        """Check that `read` will succeed, and find size and notes, with as little decoding as possible.

        A JPEG is decoded at an eighth of its size: every byte is still read, so that a truncated or damaged
        file is found just as well, and most of the arithmetic is saved.
        """
        if not data.startswith(b"\xff\xd8\xff"):
            decoded = self.read(data, suffix=suffix)
            height, width = decoded.pixels.shape[:2]
            return CheckedImage(width=width, height=height, notes=decoded.notes)
        image = open_image(data, suffix=suffix)
        width, height = image.size
        notes = _header_notes(image, suffix=suffix)
        converted = (_MODE_NOTES[image.mode],) if image.mode in _MODE_NOTES else ()
        if orientation_of(image) >= 5:
            width, height = height, width
        image.draft(None, (1, 1))
        _, turn_notes = _load_upright(image)
        return CheckedImage(width=width, height=height, notes=(*notes, *turn_notes, *converted))


def open_image(data: bytes, *, suffix: str) -> Image.Image:
    """Open a file and read its header, without decoding the pixels.

    Raises:
        UnreadableImageError: Not an image that Pillow knows, or too large.
    """
    quieten()
    formats = (*_FORMATS, "TGA") if suffix in _TARGA_SUFFIXES else _FORMATS
    try:
        image = Image.open(BytesIO(data), formats=formats)
    except UnidentifiedImageError as error:
        if data.startswith(_SIGNATURES) or data[4:12] == b"ftypavif":
            raise damaged("its beginning makes no sense") from error
        raise UnreadableImageError("not-an-image", *unknown_reason(data)) from error
    except MemoryError:
        raise
    except Exception as error:
        raise _damage(error) from error
    check_size(*image.size)
    return image


def rgb_of(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Convert a loaded image of any mode to RGB.

    Returns:
        uint8 `[H, W, 3]`, and notes on the conversion.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return np.array(image), ()
    if image.mode in _DEEP_MODES:
        return _deep_to_rgb(image)
    notes = (_MODE_NOTES[image.mode],) if image.mode in _MODE_NOTES else ()
    if not image.has_transparency_data:
        return np.array(image.convert("RGB")), notes
    pixels = np.array(image.convert("RGBA"))
    if pixels[:, :, 3].min() < 255:
        notes = (*notes, "transparent parts laid on white")
    return to_rgb(pixels), notes


def orientation_of(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation, 1 to 8; 1 where it is missing or damaged."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything; the picture itself may be fine
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _load_upright(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    # Pillow turns TIFFs while loading them and removes the tag, so it is read before.
    before = orientation_of(image) if image.format == "TIFF" else 1
    _load(image)
    after = orientation_of(image)
    if after in _TURNS:
        image = image.transpose(_TURNS[after])
    return image, _turn_notes(max(before, after))


def _turn_notes(orientation: int) -> tuple[str, ...]:
    return ("turned by EXIF",) if orientation > 1 else ()


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        raise _damage(error) from error


def _damage(error: Exception) -> UnreadableImageError:
    if isinstance(error, Image.DecompressionBombError):
        return too_large()
    if any(words in str(error).lower() for words in _TRUNCATION_WORDS):
        return UnreadableImageError("truncated", "The file is cut short: its end is missing.", COPY_AGAIN)
    return damaged(error)


def _header_notes(image: Image.Image, *, suffix: str) -> tuple[str, ...]:
    notes = []
    expected = _SUFFIXES.get(image.format or "")
    if expected and suffix and suffix not in expected:
        notes.append(f"named {suffix} but is a {image.format}")
    if _is_deep_colour(image):
        notes.append("16-bit colours cut to 8 bits")
    if image.format not in _WHOLE_PICTURE_FIRST:
        try:
            frames = getattr(image, "n_frames", 1)
        except Exception:  # noqa: BLE001 - later frames may be damaged in any way; only the first is used
            frames = 1
        if frames > 1:
            notes.append(f"first of {frames} frames used")
    return tuple(notes)


def _is_deep_colour(image: Image.Image) -> bool:
    # Pillow keeps the upper bytes of 16-bit colour only; the name of the raw layout shows it.
    tiles = getattr(image, "tile", ())
    layout = tiles[0].args if tiles else None
    layout = layout[0] if isinstance(layout, tuple) and layout else layout
    return isinstance(layout, str) and ";16" in layout and image.mode not in _DEEP_MODES


def _stated_bits(image: Image.Image) -> int | None:
    # A TIFF may state 12 bits; 16 says only how the values are stored.
    stated = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE)
    bits = stated[0] if isinstance(stated, tuple) and stated else stated
    return bits if isinstance(bits, int) and 8 < bits < 16 else None


def _deep_to_rgb(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    values = np.asarray(image)
    grey, note = to_eight_bit(values, bits=_stated_bits(image))
    notes = [note] if note else []
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        # Pillow turns 8-bit TIFFs of this kind itself, but not deep ones.
        grey = 255 - grey
        notes.append("white-is-zero inverted")
    transparent = image.info.get("transparency")
    if isinstance(transparent, int) and (values == transparent).any():
        grey = np.where(values == transparent, np.uint8(255), grey)
        notes.append("transparent parts laid on white")
    return to_rgb(grey), tuple(notes)


READERS.register(PillowReader())
