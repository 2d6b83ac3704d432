"""Draws curves over epochs or settings: reads the values, draws axes, and names lines at their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tlstudio.core.colours import Colours
from tlstudio.report.style import SMALL, TEXT, Margins, add_axes, number, size_of, text_width
from tlstudio.report.view import Placement

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

UNITS = {
    "epoch": ("epoch", "The curve appears when the first epoch ends."),
    "setting": (
        "setting: regularisation, from strong to weak",
        "The curve appears when the first setting was tried.",
    ),
}
"""Per unit of the curves: the label of the axis, and the text before the first point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a plot.

    Attributes:
        name: Written at its end.
        epochs: Where it has values.
        values: One per epoch.
        colour: Of the line.
        width: In points.
    """

    name: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]
    colour: str
    width: float


def unit_of(values: Mapping[str, Any]) -> str:
    """The unit of the curves: "epoch" unless the values name another of `UNITS`."""
    unit = values.get("unit")
    return unit if unit in UNITS else "epoch"


def nothing_yet(values: Mapping[str, Any]) -> str:
    """The text to show in place of a curve without points."""
    return UNITS[unit_of(values)][1]


def curve_placement(contents: Contents, *, title: str) -> Placement | None:
    """Place a curve in the report; None for a run with fewer than two points."""
    if len(contents.curves["epochs"]) < 2:
        return None
    return Placement(
        about="training",
        title=title,
        description=f"{title} over the {contents.curves['unit']}s of training",
        values=contents.curves,
        height=260,
    )


def read_line(values: Mapping[str, Any], key: str, *, name: str, colour: str, width: float) -> Line:
    """Read a line from the values: the epochs that have a number for a key."""
    points = [
        (int(epoch["epoch"]), value)
        for epoch in values.get("epochs") or ()
        if (value := number(epoch.get(key))) is not None
    ]
    return Line(
        name=name,
        epochs=tuple(epoch for epoch, _ in points),
        values=tuple(value for _, value in points),
        colour=colour,
        width=width,
    )


def draw_curves(
    figure: Figure, lines: Sequence[Line], values: Mapping[str, Any], *, label: str, colours: Colours
) -> Axes:
    """Draw all lines and mark the kept epoch; the caller then sets the vertical range and calls `name_lines`.

    Args:
        figure: Empty.
        lines: At least one of them has values.
        values: Values of the view; "planned", "best_epoch" and "unit" are used.
        label: Of the vertical axis.
        colours: Of the look.
    """
    width, height = size_of(figure)
    margins = Margins(left=44, right=14, top=24 if height > 120 else 12, bottom=34 if height > 120 else 20)
    axes = add_axes(figure, margins, colours)
    drawn = [line for line in lines if line.values]
    first = min(line.epochs[0] for line in drawn)
    last = max(line.epochs[-1] for line in drawn)
    end = max(last, int(values.get("planned") or 0), first + 1)
    # Room for the names to the right of the lines, unless the planned epochs leave it.
    names = max(text_width(line.name, size=SMALL) for line in drawn) + 14
    free = (end - last) / (end - first) * (width - 58)
    room = max(0.0, names - free) / max(width - 58 - names, 1) * (end - first)
    axes.set_xlim(first - (end - first) * 0.01, end + min(room, end - first))
    ticks = MaxNLocator(nbins=max(2, int(width / 60)), integer=True, min_n_ticks=1).tick_values(first, end)
    axes.set_xticks([tick for tick in ticks if first <= tick <= end])
    axes.yaxis.set_major_locator(
        MaxNLocator(nbins=max(2, int(height / 40)), steps=[1, 2, 2.5, 5, 10], min_n_ticks=2)
    )
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.grid(axis="y", color=colours.line, linewidth=0.8)
    # Right end of the label above the axis.
    label_end = 8 + text_width(label, size=SMALL) if height > 120 else 0.0
    _mark_kept(axes, drawn, values, colours, free_from=label_end if width > 220 else None)
    for line in drawn:
        axes.plot(line.epochs, line.values, color=line.colour, linewidth=line.width, solid_capstyle="round")
        axes.plot(line.epochs[-1:], line.values[-1:], "o", color=line.colour, markersize=5, clip_on=False)
    if height > 120:
        unit = UNITS[unit_of(values)][0]
        is_alone = first == last  # with one setting nothing goes from strong to weak
        if is_alone or text_width(unit, size=SMALL) > width - 58:
            unit = unit.partition(":")[0]
        axes.set_xlabel(unit, color=colours.muted, fontsize=SMALL, labelpad=3)
        axes.text(
            0, 1, label, color=colours.muted, fontsize=SMALL, ha="left", va="bottom", transform=axes.transAxes
        ).set_position((-38 / max(width - 58, 1), 1.03))
    return axes


def _mark_kept(
    axes: Axes,
    lines: Sequence[Line],
    values: Mapping[str, Any],
    colours: Colours,
    *,
    free_from: float | None,
) -> None:
    """Mark the kept epoch by a dashed line, labelled where there is room right of `free_from` points."""
    kept = values.get("best_epoch")
    if not isinstance(kept, int) or not any(kept in line.epochs for line in lines):
        return
    axes.axvline(kept, color=colours.muted, linewidth=0.9, dashes=(3, 3), zorder=1)
    if free_from is None:
        return
    left, right = axes.get_xlim()
    late = kept > (left + right) / 2
    place = float(axes.transData.transform((kept, 0))[0]) * 72 / axes.figure.dpi
    axes.annotate(
        f"kept: {unit_of(values)} {kept}",
        (kept, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if late else max(4, free_from - place), 3),
        textcoords="offset points",
        ha="right" if late else "left",
        va="bottom",
        color=colours.muted,
        fontsize=SMALL,
    )


def name_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Write the name of each line beside its end; names that would overlap are moved apart."""
    drawn = sorted((line for line in lines if line.values), key=lambda line: line.values[-1])
    low, high = axes.get_ylim()
    height = float(axes.bbox.height / axes.figure.dpi * 72)
    per_point = (high - low) / max(height, 1)
    places: list[float] = []
    for line in drawn:
        lowest = places[-1] + TEXT * 1.25 * per_point if places else low
        places.append(max(line.values[-1], lowest))
    overshoot = max(0.0, places[-1] - (high - TEXT * 0.4 * per_point))
    for line, place in zip(drawn, places, strict=True):
        axes.annotate(
            line.name,
            (line.epochs[-1], place - overshoot),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=line.colour,
            fontsize=SMALL,
        )
