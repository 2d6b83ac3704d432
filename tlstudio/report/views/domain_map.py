"""Map of two places: the images of both as points, before and after each place is standardised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tlstudio.core.colours import Colours
from tlstudio.core.percent import percent
from tlstudio.report.map_words import is_told_apart, map_words
from tlstudio.report.style import SMALL, TEXT, draw_message, elided, palette, size_of, text_width
from tlstudio.report.view import PAGE_WIDTH, Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

NOTHING_YET = "The map appears when the images of both places were looked at."
PANELS = (("before", "as they are"), ("after", "each by its own level"))
NAMES = {"here": "from here", "there": "from there"}
GAP_POINTS = 16.0
TITLE_POINTS = 18.0
LEGEND_POINTS = 18.0
LOW_POINTS = 120.0
"""Height below which there is room for the points alone."""


class DomainMapView:
    """Draws two panels with the points of both places.

    Values: {"before": {"here": [[x, y]], "there": [[x, y]], "told_apart", "interval"}, "after": {the same}},
    with coordinates from -1 to 1.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        panels = [(values.get(key), title) for key, title in PANELS]
        if not all(panel and any(len(_points(panel, side)) for side in NAMES) for panel, _ in panels):
            draw_message(figure, NOTHING_YET, colours)
            return
        width, height = size_of(figure)
        figure.set_facecolor(colours.surface)
        is_low = height < LOW_POINTS
        top, bottom = (4.0, 4.0) if is_low else (TITLE_POINTS + 6, LEGEND_POINTS + 6)
        each = max(1.0, (width - 3 * GAP_POINTS) / 2)
        for number, (panel, title) in enumerate(panels):
            assert panel is not None
            left = GAP_POINTS + number * (each + GAP_POINTS)
            axes = figure.add_axes(
                (left / width, bottom / height, each / width, max(0.05, 1 - (top + bottom) / height))
            )
            _draw_panel(axes, panel, colours)
            if not is_low:
                whole = f"{title}: {_told(panel)}"
                words = whole if text_width(whole) <= each else elided(_told(panel), width=each)
                axes.set_title(words, color=colours.text, fontsize=TEXT, pad=6, parse_math=False)
        if not is_low:
            handles = figure.axes[0].get_lines()
            figure.legend(
                handles, [elided(NAMES[side], width=each - 30, size=SMALL) for side, *_ in _sides(colours)],
                loc="lower center", ncols=2, frameon=False, fontsize=SMALL, labelcolor=colours.muted,
                borderaxespad=0.2, handletextpad=0.2,
            )  # fmt: skip

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        if not contents.places:
            return None
        words = map_words(contents.places)
        return Placement(
            about="training",
            title="How different the two places are",
            description=words,
            values=contents.places,
            width=PAGE_WIDTH - 60,
            height=320,
            wide=True,
            text=words,
        )


def _draw_panel(axes: Axes, panel: Mapping[str, Any], colours: Colours) -> None:
    axes.set_facecolor("none")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(colours.line)
    for side, colour, marker in _sides(colours):
        points = _points(panel, side)
        axes.plot(
            points[:, 0], points[:, 1], linestyle="none", marker=marker, markersize=4, color=colour,
            alpha=0.65, markeredgewidth=0,
        )  # fmt: skip
    axes.set_xlim(-1.08, 1.08)
    axes.set_ylim(-1.08, 1.08)


def _told(panel: Mapping[str, Any]) -> str:
    return f"{percent(panel['told_apart'])} told apart" if is_told_apart(panel) else "not told apart"


def _sides(colours: Colours) -> Sequence[tuple[str, str, str]]:
    """Side, colour and marker of both places; told apart without colours, too."""
    return (("here", colours.accent, "o"), ("there", colours.text, "^"))


def _points(panel: Mapping[str, Any], side: str) -> NDArray[np.float64]:
    """The finite points of a side: float64 [N, 2]."""
    given = [point for point in panel.get(side) or () if len(point) == 2]
    points = np.array(given, dtype=float).reshape(len(given), 2)
    finite: NDArray[np.float64] = points[np.isfinite(points).all(axis=1)]
    return finite


IMPLEMENTATION: ReportView = DomainMapView()
