"""Accuracy against time: each tried freeze line is a point, the best so far is marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlstudio.core.colours import Colours
from tlstudio.core.percent import percent
from tlstudio.report.recipe_text import choice_words, gain_words, trial_words
from tlstudio.report.style import (
    SMALL,
    Margins,
    add_axes,
    draw_message,
    elided,
    name_accuracy_axes,
    number,
    palette,
    percent_ticks,
    size_of,
    text_width,
)
from tlstudio.report.view import PAGE_WIDTH, Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

NOTHING_YET = "The first point appears when the head alone was tried."
LIST_POINTS = 150.0
"""Largest width of the list beside the plot."""
ROW_POINTS = 17.0
ROUND_SECONDS = (0, 0.5, 1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600, 1200, 1800, 3600, 7200)
TICKS_APART = 40.0
"""Smallest distance of two ticks, in points."""


class Trials:
    """Draws the trials as points of accuracy against time.

    Values: {"trials": [{"freeze", "accuracy", "interval", "n", "elapsed_seconds", "best", and where they are
    known "difference" and "noise"}], "running"}.

    The last trial with `best` is the best so far; once nothing is running any more it is what was chosen.
    A trial that ended early answered fewer images than the one it was compared with: its point is put as far
    from that one's as they were apart on those images.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        given = [trial for trial in values.get("trials") or () if number(trial.get("accuracy")) is not None]
        if not given:
            draw_message(figure, NOTHING_YET, colours)
            return
        trials = [_as_if_on_all_images(trial, given) for trial in given]
        width, height = size_of(figure)
        tall = height > 120
        beside = _list_width(trials, width=width)
        margins = Margins(left=44, right=beside + 24, top=28 if tall else 12, bottom=34 if tall else 20)
        axes = add_axes(figure, margins, colours)
        best = max((index for index, trial in enumerate(trials) if trial.get("best")), default=0)
        lows, highs = zip(*(_interval(trial) for trial in trials), strict=True)
        bottom = max(0.0, math.floor((min(lows) - 0.02) * 20) / 20)
        axes.set_ylim(bottom, min(1.0, max(highs)) + 0.12 * (1 - bottom))
        _time_axis(axes, trials, width=width - beside - 68, running=bool(values.get("running")))
        top = min(1.0, axes.get_ylim()[1])
        steps = percent_ticks(axes, colours, height=height)
        axes.set_yticks([tick for tick in steps.tick_values(bottom, top) if bottom <= tick <= top])
        _best_so_far(axes, trials, colours)
        for index, trial in enumerate(trials):
            _point(axes, trial, colours, is_best=index == best)
        _list(
            axes, trials, colours, best=best, running=bool(values.get("running")), height=height, width=beside
        )
        if tall:
            name_accuracy_axes(axes, colours, across="seconds since the first try began")

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        if not contents.trials:
            return None
        words = choice_words(contents.trials)
        return Placement(
            about="training",
            title="What was tried, and what was chosen",
            description=words,
            values={"trials": contents.trials},
            width=PAGE_WIDTH - 60,
            height=280,
            wide=True,
            text=words,
        )


