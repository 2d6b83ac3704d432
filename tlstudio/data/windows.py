"""Chooses windows of values: which values become black and white, once for all images of a data set.

Scaled by itself, a picture with one hot pixel turns dark, and a dim specimen looks like a bright one. So all
images of one layout (channels and kind of numbers) share a window. For each image the values are known that a
thousandth of its pixels lies beyond; of these, the most extreme fortieth of the images is left out on each
side, so that neither hot pixels nor a few spoilt images decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError
from tlstudio.core.values import ORDINARY, ValueSummary, ValueWindow
from tlstudio.data.deep import COLOUR_CHANNELS, default_channels, is_colour, is_eight_bit
from tlstudio.specs.recipe import ValueSettings

SHOWN_AT_ONCE = len(COLOUR_CHANNELS)
ONE_IMAGE_IN = 40
"""Number of images of which the most extreme one is left out, on each side."""


def choose_windows(images: Iterable[Image], settings: ValueSettings) -> tuple[ValueWindow, ...] | None:
    """Choose the windows for the images of a data set.

    Args:
        images: All images of it; only deep ones count.
        settings: As the person chose them.

    Returns:
        One window for each layout, sorted by layout; None when all images are ordinary ones.

    Raises:
        UserError: A picked channel does not exist.
    """
    layouts = summaries_by_layout(images)
    return tuple(_window(layout, layouts[layout], settings) for layout in sorted(layouts)) or None


def summaries_by_layout(images: Iterable[Image]) -> Mapping[str, Sequence[ValueSummary]]:
    """The values of the deep images of each layout."""
    layouts: dict[str, list[ValueSummary]] = defaultdict(list)
    for image in images:
        if image.values is not None and image.values.layout != ORDINARY:
            layouts[image.values.layout].append(image.values)
    return layouts


def _window(layout: str, summaries: Sequence[ValueSummary], settings: ValueSettings) -> ValueWindow:
    channels = _channels(layout, summaries, settings)
    # Colours have one range for all three.
    places = [0 if is_colour(layout) else channel - 1 for channel in channels]
    if is_eight_bit(layout):
        ranges = [(0.0, 255.0)] * len(channels)
    elif settings.window == "image":
        return ValueWindow(layout=layout, channels=channels, low=(), high=())
    elif settings.window == "given" and settings.low is not None and settings.high is not None:
        ranges = [(settings.low, settings.high)] * len(channels)
    elif settings.window == "full":
        ranges = [_full_range(summaries)] * len(channels)
    else:
        ranges = [_robust_range(summaries, place) or _full_range(summaries) for place in places]
    return ValueWindow(
        layout=layout,
        channels=channels,
        low=tuple(low for low, _ in ranges),
        high=tuple(high for _, high in ranges),
    )


def _channels(layout: str, summaries: Sequence[ValueSummary], settings: ValueSettings) -> tuple[int, ...]:
    if is_colour(layout):
        return COLOUR_CHANNELS
    count = len(summaries[0].least)
    if count == 1 or not settings.channels:
        return default_channels(count)
    if max(settings.channels) > count:
        raise UserError(
            f"Channel {max(settings.channels)} does not exist: images of this set have {count} channels.",
            mend=f"Pick up to three of 1 to {count}.",
        )
    return settings.channels


def _robust_range(summaries: Sequence[ValueSummary], place: int) -> tuple[float, float] | None:
    """The range of one channel without spoilt images; None when no image has more than one value."""
    varied = [summary for summary in summaries if summary.least[place] < summary.most[place]]
    left_out = len(varied) // ONE_IMAGE_IN
    if not varied:
        return None
    low = sorted(summary.low[place] for summary in varied)[left_out]
    high = sorted(summary.high[place] for summary in varied)[-1 - left_out]
    return (low, high) if low < high else None


def _full_range(summaries: Sequence[ValueSummary]) -> tuple[float, float]:
    """Return the range of all that the numbers of the images can hold."""
    least = min(min(summary.least) for summary in summaries)
    most = max(max(summary.most) for summary in summaries)
    bits = max(summary.bits for summary in summaries)
    if 0 < bits <= 16 and least >= 0:
        return 0.0, float(2**bits - 1)
    return (0.0, 1.0) if bits == 0 and least >= 0 and most <= 1 else (least, most)
