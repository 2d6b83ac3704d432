"""Images with more than 8 bits or with channels of their own: their values, and how they become RGB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.values import ValueSummary, ValueWindow
from tlstudio.data.formats import DecodedImage
from tlstudio.data.pixels import depth_of, over_white, scale, strips

SAMPLED_PIXELS = 1 << 18
"""Pixels of one image that its percentiles are taken from, evenly spread."""
LEFT_OUT = 0.001
"""Share of the pixels beyond `ValueSummary.low`, and of those beyond `high`: hot pixels, glare."""
COLOUR_CHANNELS = (1, 2, 3)
EIGHT_BIT, _COLOUR = "8-bit", "colour"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeepImage:
    """The values that a file holds, before they are scaled to 8 bits.

    Attributes:
        values: `[H, W, C]`, upright, any integer or floating-point type.
        is_colour: Whether the three channels are red, green and blue of one picture, which share a window.
        alpha: `[H, W]`, 255 is opaque; None without transparency.
        no_data: The value that stands for "nothing was measured here"; None without one. Numbers that are
            not finite stand for it anyway.
        bits: Depth that the file states; None when it states none.
        is_inverted: Whether black is stored as the largest number.
        notes: What was done so far, e.g. "turned by EXIF".
    """

    values: NDArray[Any]
    is_colour: bool = False
    alpha: NDArray[np.uint8] | None = None
    no_data: float | None = None
    bits: int | None = None
    is_inverted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.values.shape[2])

    @property
    def layout(self) -> str:
        """See `ValueSummary.layout`."""
        if self.is_colour:
            channels = _COLOUR
        elif self.channels == 1:
            channels = "grey, black stored as the largest number" if self.is_inverted else "grey"
        else:
            channels = f"{self.channels} channels"
        if self.values.dtype == np.uint8:
            return f"{channels}, {EIGHT_BIT}"
        return f"{channels}, {'whole' if self.values.dtype.kind in 'iu' else 'real'} numbers"

    @property
    def is_complete(self) -> bool:
        """True if every value is known to be measured: whole numbers without one that stands for no data."""
        return self.values.dtype.kind in "iu" and self.no_data is None

    def is_valid(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Mark those of some values that were measured: finite numbers that do not stand for no data."""
        valid = np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, np.bool_)
        if self.no_data is not None:
            valid &= values != _as_stored(self.no_data, values.dtype)
        return valid


def default_channels(count: int) -> tuple[int, ...]:
    """The channels that are seen when nobody picked any: the first three, counted from 1."""
    return COLOUR_CHANNELS[:count]


def summarise(image: DeepImage) -> ValueSummary:
    """Measure the values of an image; no-data values and transparent pixels are left out."""
    height, width, _ = image.values.shape
    step = max(1, int(np.ceil(np.sqrt(height * width / SAMPLED_PIXELS))))
    parts = (
        [slice(None)] if image.is_colour else [slice(number, number + 1) for number in range(image.channels)]
    )
    measured = [_measure(image, channels, step=step) for channels in parts]
    least, low, high, most = zip(*measured, strict=True)
    return ValueSummary(
        layout=image.layout,
        bits=_depth(image, min(least), max(most)),
        least=least,
        low=low,
        high=high,
        most=most,
    )


