"""Accuracy against time: the freeze lines that were tried, each a point, with the best so far marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tlstudio.report.style import (
    SMALL,
    Margins,
    Palette,
    add_axes,
    elided,
    number,
    palette,
    say,
    size_of,
    text_width,
)
from tlstudio.report.views import VIEWS
from tlstudio.report.words import line_words

NOTHING_YET = "The first point appears when the head alone was tried."
LABEL_POINTS = 130.0
"""At most so wide is a label."""


class Trials:
    """Values: {"trials": [{"freeze", "accuracy", "interval", "n", "elapsed_seconds", "best"}], "running"}.

    The last trial with `best` is the best so far; once nothing is running any more it is what was chosen.
    """

    id = "trials"
    title = "Accuracy against time"

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `core.contracts.ReportView`."""
        colours = palette(dark=dark)
        trials = [trial for trial in values.get("trials") or () if number(trial.get("accuracy")) is not None]
        if not trials:
            say(figure, NOTHING_YET, colours)
            return
        width, height = size_of(figure)
        tall = height > 120
        margins = Margins(left=44, right=14, top=28 if tall else 12, bottom=34 if tall else 20)
        axes = add_axes(figure, margins, colours)
        best = max((index for index, trial in enumerate(trials) if trial.get("best")), default=0)
        lows, highs = zip(*(_interval(trial) for trial in trials), strict=True)
        bottom = max(0.0, math.floor((min(lows) - 0.02) * 20) / 20)
        axes.set_ylim(bottom, min(1.0, max(highs)) + 0.12 * (1 - bottom))
        _time_axis(axes, trials, width=width, running=bool(values.get("running")))
        top = min(1.0, axes.get_ylim()[1])
        steps = MaxNLocator(nbins=max(2, int(height / 40)), steps=[1, 2, 2.5, 5, 10], min_n_ticks=2)
        axes.set_yticks([tick for tick in steps.tick_values(bottom, top) if bottom <= tick <= top])
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.grid(axis="y", color=colours.line, linewidth=0.8)
        _best_so_far(axes, trials, colours)
        for index, trial in enumerate(trials):
            _point(axes, trial, colours, is_best=index == best)
        _labels(axes, trials, colours, best=best, running=bool(values.get("running")), width=width)
        if tall:
            axes.set_xlabel(
                "seconds since the first try began", color=colours.muted, fontsize=SMALL, labelpad=3
            )
            axes.annotate(
                "right answers to images not learned from",
                (0, 1),
                xycoords="axes fraction",
                xytext=(-38, 9),
                textcoords="offset points",
                color=colours.muted,
                fontsize=SMALL,
            )


def _time_axis(axes: Axes, trials: Sequence[Mapping[str, Any]], *, width: float, running: bool) -> None:
    last = max(float(trial["elapsed_seconds"]) for trial in trials)
    # Room to the right of the last point for its label, and for the try that is under way.
    label = min(
        LABEL_POINTS, max(text_width(line_words(str(trial["freeze"])), size=SMALL) for trial in trials)
    )
    share = min(0.45, (label + 16) / max(width - 58, 1))
    end = max(last / (1 - share), last * (1.25 if running else 1.0), 1.0)
    axes.set_xlim(0, end)
    ticks = MaxNLocator(nbins=max(2, int(width / 70)), min_n_ticks=2).tick_values(0, end)
    axes.set_xticks([tick for tick in ticks if 0 <= tick <= end])


def _interval(trial: Mapping[str, Any]) -> tuple[float, float]:
    low, high = trial.get("interval") or (trial["accuracy"], trial["accuracy"])
    return float(low), float(high)


def _best_so_far(axes: Axes, trials: Sequence[Mapping[str, Any]], colours: Palette) -> None:
    """A thin staircase through what was the best at each time."""
    better = [trial for trial in trials if trial.get("best")]
    if not better:
        return
    times = [float(trial["elapsed_seconds"]) for trial in better]
    values = [float(trial["accuracy"]) for trial in better]
    end = float(trials[-1]["elapsed_seconds"])
    axes.step(
        [*times, end], [*values, values[-1]], where="post", color=colours.fire, linewidth=1.2, alpha=0.6
    )


def _point(axes: Axes, trial: Mapping[str, Any], colours: Palette, *, is_best: bool) -> None:
    low, high = _interval(trial)
    x, y = float(trial["elapsed_seconds"]), float(trial["accuracy"])
    colour = colours.fire if is_best else colours.accent
    axes.errorbar(
        [x], [y], yerr=[[max(0.0, y - low)], [max(0.0, high - y)]], fmt="none", ecolor=colour,
        elinewidth=1.6 if is_best else 1.1, capsize=4, alpha=0.8,
    )  # fmt: skip
    # The best is full, larger and a diamond; the others are hollow circles.
    axes.plot(
        [x], [y], marker="D" if is_best else "o", markersize=8 if is_best else 6.5, color=colour,
        markerfacecolor=colour if is_best else colours.surface, markeredgewidth=1.6, clip_on=False, zorder=4,
    )  # fmt: skip


def _labels(
    axes: Axes,
    trials: Sequence[Mapping[str, Any]],
    colours: Palette,
    *,
    best: int,
    running: bool,
    width: float,
) -> None:
    """The name of each line to the right of its point, cut where the next point begins."""
    left, right = axes.get_xlim()
    per_second = (width - 58) / (right - left)
    for index, trial in enumerate(trials):
        x, y = float(trial["elapsed_seconds"]), float(trial["accuracy"])
        following = float(trials[index + 1]["elapsed_seconds"]) if index + 1 < len(trials) else right
        room = max((following - x) * per_second - 16, 30.0)
        # Letters of these words are narrower than the widest class names, which the measure is made for.
        name = elided(line_words(str(trial["freeze"])), width=min(room, LABEL_POINTS), size=0.85 * SMALL)
        mark = ("\nbest so far" if running else "\nchosen") if index == best else ""
        axes.annotate(
            f"{name}\n{y * 100:.1f} %{mark}",
            (x, y),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            ha="left",
            color=colours.text if index == best else colours.muted,
            fontsize=SMALL,
            linespacing=1.25,
            parse_math=False,
            # The line through the best must not run through its name.
            bbox={"facecolor": colours.surface, "edgecolor": "none", "pad": 1.0},
            zorder=3,
        )


VIEWS.register(Trials())
