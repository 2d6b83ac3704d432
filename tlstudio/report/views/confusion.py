"""Confusion matrix: rows are true classes, columns predicted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tlstudio.core.colours import Colours
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.report.style import (
    POINTS_PER_PIXEL,
    SMALL,
    Margins,
    add_axes,
    draw_message,
    elided,
    ink,
    mix,
    palette,
    size_of,
    text_width,
)
from tlstudio.report.view import PAGE_WIDTH, Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

WIDEST_CELL, HIGHEST_CELL = 48.0, 32.0
WIDEST_FOR_NAMES = 80.0
"""Largest width to which cells grow to avoid vertical class names."""

MANY_CLASSES = 14
"""Number of classes above which cells are smaller and zeros are left out."""

SMALLEST_NUMBER = 4.5
"""Smallest size of numbers in points; smaller ones are left out, and the colour remains."""

_CAPTION = "rows: true class · columns: predicted class"
_CAPTION_HEIGHT = 18.0


def natural_size(names: Sequence[str], *, widest: float) -> tuple[float, float]:
    """Width and height in points at which a matrix is readable without empty space.

    Args:
        names: Of the classes.
        widest: Available width in points.
    """
    few = len(names) <= MANY_CLASSES
    longest = max(text_width(name, size=SMALL) for name in names) + 12
    left = min(longest, widest * 0.3)
    # A little more than needed, so that rounding does not make the names vertical.
    cell = _widest_cell(longest) + 0.5 if few else 24.0
    width = min(widest, max(left + cell * len(names) + 10, text_width(_CAPTION, size=SMALL) + 16))
    upright = longest > (width - left - 10) / len(names)
    rows = (HIGHEST_CELL if few else 16.0) * len(names)
    top = min(longest, (rows + _CAPTION_HEIGHT) * 0.4) if upright else SMALL * 2
    return width, top + rows + _CAPTION_HEIGHT + 6


def _widest_cell(longest: float) -> float:
    return longest if WIDEST_CELL < longest <= WIDEST_FOR_NAMES else WIDEST_CELL


class Confusion:
    """Draws the confusion matrix.

    Values: {"confusion": [[…]], "classes": […]}, counts of true class i predicted as j.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        metrics = Metrics.from_json(values)
        matrix = np.array(metrics.confusion or [[]], dtype=np.int64)
        if not matrix.sum():
            draw_message(figure, "There are no images to compare.", colours)
            return
        names = metrics.classes
        width, height = size_of(figure)
        longest = max(text_width(name, size=SMALL) for name in names) + 12
        left = min(longest, width * 0.3)
        cell_width = min(_widest_cell(longest), (width - left - 10) / len(names))
        upright = longest > cell_width
        top = min(longest if upright else SMALL * 2, height * 0.3)
        cell_height = min(HIGHEST_CELL, (height - top - _CAPTION_HEIGHT - 4) / len(names))
        margins = Margins(
            left=left,
            right=max(4.0, width - left - cell_width * len(names)),
            top=top,
            bottom=max(_CAPTION_HEIGHT, height - top - cell_height * len(names)),
        )
        axes = add_axes(figure, margins, colours)
        shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        ground = _colours(shares, colours)
        axes.imshow(ground, aspect="auto", interpolation="nearest")
        if cell_height > SMALL:
            axes.hlines(np.arange(len(names) + 1) - 0.5, -0.5, len(names) - 0.5, colours.line, linewidth=0.6)
        _write_numbers(axes, matrix, ground, colours=colours, cell=(cell_width, cell_height))
        _write_names(axes, names, colours=colours, cell=(cell_width, cell_height), room=(left, top))
        room = (width - 8) / text_width(_CAPTION, size=SMALL)
        axes.annotate(
            _CAPTION,
            (0, 0),
            xycoords="axes fraction",
            xytext=(0 if text_width(_CAPTION, size=SMALL) < width - left else 4 - left, -5),
            textcoords="offset points",
            va="top",
            color=colours.muted,
            fontsize=SMALL * min(1.0, room),
        )

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        evaluation = contents.evaluation
        if not evaluation.n:
            return None
        width, height = natural_size(evaluation.primary.classes, widest=PAGE_WIDTH * POINTS_PER_PIXEL)
        return Placement(
            about="results",
            title=f"What is taken for what ({evaluation.subset} images)",
            description="Confusion matrix; the same numbers are in the table of classes below",
            values=evaluation.primary.metrics.as_json(),
            width=ceil(width / POINTS_PER_PIXEL),
            height=ceil(height / POINTS_PER_PIXEL),
            wide=True,
        )


def _colours(shares: NDArray[np.float64], colours: Colours) -> NDArray[np.float64]:
    """Cell colours: blue on the diagonal, orange elsewhere, stronger with the share of the row."""
    ground = np.empty((*shares.shape, 3))
    for (true, answer), share in np.ndenumerate(shares):
        if share == 0:
            ground[true, answer] = mix(colours.line, colours.surface, 0.0)
        elif true == answer:
            ground[true, answer] = mix(colours.accent, colours.surface, 0.25 + 0.7 * share)
        else:
            ground[true, answer] = mix(colours.fire, colours.surface, 0.12 + 0.78 * share)
    return ground


def _write_numbers(
    axes: Axes,
    matrix: NDArray[np.int64],
    ground: NDArray[np.float64],
    *,
    colours: Colours,
    cell: tuple[float, float],
) -> None:
    digits = len(str(matrix.max()))
    size = min(SMALL + 0.5, cell[1] * 0.75, cell[0] * 0.9 / (digits * 0.62))
    if size < SMALLEST_NUMBER:
        return
    for (true, answer), count in np.ndenumerate(matrix):
        if count == 0 and len(matrix) > MANY_CLASSES:
            continue
        red, green, blue = ground[true, answer]
        axes.text(
            answer,
            true,
            str(count) if count else "·",
            ha="center",
            va="center",
            fontsize=size,
            color=ink((red, green, blue)) if count else colours.muted,
        )


def _write_names(
    axes: Axes,
    names: Sequence[str],
    *,
    colours: Colours,
    cell: tuple[float, float],
    room: tuple[float, float],
) -> None:
    upright = max(text_width(name, size=SMALL) for name in names) + 12 > cell[0]
    # Where rows are lower than the text, only every second or third name is written.
    steps = [max(1, int(np.ceil(SMALL * 0.95 / side))) for side in cell]
    columns = range(0, len(names), steps[0] if upright else 1)
    rows = range(0, len(names), steps[1])
    axes.xaxis.tick_top()
    axes.set_xticks(
        list(columns),
        [elided(names[i], width=room[1] - 8 if upright else cell[0], size=SMALL) for i in columns],
        rotation=90 if upright else 0,
        parse_math=False,
    )
    axes.set_yticks(
        list(rows), [elided(names[i], width=room[0] - 8, size=SMALL) for i in rows], parse_math=False
    )
    for label in axes.get_yticklabels():
        label.set_color(colours.text)


IMPLEMENTATION: ReportView = Confusion()