def render(image: DeepImage, windows: Sequence[ValueWindow]) -> DecodedImage:
    """Scale the values to RGB pixels; what was not measured becomes black, transparent parts white.

    Args:
        image: Is scaled by itself when there is no window for its layout, or one without numbers.
        windows: At most one for each layout.
    """
    height, width, _ = image.values.shape
    window = next((window for window in windows if window.layout == image.layout), None)
    channels = window.channels if window is not None else default_channels(image.channels)
    low, high = (window.low, window.high) if window is not None and window.low else _own(image, channels)
    pixels = np.zeros((height, width, 3), np.uint8)
    for place, (channel, black, white) in enumerate(zip(channels, low, high, strict=True)):
        for rows in strips(image.values):
            values = image.values[rows, :, channel - 1]
            valid = None if image.is_complete else image.is_valid(values)
            known = values if valid is None else np.where(valid, values, values.dtype.type(0))
            scaled = scale(known, black, white)
            if image.is_inverted:
                scaled = 255 - scaled
            if valid is not None:
                scaled[~valid] = 0
            pixels[rows, :, place] = scaled
    if len(channels) == 1:
        pixels[:, :, 1:] = pixels[:, :, :1]
    if image.alpha is not None:
        pixels = over_white(pixels, image.alpha)
    notes = [*image.notes, *_channel_note(channels, image.channels)]
    if not is_eight_bit(image.layout):
        ranges = dict.fromkeys(f"{black:.5g} to {white:.5g}" for black, white in zip(low, high, strict=True))
        own = " of this image alone" if window is None or not window.low else ""
        notes.append(f"values {', '.join(ranges)}{own} seen as black to white")
    return DecodedImage(pixels, tuple(notes))


def is_eight_bit(layout: str) -> bool:
    """Return whether images of a layout have 8 bits already, so that nothing is scaled."""
    return layout.endswith(EIGHT_BIT)


def is_colour(layout: str) -> bool:
    """Return whether the three channels of a layout are red, green and blue, which share a window."""
    return layout.startswith(_COLOUR)


def _own(image: DeepImage, channels: Sequence[int]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the values for black and white of some channels, found from this image alone."""
    if is_eight_bit(image.layout):
        return (0.0,) * len(channels), (255.0,) * len(channels)
    summary = summarise(image)
    places = [0 if image.is_colour else channel - 1 for channel in channels]
    return tuple(summary.low[place] for place in places), tuple(summary.high[place] for place in places)


def _measure(image: DeepImage, channels: slice, *, step: int) -> tuple[float, float, float, float]:
    """The least, low, high and largest value of some channels; zeros where nothing was measured."""
    least, most = np.inf, -np.inf
    for rows in strips(image.values):
        values = _measured(image, rows, channels)
        if values.size:
            least, most = min(least, float(values.min())), max(most, float(values.max()))
    if least > most:
        return 0.0, 0.0, 0.0, 0.0
    sample = _measured(image, slice(None, None, step), channels, step=step)
    if not sample.size:
        return least, least, most, most
    low = float(np.quantile(sample, LEFT_OUT, method="higher"))
    high = float(np.quantile(sample, 1 - LEFT_OUT, method="lower"))
    return least, min(low, high), max(low, high), most


def _measured(image: DeepImage, rows: slice, channels: slice, *, step: int = 1) -> NDArray[Any]:
    values = image.values[rows, ::step, channels]
    if image.is_complete and image.alpha is None:
        return values
    valid = image.is_valid(values)
    if image.alpha is not None:
        valid &= image.alpha[rows, ::step, np.newaxis] > 0
    measured: NDArray[Any] = values[valid]
    return measured


def _depth(image: DeepImage, least: float, most: float) -> int:
    if image.values.dtype.kind not in "iu":
        return 0
    if least < 0 or most > 65535:
        return 8 * image.values.dtype.itemsize
    return image.bits if image.bits and most < 2**image.bits else depth_of(most)


def _as_stored(value: float, dtype: np.dtype[Any]) -> Any:
    """A number as the file stores it, so that it can be compared; NaN where it cannot be stored."""
    if dtype.kind == "f":
        return dtype.type(value)
    stored = int(value) if np.isfinite(value) and float(value).is_integer() else None
    fits = stored is not None and np.iinfo(dtype).min <= stored <= np.iinfo(dtype).max
    return dtype.type(stored) if fits else np.nan


def _channel_note(channels: Sequence[int], count: int) -> list[str]:
    if count == 1 or (count == len(channels) == 3):
        return []
    if len(channels) == 1:
        return [f"channel {channels[0]} of {count} as grey"]
    colours = ("red", "green", "blue")
    words = ", ".join(f"{channel} {colour}" for channel, colour in zip(channels, colours, strict=False))
    return [f"channels {words} of {count}"]
