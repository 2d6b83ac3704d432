"""The values of TIFF files with more than 8 bits, with several bands, or with a page for each channel."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.deep import DeepImage
from tlstudio.data.formats import (
    SAVE_AS,
    UnreadableImageError,
    check_size,
    damaged,
    quieten,
    too_large,
)
from tlstudio.data.jpeg import turned
from tlstudio.data.pixels import scale
from tlstudio.data.reading.budget import BUDGET
from tlstudio.data.reading.pillow_deep import parsed_no_data
from tlstudio.data.reading.pillow_files import cut_short, load_upright, open_image

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries

MOST_BYTES = 1_600_000_000
"""Most memory of the values of an image; larger ones are refused."""
# Values of the tags PhotometricInterpretation and ExtraSamples, and numbers of tags.
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_TRANSPARENCIES = (1, 2)
_ORIENTATION, _GDAL_NO_DATA = 274, 42113


@contextmanager
def opened(data: bytes) -> Iterator[TiffFile]:
    """Open a TIFF with tifffile.

    Raises:
        UnreadableImageError: Whatever goes wrong inside, unless it says so itself.
    """
    import tifffile

    quieten()
    try:
        with tifffile.TiffFile(BytesIO(data)) as file:
            yield file
    except (UnreadableImageError, MemoryError):
        raise
    except Exception as error:
        if "imagecodecs" in str(error):
            found = re.search(r"COMPRESSION\.(\w+)", str(error))
            way = f" ({found[1]})" if found else ""
            raise UnreadableImageError(
                "unsupported", f"This TIFF is compressed in a way that is not read here{way}.", SAVE_AS
            ) from error
        raise damaged(error) from error


def channel_stack(file: TiffFile) -> TiffPageSeries | None:
    """The series of a file that holds each channel of one picture by itself (ImageJ, OME); None without one.

    A film or a focus series is none: its pages are pictures of their own.
    """
    series = file.series[0]
    sizes = dict(zip(series.axes, series.shape, strict=True))
    told = file.imagej_metadata or {}
    if told.get("channels", 1) > 1 and "C" not in sizes and sizes.get("S", 1) == 1:
        raise cut_short()  # ImageJ tells how many channels there are, and they are not all there
    is_stack = sizes.get("C", 1) > 1 and sizes.get("S", 1) == 1 and {"Y", "X"} <= sizes.keys()
    return series if is_stack else None


def read_stack(series: TiffPageSeries, data: bytes) -> DeepImage:
    """Read the channels of a series; of several times and depths the first is used.

    Args:
        series: A channel stack.
        data: The whole file.
    """
    sizes = dict(zip(series.axes, series.shape, strict=True))
    page = series.keyframe
    assert page.dtype is not None, "a page that was read has a kind of numbers"
    _claim(sizes["X"], sizes["Y"], channels=sizes["C"], dtype=page.dtype)
    leading = [(axis, size) for axis, size in sizes.items() if axis not in "YXS"]
    axes = [axis for axis in series.axes if axis in "CYX"]
    if len(series.pages) == math.prod(size for _, size in leading):
        pages = [_page_values(series.pages[number], data) for number in _first_pages(leading)]
        values = np.stack(pages).reshape(sizes["C"], sizes["Y"], sizes["X"])
        axes = ["C", "Y", "X"]
    elif math.prod(series.shape) * page.dtype.itemsize <= MOST_BYTES:
        values = series.asarray()[tuple(slice(None) if axis in "CYX" else 0 for axis in series.axes)]
    else:
        raise too_large(f"{math.prod(series.shape)}")
    notes = [
        f"first of {size} {_AXIS_WORDS.get(axis, 'pages')} used"
        for axis, size in leading
        if axis != "C" and size > 1
    ]
    values = values.transpose([axes.index(axis) for axis in "YXC"])
    return _deep(values, page, is_colour=False, alpha=None, notes=notes)


def is_ordinary(page: TiffPage) -> bool:
    """Return whether a page is a picture with 8 bits at most: grey, colours or a palette."""
    samples = int(page.samplesperpixel)
    if page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB):
        return True
    return page.dtype in (np.uint8, np.bool_) and (samples in (1, 3) or _has_alpha(page))


def is_plain(page: TiffPage) -> bool:
    """Return whether Pillow can be trusted with a deep page: one grey band, or colours beside each other."""
    samples = int(page.samplesperpixel)
    is_usual = samples == 1 or (page.photometric == _RGB and (samples == 3 or _has_alpha(page)))
    return is_usual and (samples == 1 or not is_planar(page))


def is_planar(page: TiffPage) -> bool:
    """Return whether a page stores its bands one after the other."""
    return int(page.planarconfig or 1) == 2


def read_page(page: TiffPage, *, frames: int) -> DeepImage:
    """Read all bands of a page.

    Args:
        page: The first one of the file.
        frames: Number of pages, named in a note.
    """
    samples = int(page.samplesperpixel)
    assert page.dtype is not None, "a page that was read has a kind of numbers"
    _claim(int(page.imagewidth), int(page.imagelength), channels=samples, dtype=page.dtype)
    values = page.asarray()
    if page.axes.startswith("S"):
        values = np.moveaxis(values, 0, -1)
    elif values.ndim == 2:
        values = values[:, :, np.newaxis]
    if values.ndim != 3:
        raise UnreadableImageError("unsupported", "This TIFF holds a volume, not a picture.", SAVE_AS)
    alpha = None
    if _has_alpha(page):
        most = np.iinfo(page.dtype).max if page.dtype.kind in "iu" else 1
        alpha = scale(values[:, :, -1], 0, most)
        values = values[:, :, :-1]
    notes = [f"first of {frames} frames used"] if frames > 1 else []
    is_colour = page.photometric == _RGB and values.shape[2] == 3
    return _deep(values, page, is_colour=is_colour, alpha=alpha, notes=notes)


_AXIS_WORDS = {"T": "times", "Z": "depths"}


def _first_pages(leading: list[tuple[str, int]]) -> list[int]:
    """Numbers of the pages of all channels at the first place of every other axis."""
    names, shape = zip(*leading, strict=True)
    channel = names.index("C")
    return [
        int(np.ravel_multi_index([number if place == channel else 0 for place in range(len(shape))], shape))
        for number in range(shape[channel])
    ]


def _page_values(page: Any, data: bytes) -> NDArray[Any]:
    """The values of a page of a stack; Pillow knows compressions that tifffile needs another library for."""
    try:
        values: NDArray[Any] = page.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        image = open_image(data, suffix="")
        image.seek(page.index)
        values = np.asarray(load_upright(image)[0])
    return values


def _claim(width: int, height: int, *, channels: int, dtype: np.dtype[Any]) -> None:
    check_size(width, height)
    size = width * height * channels * dtype.itemsize
    if size > MOST_BYTES:
        raise too_large(f"{width} × {height} × {channels}")
    BUDGET.claim(max(width * height, size // 3))


def _has_alpha(page: TiffPage) -> bool:
    samples, extra = int(page.samplesperpixel), tuple(page.extrasamples or ())
    return samples in (2, 4) and len(extra) == 1 and int(extra[0]) in _TRANSPARENCIES


def _deep(
    values: NDArray[Any],
    page: TiffPage,
    *,
    is_colour: bool,
    alpha: NDArray[np.uint8] | None,
    notes: list[str],
) -> DeepImage:
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * np.uint8(255)
    elif np.iscomplexobj(values):
        values = np.abs(values)
    orientation = page.tags.get(_ORIENTATION)
    turn = int(orientation.value) if orientation is not None else 1
    if 2 <= turn <= 8:
        values = turned(values, turn)
        alpha = None if alpha is None else turned(alpha[:, :, np.newaxis], turn)[:, :, 0]
        notes = [*notes, "turned by EXIF"]
    no_data = page.tags.get(_GDAL_NO_DATA)
    bits = int(page.bitspersample)
    return DeepImage(
        values=values,
        is_colour=is_colour,
        alpha=alpha,
        no_data=None if no_data is None else parsed_no_data(no_data.value),
        bits=bits if 8 < bits < 16 else None,
        is_inverted=page.photometric == _WHITE_IS_ZERO,
        notes=tuple(notes),
    )
