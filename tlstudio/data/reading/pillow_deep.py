"""The values of 16-bit, 32-bit and floating-point images that Pillow can read."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from tlstudio.data.deep import DeepImage
from tlstudio.data.reading.pillow_files import (
    deep_colour_layout,
    is_inverted,
    load_upright,
    open_image,
    stated_bits,
    transparent_value,
)
from tlstudio.data.reading.pillow_pixels import take_values

_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_COLOURS = ("RGB;16", "RGBA;16", "RGBX;16")
_GDAL_NO_DATA = 42113


def deep_grey(image: Image.Image, *, notes: tuple[str, ...]) -> DeepImage:
    """Take the values of a loaded grey image with more than 8 bits.

    Args:
        image: Upright, in one of the `DEEP_MODES`.
        notes: What was done so far.
    """
    bits, inverted, transparent = stated_bits(image), is_inverted(image), transparent_value(image)
    no_data = no_data_value(image)
    values = take_values(image)
    alpha = None
    if transparent is not None:
        alpha = np.where(values == transparent, np.uint8(0), np.uint8(255))
    return DeepImage(
        values=values[:, :, np.newaxis],
        alpha=alpha,
        no_data=no_data,
        bits=bits,
        is_inverted=inverted,
        notes=notes,
    )


def has_deep_colours(image: Image.Image) -> bool:
    """Return whether an opened image holds 16-bit colours that `deep_colours` can read."""
    layout = deep_colour_layout(image)
    return layout is not None and layout[:-1] in _COLOURS


def deep_colours(data: bytes, *, suffix: str, notes: tuple[str, ...]) -> DeepImage:
    """Read 16-bit colours, of which Pillow gives the upper bytes only.

    The file is decoded twice: read in the other byte order, Pillow's "upper" bytes are the lower ones.

    Args:
        data: The whole file, for which `has_deep_colours` holds.
        suffix: Ending of the file's name.
        notes: What the header says.
    """
    image = open_image(data, suffix=suffix)
    no_data = no_data_value(image)
    image, turn_notes = load_upright(image)
    values = take_values(image).astype(np.uint16)
    values <<= 8
    image = open_image(data, suffix=suffix)
    assert isinstance(image, ImageFile), "what was opened from a file is one"
    image.tile = [tile._replace(args=_swapped(tile.args)) for tile in image.tile]
    values |= take_values(load_upright(image)[0])
    alpha = (values[:, :, 3] >> 8).astype(np.uint8) if values.shape[2] == 4 else None
    return DeepImage(
        values=values[:, :, :3], is_colour=True, alpha=alpha, no_data=no_data, notes=(*notes, *turn_notes)
    )


def no_data_value(image: Image.Image) -> float | None:
    """The value that GDAL wrote for "nothing was measured here"; None without one."""
    return parsed_no_data(getattr(image, "tag_v2", {}).get(_GDAL_NO_DATA))


def parsed_no_data(text: Any) -> float | None:
    """The number in the tag GDAL_NODATA, e.g. "-9999" or "nan"; None where there is none."""
    try:
        return float(str(text).strip("\x00 ").replace(",", "."))
    except ValueError:
        return None


def _swapped(layout: Any) -> Any:
    """The arguments of a tile with its byte order swapped."""
    if isinstance(layout, tuple):
        return (_swapped(layout[0]), *layout[1:])
    return layout[:-1] + _OTHER_ORDER[layout[-1]]