def _as_if_on_all_images(trial: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Move the accuracy and the interval of a trial that answered fewer images than the one before it."""
    compared = (trial.get("against"), trial.get("against_option"))
    before = next((one for one in trials if (one["freeze"], one.get("option")) == compared), None)
    difference = trial.get("difference")
    if before is None or difference is None or trial["n"] >= before["n"]:
        return trial
    accuracy = min(1.0, max(0.0, float(before["accuracy"]) + float(difference)))
    moved = accuracy - float(trial["accuracy"])
    interval = tuple(min(1.0, max(0.0, end + moved)) for end in _interval(trial))
    return {**trial, "accuracy": accuracy, "interval": interval}


def _time_axis(axes: Axes, trials: Sequence[Mapping[str, Any]], *, width: float, running: bool) -> None:
    """Scale the axis by the square root of time: first trials take seconds, the last a minute."""
    last = max(float(trial["elapsed_seconds"]) for trial in trials)
    end = max(last * (1.5 if running else 1.15), 1.0)
    axes.set_xscale("function", functions=(_root, np.square))
    axes.set_xlim(0, end)
    ticks: list[float] = []
    for tick in ROUND_SECONDS:
        apart = (math.sqrt(tick) - math.sqrt(ticks[-1])) / math.sqrt(end) * width if ticks else math.inf
        if tick <= end and apart >= TICKS_APART:
            ticks.append(tick)
    axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


def _root(seconds: Any) -> Any:
    return np.sqrt(np.clip(seconds, 0, None))


def _list_width(trials: Sequence[Mapping[str, Any]], *, width: float) -> float:
    """Width of the list in points: that of its longest row, at most 45 % of the figure."""
    rows = max(text_width(_row(trial), size=0.85 * SMALL) for trial in trials)
    return min(LIST_POINTS, rows + 26, 0.45 * width)


def _row(trial: Mapping[str, Any]) -> str:
    return f"{trial_words(trial)}  {_value(trial)}"


def _value(trial: Mapping[str, Any]) -> str:
    """Format the points by which a trial beats the best before it; its accuracy where they are not known."""
    return gain_words(trial) or percent(float(trial["accuracy"]), digits=1)


def _interval(trial: Mapping[str, Any]) -> tuple[float, float]:
    low, high = trial.get("interval") or (trial["accuracy"], trial["accuracy"])
    return float(low), float(high)


def _best_so_far(axes: Axes, trials: Sequence[Mapping[str, Any]], colours: Colours) -> None:
    """Draw a thin step line of the best accuracy at each time."""
    better = [trial for trial in trials if trial.get("best")]
    if not better:
        return
    times = [float(trial["elapsed_seconds"]) for trial in better]
    values = [float(trial["accuracy"]) for trial in better]
    end = float(trials[-1]["elapsed_seconds"])
    axes.step(
        [*times, end], [*values, values[-1]], where="post", color=colours.fire, linewidth=1.2, alpha=0.6
    )


def _point(axes: Axes, trial: Mapping[str, Any], colours: Colours, *, is_best: bool) -> None:
    low, high = _interval(trial)
    x, y = float(trial["elapsed_seconds"]), float(trial["accuracy"])
    colour = colours.fire if is_best else colours.accent
    axes.errorbar(
        [x], [y], yerr=[[max(0.0, y - low)], [max(0.0, high - y)]], fmt="none", ecolor=colour,
        elinewidth=1.6 if is_best else 1.1, capsize=4, alpha=0.8,
    )  # fmt: skip
    # The best is a larger, filled diamond; the others are hollow circles.
    axes.plot(
        [x], [y], marker="D" if is_best else "o", markersize=8 if is_best else 6.5, color=colour,
        markerfacecolor=colour if is_best else colours.surface, markeredgewidth=1.6, clip_on=False, zorder=4,
    )  # fmt: skip


def _list(
    axes: Axes,
    trials: Sequence[Mapping[str, Any]],
    colours: Colours,
    *,
    best: int,
    running: bool,
    height: float,
    width: float,
) -> None:
    """List the trials by name, in order, with the numbers of their points."""
    row = min(ROW_POINTS, max(10.0, (height - 20) / (len(trials) + 1)))
    down = 0.0
    for index, trial in enumerate(trials):
        x, y = float(trial["elapsed_seconds"]), float(trial["accuracy"])
        colour = colours.text if index == best else colours.muted
        say_number: dict[str, Any] = {"color": colour, "fontsize": SMALL, "fontweight": "bold"}
        axes.annotate(str(index + 1), (x, y), xytext=(8, 5), textcoords="offset points", **say_number)
        at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
        axes.annotate(str(index + 1), (1, 1), xytext=(14, -down), **say_number, **at)
        value = _value(trial)
        # These words are narrower than the widest class names, for which the estimate was made.
        room = width - 26 - text_width(f"  {value}", size=0.85 * SMALL)
        name = elided(trial_words(trial), width=room, size=0.85 * SMALL)
        text = f"{name}  {value}"
        if index == best:
            text += "\nchoice so far" if running else "\nchosen"
        axes.annotate(
            text, (1, 1), xytext=(26, -down), color=colour, fontsize=SMALL, linespacing=1.3, parse_math=False,
            **at,
        )  # fmt: skip
        down += row * (1.8 if index == best else 1.0)


IMPLEMENTATION: ReportView = Trials()
