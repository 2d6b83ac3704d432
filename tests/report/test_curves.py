import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from tlstudio.core.colours import LIGHT
from tlstudio.report.curves import Line, draw_curves, name_lines, nothing_yet, read_line, unit_of


def _line(name: str, *values: float, start: int = 0) -> Line:
    return Line(
        name=name,
        epochs=tuple(range(start, start + len(values))),
        values=values,
        colour=LIGHT.fire,
        width=2,
    )


def _drawn(lines: list[Line], values: dict, *, size: tuple[float, float] = (7, 3)):
    figure = Figure(figsize=size, dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = draw_curves(figure, lines, values, label="loss", colours=LIGHT)
    axes.set_ylim(0, 1)
    name_lines(axes, lines)
    canvas.draw()
    return axes, canvas.get_renderer()


def test_epochs_without_a_value_are_left_out() -> None:
    values = {
        "epochs": [
            {"epoch": 0, "loss": None},
            {"epoch": 1, "loss": 0.5},
            {"epoch": 2, "loss": float("nan")},
            {"epoch": 3, "loss": 0.25},
            {"epoch": 4},
        ]
    }
    line = read_line(values, "loss", name="training", colour="#000000", width=1)
    assert line.epochs == (1, 3)
    assert line.values == (0.5, 0.25)
    assert read_line({}, "loss", name="x", colour="#000000", width=1).values == ()


@pytest.mark.parametrize("size", [(7, 3), (3, 2), (2.3, 1.6)])
@pytest.mark.parametrize("planned", [0, 3, 30])
def test_names_stay_inside_the_figure_and_do_not_overlap(size: tuple[float, float], planned: int) -> None:
    lines = [_line("training", 0.5, 0.4, 0.3, 0.2), _line("validation", 0.6, 0.5, 0.3, 0.21)]
    axes, renderer = _drawn(lines, {"planned": planned}, size=size)
    names = {text.get_text(): text for text in axes.texts if isinstance(text, Annotation)}
    boxes = [names[name].get_window_extent(renderer) for name in ("training", "validation")]
    assert all(box.x1 <= size[0] * 100 + 1 for box in boxes)
    assert boxes[0].y1 <= boxes[1].y0 + 2


def test_the_plan_is_the_range_and_the_kept_epoch_is_named() -> None:
    axes, _ = _drawn([_line("validation", 0.5, 0.4, 0.45)], {"planned": 20, "best_epoch": 1})
    assert axes.get_xlim()[1] >= 20
    assert max(axes.get_xticks()) <= 20
    assert "kept: epoch 1" in [text.get_text() for text in axes.texts]


def test_a_best_epoch_outside_the_lines_is_not_drawn() -> None:
    axes, _ = _drawn([_line("validation", 0.5, 0.4, start=3)], {"planned": 5, "best_epoch": 1})
    assert not [text for text in axes.texts if "best" in text.get_text()]


def test_a_single_epoch_can_be_drawn() -> None:
    axes, _ = _drawn([_line("validation", 0.5)], {})
    assert axes.get_xlim()[0] < 0 < axes.get_xlim()[1]


def test_one_setting_alone_goes_from_nothing_to_nothing() -> None:
    several, _ = _drawn([_line("training", 0.5, 0.4)], {"unit": "setting"})
    alone, _ = _drawn([_line("training", 0.5, start=1)], {"unit": "setting"})
    assert several.get_xlabel() == "setting: regularisation, from strong to weak"
    assert alone.get_xlabel() == "setting"


def test_a_point_may_be_a_setting_instead_of_an_epoch() -> None:
    axes, _ = _drawn([_line("validation", 0.5, 0.4)], {"best_epoch": 1, "unit": "setting"})
    assert "kept: setting 1" in [text.get_text() for text in axes.texts]
    assert axes.get_xlabel().startswith("setting")
    assert "epoch" not in nothing_yet({"unit": "setting"})
    assert unit_of({"unit": "fortnight"}) == unit_of({}) == "epoch"
