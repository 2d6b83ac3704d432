"""Curves of several classes side by side."""

from __future__ import annotations

from matplotlib.figure import Figure

from tlstudio.report.ranking_drawing import DRAWN, draw_curves


def drawn(curves: list[dict], *, diagonal: bool = False):
    figure = Figure(figsize=(7, 4))
    draw_curves(figure, {"curves": curves}, dark=False, across="x", upward="y", diagonal=diagonal)
    return figure


def curve(name: str, area: float | None) -> dict:
    points = [] if area is None else [(0.0, 0.0), (1.0, area)]
    return {
        "class_name": name,
        "n": 20,
        "others": 40,
        "area": area,
        "low": 0.5,
        "high": 1.0,
        "points": points,
    }


def test_the_weakest_come_first_and_no_more_than_can_be_told_apart():
    axes = drawn([curve(str(number), 0.9 - number / 100) for number in range(9)], diagonal=True).axes[0]
    ends = [round(float(line.get_ydata()[1]), 2) for line in axes.lines[1:]]
    assert ends == [0.82, 0.83, 0.84, 0.85, 0.86, 0.87]
    assert len(ends) == DRAWN


def test_classes_without_an_area_are_left_out():
    figure = drawn([curve("few", None), curve("many", 0.9)])
    assert len(figure.axes[0].lines) == 1
    assert drawn([curve("few", None)]).axes == []
