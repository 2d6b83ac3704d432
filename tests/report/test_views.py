"""Every view at every size, with little, much and no data."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tlstudio.report.view import load_view
from tlstudio.report.views.confusion import natural_size
from tlstudio.specs import VIEWS

_spec = importlib.util.spec_from_file_location("report_values", Path(__file__).with_name("conftest.py"))
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

BINS = [
    {"low": i / 15, "high": (i + 1) / 15, "n": i // 3, "confidence": (i + 0.5) / 15, "accuracy": i / 15}
    for i in range(15)
]


def _trial(freeze: str, accuracy: float, seconds: float, *, best: bool = False) -> dict[str, Any]:
    interval = (accuracy - 0.06, min(1.0, accuracy + 0.05))
    return {
        "freeze": freeze, "accuracy": accuracy, "interval": interval, "n": 120,
        "elapsed_seconds": seconds, "best": best,
    }  # fmt: skip


TRIED = [
    _trial("head", 0.77, 4.0, best=True),
    _trial("conv_head", 0.78, 15.0),
    _trial("blocks.6", 0.86, 40.0, best=True),
    _trial("blocks.5", 0.85, 80.0),
]


def _learned(images: float, accuracy: float) -> dict[str, Any]:
    interval = (accuracy - 0.1, min(1.0, accuracy + 0.08))
    return {"images_per_class": images, "accuracy": accuracy, "interval": interval}


def _panel(told_apart: float) -> dict[str, Any]:
    here, there = [[-0.5, 0.1 * number] for number in range(9)], [[0.5, -0.1 * number] for number in range(9)]
    return {"here": here, "there": there, "told_apart": told_apart, "interval": (told_apart - 0.1, 1.0)}


def _ranking(count: int, *, area: float | None = 0.8, names: str = "class") -> dict[str, Any]:
    points = [] if area is None else [(0.0, 0.0), (0.1, 0.6), (1.0, 1.0)]
    return {
        "curves": [
            {
                "class_name": f"{names} {number}", "n": 20, "others": 60, "low": 0.6, "high": 0.97,
                "area": None if area is None else area + 0.01 * number, "points": points,
            }
            for number in range(count)
        ]
    }  # fmt: skip


LEARNED = [_learned(1, 0.38), _learned(2, 0.47), _learned(5, 0.6), _learned(10, 0.66)]
RATES = {
    "curve": [
        {"rate": 1e-5 * 2**n, "loss": 0.8 - 0.04 * n + 0.02 * (n % 2), "smoothed": 0.8 - 0.04 * n}
        for n in range(11)
    ],
    "start_loss": 0.8,
    "falls": [0.0001, 0.003],
    "suggestion": {"stages": 0.0007},
    "usual": 0.0003,
}
VALUES: dict[str, dict[str, dict[str, Any]]] = {
    "trials": {
        "some": {"trials": TRIED, "running": False},
        "under way": {"trials": TRIED[:2], "running": True},
        "one": {"trials": TRIED[:1], "running": True},
        "all right": {"trials": [_trial("head", 1.0, 0.0, best=True), _trial("top", 1.0, 0.0)]},
        "long names": {"trials": [{**one, "freeze": one["freeze"] + " of a long name"} for one in TRIED]},
        "broken": {"trials": [{**TRIED[0], "accuracy": float("nan")}]},
        "none": {"trials": [], "running": True},
        "nothing": {},
    },
    "learning-curve": {
        "some": {"points": LEARNED, "expected": _learned(20, 0.72)},
        "all right": {"points": [_learned(1, 1.0), _learned(2, 1.0)], "expected": _learned(6, 1.0)},
        "close": {"points": [*LEARNED, _learned(10.5, 0.68)], "expected": _learned(22, 0.72)},
        "no end": {"points": LEARNED, "expected": None},
        "broken": {"points": [{**LEARNED[0], "accuracy": float("nan")}], "expected": {}},
        "nothing": {},
    },
    "domain-map": {
        "some": {"before": _panel(1.0), "after": _panel(0.4)},
        "one place": {"before": {**_panel(0.4), "there": []}, "after": {**_panel(0.4), "there": []}},
        "broken": {"before": {**_panel(0.4), "here": [[float("nan"), 0.0]]}, "after": _panel(0.4)},
        "nothing": {},
    },
    "rate-curve": {
        "some": RATES,
        "no suggestion": {**RATES, "suggestion": None, "falls": None},
        "at the edges": {**RATES, "suggestion": {"stages": 0.0098}, "usual": 1e-9},
        "unstable": {**RATES, "curve": RATES["curve"][:1]},
        "broken": {"curve": [{"rate": float("nan"), "loss": None, "smoothed": 0.5}] * 3, "start_loss": 1.0},
        "flat": {**RATES, "curve": [{**point, "loss": 1.0, "smoothed": 1.0} for point in RATES["curve"]]},
        "nothing": {},
    },
    "loss-curve": {
        "some": {"epochs": made.epochs(12), "planned": 15, "best_epoch": 9},
        "one": {"epochs": made.epochs(0), "planned": 15, "best_epoch": 0},
        "no validation": {
            "epochs": [{"epoch": 1, "train_loss": 0.5, "validation_loss": None}],
            "planned": 3,
            "best_epoch": 1,
        },
        "equal": {"epochs": [{"epoch": i, "train_loss": 0.0, "validation_loss": 0.0} for i in range(3)]},
        "none": {"epochs": [], "planned": 15, "best_epoch": 0},
        "broken": {"epochs": [{"epoch": 1, "train_loss": float("nan"), "validation_loss": None}]},
    },
    "accuracy-curve": {
        "some": {"epochs": made.epochs(12), "planned": 15, "best_epoch": 9},
        "one": {"epochs": made.epochs(0), "planned": 15, "best_epoch": 0},
        "no interval": {"epochs": [{"epoch": 1, "train_accuracy": 0.5, "validation_accuracy": None}]},
        "none": {},
    },
    "run-curves": {
        "some": {
            "runs": [
                {"name": "Run 3", "unit": "epoch", "epochs": made.epochs(12)},
                {"name": "Run 5", "unit": "epoch", "epochs": made.epochs(8)},
            ]
        },
        "one of them": {"runs": [{"name": "Run 3", "epochs": []}, {"name": "a", "epochs": made.epochs(0)}]},
        "no common axis": {
            "runs": [{"name": name, "unit": name, "epochs": made.epochs(3)} for name in ("epoch", "setting")]
        },
        "broken": {"runs": [{"name": "a", "epochs": [{"epoch": 1, "validation_accuracy": float("nan")}]}]},
        "nothing": {},
    },
    "confusion": {
        "two": made.evaluation(2),
        "five": made.evaluation(5),
        "forty-two": made.evaluation(42, names="a rather long name of a class, number"),
        "formula": made.evaluation(3, names="$x^2_"),
        "none": {"confusion": [[0, 0], [0, 0]], "classes": ["a", "b"]},
        "nothing": {},
    },
    "reliability": {
        "some": {"bins": BINS, "ece": 0.03},
        "one": {"bins": BINS[-1:], "ece": None},
        "none": {"bins": [{**part, "n": 0} for part in BINS], "ece": 0.0},
    },
    "roc": {"two": _ranking(2), "nine": _ranking(9), "few": _ranking(2, area=None), "nothing": {}},
    "precision-recall": {"two": _ranking(2), "formula": _ranking(3, names="$x^2_"), "nothing": {}},
    "per-class": {
        "two": made.evaluation(2),
        "forty-two": made.evaluation(42, names="a rather long name of a class, number"),
        "formula": made.evaluation(3, names="$x^2_"),
        "none": {"per_class": [{"class": "a", "recall": None, "n": 0}]},
    },
}


def _draw(view_id: str, values: dict[str, Any], *, dark: bool, size: tuple[float, float]) -> Figure:
    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    FigureCanvasAgg(figure)
    load_view(view_id).draw(figure, values, dark=dark)
    return figure


def test_every_view_is_tested() -> None:
    assert sorted(VIEWS.ids()) == sorted(VALUES)
    assert all(spec.title for spec in VIEWS)


@pytest.mark.parametrize(("size", "dark"), [((700, 300), True), ((240, 160), False), ((45, 40), False)])
@pytest.mark.parametrize(("view_id", "name"), [(v, n) for v, named in VALUES.items() for n in named])
def test_every_view_draws(view_id: str, name: str, dark: bool, size: tuple[int, int]) -> None:
    figure = _draw(view_id, VALUES[view_id][name], dark=dark, size=size)
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    assert pixels.shape[:2] == (size[1], size[0])
    assert (pixels != pixels[0, 0]).any(), "nothing is drawn"
    corner = (0x1C, 0x20, 0x27, 255) if dark else (255, 255, 255, 255)
    assert tuple(pixels[-1, -1]) == corner


def test_a_try_that_ended_early_stands_as_far_from_the_other_as_they_were_on_its_images():
    head = {**_trial("head", 0.8, 4.0, best=True), "n": 150}
    early = {
        **_trial("blocks.6", 0.7, 9.0), "n": 50, "against": "head", "difference": 0.02, "ended_early": True,
    }  # fmt: skip
    figure = _draw("trials", {"trials": [head, early]}, dark=False, size=(700, 300))
    heights = [float(line.get_ydata()[0]) for line in figure.axes[0].lines if line.get_marker() in ("o", "D")]
    assert heights == pytest.approx([0.8, 0.82])


@pytest.mark.parametrize(
    ("view_id", "name"),
    [
        ("confusion", "five"),
        ("per-class", "two"),
        ("reliability", "some"),
        ("roc", "nine"),
        ("loss-curve", "some"),
        ("accuracy-curve", "some"),
        ("run-curves", "some"),
    ],
)
@pytest.mark.parametrize("size", [(700, 300), (420, 240)])
def test_text_is_not_clipped(view_id: str, name: str, size: tuple[int, int]) -> None:
    figure = _draw(view_id, VALUES[view_id][name], dark=False, size=size)
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    renderer = canvas.get_renderer()
    axes = figure.axes[0]
    # Labels of ticks beyond the range exist but are not drawn.
    (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    across = [label for label in axes.get_xticklabels() if left <= label.get_position()[0] <= right]
    upward = [label for label in axes.get_yticklabels() if low <= label.get_position()[1] <= high]
    texts = [*axes.texts, *across, *upward, axes.title, axes.xaxis.label]
    for text in texts:
        if not text.get_text() or not text.get_visible():
            continue
        box = text.get_window_extent(renderer)
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= size[0] + 1 and box.y1 <= size[1] + 1
        assert inside, f"{text.get_text()!r} at {box}"


def test_confusion_writes_counts_and_marks_errors_apart() -> None:
    values = {"confusion": [[7, 2], [0, 5]], "classes": ["ants", "bees"]}
    axes = _draw("confusion", values, dark=False, size=(400, 300)).axes[0]
    assert {text.get_text() for text in axes.texts} >= {"7", "2", "·", "5"}
    ground = axes.images[0].get_array()
    blue, orange, empty = ground[0, 0], ground[0, 1], ground[1, 0]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]
    assert tuple(empty) == (1.0, 1.0, 1.0)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ants", "bees"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["ants", "bees"]


@pytest.mark.parametrize(
    ("count", "names"), [(2, "a"), (6, "plastic"), (14, "a rather long name"), (42, "class")]
)
def test_confusion_at_its_own_size_has_all_names_and_numbers(count: int, names: str) -> None:
    values = made.evaluation(count, names=names)
    width, height = natural_size(values["classes"], widest=750)
    assert width <= 750
    figure = _draw("confusion", values, dark=False, size=(width / 0.72, height / 0.72))
    axes = figure.axes[0]
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert len(labels) == count
    if names == "plastic":
        assert {label.get_rotation() for label in axes.get_xticklabels()} == {0.0}
    written = [int(text.get_text()) for text in axes.texts if text.get_text().isdigit()]
    assert sum(written) == 12 * count
    box = axes.get_position()
    assert box.height * height > 0.45 * height, "most of it is empty"


def test_per_class_puts_the_weakest_first_with_counts() -> None:
    values = {
        "per_class": [
            {"class": "good", "recall": 1.0, "n": 3},
            {"class": "absent", "recall": None, "n": 0},
            {"class": "bad", "recall": 0.25, "n": 4},
        ]
    }
    axes = _draw("per-class", values, dark=False, size=(400, 200)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["bad", "good"]
    assert {text.get_text() for text in axes.texts} == {"1 of 4", "3 of 3"}


def test_accuracy_shows_the_interval_of_validation() -> None:
    figure = _draw("accuracy-curve", VALUES["accuracy-curve"]["some"], dark=False, size=(700, 300))
    (band,) = figure.axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    intervals = [value for epoch in made.epochs(12) for value in epoch["interval"]]
    assert heights.min() == pytest.approx(min(intervals))
    assert heights.max() == pytest.approx(max(intervals))


def test_reliability_skips_empty_bins() -> None:
    axes = _draw("reliability", VALUES["reliability"]["some"], dark=False, size=(400, 300)).axes[0]
    points = axes.lines[-1].get_xdata()
    assert list(points) == [part["confidence"] for part in BINS if part["n"]]


def test_of_many_curves_the_weakest_are_drawn_and_named() -> None:
    figure = _draw("roc", VALUES["roc"]["nine"], dark=False, size=(700, 300))
    words = [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    assert words == [f"class {n}\n{0.8 + 0.01 * n:.2f} (0.60–0.97), n 20" for n in range(6)]


def test_the_learning_curve_goes_on_from_all_images_there_are() -> None:
    values = {"points": LEARNED[:3], "now": LEARNED[3], "expected": _learned(20, 0.7)}
    axes = _draw("learning-curve", values, dark=False, size=(700, 300)).axes[0]
    words = [text.get_text() for text in axes.texts if "%" in text.get_text()]
    assert words == ["66 %\nnow", "70 %\nexpected"]
    solid, dashed = (line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 1)
    assert list(solid) == [1, 2, 5]
    assert list(dashed) == [5, 10, 20]
