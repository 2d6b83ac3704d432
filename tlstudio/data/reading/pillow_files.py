"""Opens and loads files with Pillow: formats, sizes, orientation, and what their headers say."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from tlstudio.data.formats import (
    COPY_AGAIN,
    MAX_PIXELS,
    UnreadableImageError,
    check_size,
    damaged,
    quieten,
    too_large,
)
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
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TRUNCATION_WORDS = (
    "truncated",
    "not enough image data",
    "unexpected end",
    "broken data stream",
    "cannot load this",
)
JPEG_START = b"\xff\xd8\xff"
_SIGNATURES = (
    JPEG_START,
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"RIFF",
)
DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
# A phone's MPO holds a preview or depth map after the photo, a PSD its layers: the first is the picture.
_WHOLE_PICTURE_FIRST = {"MPO", "PSD", "ICO", "ICNS", "CUR"}


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


def orientation_of(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation, 1 to 8; 1 where it is missing or damaged."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything; the picture itself may be fine
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def load_upright(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Decode an opened image and turn it upright.

    Returns:
        The image, and notes on the turn.

    Raises:
        UnreadableImageError: It is cut short or damaged.
    """
    # Pillow turns TIFFs while loading them and removes the tag, so it is read before.
    before = orientation_of(image) if image.format == "TIFF" else 1
    _load(image)
    after = orientation_of(image)
    if after in TURNS:
        image = image.transpose(TURNS[after])
    return image, turn_notes_of(max(before, after))


def turn_notes_of(orientation: int) -> tuple[str, ...]:
    """The note that says that an image was turned."""
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
        return cut_short()
    return damaged(error)


def cut_short() -> UnreadableImageError:
    """The error for a file of which a part is missing."""
    return UnreadableImageError("truncated", "The file is cut short: its end is missing.", COPY_AGAIN)


def header_notes(image: Image.Image, *, suffix: str, cuts_colours: bool = True) -> tuple[str, ...]:
    """List what a person should know from the header of an image, such as a wrong ending or further frames.

    Args:
        image: Not loaded yet.
        suffix: Ending of the file's name.
        cuts_colours: Whether of 16-bit colours the upper bytes are used only.
    """
    notes = []
    expected = _SUFFIXES.get(image.format or "")
    if expected and suffix and suffix not in expected:
        notes.append(f"named {suffix} but is a {image.format}")
    if cuts_colours and deep_colour_layout(image) is not None:
        notes.append("16-bit colours cut to 8 bits")
    if image.format not in _WHOLE_PICTURE_FIRST:
        try:
            frames = getattr(image, "n_frames", 1)
        except Exception:  # noqa: BLE001 - later frames may be damaged in any way; only the first is used
            frames = 1
        if frames > 1:
            notes.append(f"first of {frames} frames used")
    return tuple(notes)


def deep_colour_layout(image: Image.Image) -> str | None:
    """Pillow's name of the layout of 16-bit colours, of which it keeps the upper bytes only; else None."""
    tiles = getattr(image, "tile", ())
    layout = tiles[0].args if tiles else None
    layout = layout[0] if isinstance(layout, tuple) and layout else layout
    return layout if isinstance(layout, str) and ";16" in layout and image.mode not in DEEP_MODES else None


def stated_bits(image: Image.Image) -> int | None:
    """The depth of 9 to 15 bits that a TIFF states; 16 would say only how the values are stored."""
    stated = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE)
    bits = stated[0] if isinstance(stated, tuple) and stated else stated
    return bits if isinstance(bits, int) and 8 < bits < 16 else None


def is_inverted(image: Image.Image) -> bool:
    """Return whether a deep image stores black as the largest number."""
    return getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def transparent_value(image: Image.Image) -> int | None:
    """The value of a grey image that stands for transparent; None without one."""
    value = image.info.get("transparency")
    return value if isinstance(value, int) else None
