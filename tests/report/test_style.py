import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tlstudio.core.colours import DARK, LIGHT
from tlstudio.report.style import (
    SMALL,
    Margins,
    add_axes,
    draw_message,
    elided,
    ink,
    mix,
    name_accuracy_axes,
    number,
    palette,
    percent_ticks,
    text_width,
    wrapped,
)


def test_light_and_dark_palettes_differ() -> None:
    assert palette(dark=True) is DARK
    assert palette(dark=False) is LIGHT
    assert DARK.surface != LIGHT.surface


@pytest.mark.parametrize("text", ["sunflowers", "WWWWWW", "Wäscheklammern", "向日葵的照片"])
def test_estimated_widths_are_not_too_small(text: str) -> None:
    # Chinese letters are not in the font that comes along; their boxes are narrower than real ones.
    figure = Figure(figsize=(5, 1), dpi=72)
    canvas = FigureCanvasAgg(figure)
    drawn = figure.text(0, 0, "nnnnnn" if ord(text[0]) > 0x2E7F else text, fontsize=SMALL)
    width = drawn.get_window_extent(canvas.get_renderer()).width
    slack = 1.7 if text.isupper() else 1.0
    assert width <= text_width(text, size=SMALL) * slack


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert elided("roses", width=200) == "roses"
    assert elided("two\nlines", width=200) == "two lines"
    cut = elided("a very long class name indeed", width=60)
    assert cut.endswith("…")
    assert text_width(cut) <= 60
    assert elided("abc", width=1) == "…"


def test_text_is_not_cut_where_its_place_was_made_for_it() -> None:
    for name in ("only the head", "from conv head up", "all stages"):
        for value in ("92.1 %", "+0.8", "100 %"):
            place = text_width(f"{name}  {value}", size=0.85 * SMALL)
            assert (
                elided(name, width=place - text_width(f"  {value}", size=0.85 * SMALL), size=0.85 * SMALL)
                == name
            )


def test_sentences_are_wrapped_between_words() -> None:
    lines = wrapped("The curve appears when the first epoch ends.", width=100).splitlines()
    assert len(lines) > 1
    assert " ".join(lines) == "The curve appears when the first epoch ends."
    assert wrapped("Donaudampfschifffahrt", width=10) == "Donaudampfschifffahrt"


def test_ink_contrasts_with_its_background() -> None:
    assert ink((0.0, 0.0, 0.0)) == "#ffffff"
    assert ink((1.0, 1.0, 1.0)) != "#ffffff"
    assert mix("#ffffff", "#000000", 0.5) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1.0), (0.5, 0.5), (None, None), ("x", None), (float("nan"), None)]
)
def test_only_finite_numbers_are_numbers(value: object, expected: float | None) -> None:
    assert number(value) == expected
    assert number(float("inf")) is None


@pytest.mark.parametrize("size", [(7, 3), (0.5, 0.5), (0.4, 3)])
def test_margins_shrink_in_small_figures(size: tuple[float, float]) -> None:
    figure = Figure(figsize=size)
    axes = add_axes(figure, Margins(left=60, right=20, top=20, bottom=30), LIGHT)
    box = axes.get_position()
    assert box.width >= 0.299
    assert box.height >= 0.299
    assert box.x0 >= 0
    assert box.x1 <= 1 + 1e-9


def test_an_empty_figure_shows_a_sentence() -> None:
    figure = Figure(figsize=(1, 1))
    draw_message(figure, "Nothing here yet, come back.", DARK)
    assert "Nothing here" in figure.texts[0].get_text()


def test_axes_of_an_accuracy_say_what_they_mean_in_percent() -> None:
    figure = Figure(figsize=(4, 3), dpi=72)
    axes = add_axes(figure, Margins(left=40, right=10, top=20, bottom=30), LIGHT)
    axes.set_ylim(0.5, 1)
    axes.yaxis.set_major_locator(percent_ticks(axes, LIGHT, height=216))
    name_accuracy_axes(axes, LIGHT, across="images")
    FigureCanvasAgg(figure).draw()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "50 %",
        "60 %",
        "70 %",
        "80 %",
        "90 %",
        "100 %",
    ]
    assert axes.get_xlabel() == "images"
    assert [text.get_text() for text in axes.texts] == ["right answers on images it did not learn from"]


@pytest.mark.parametrize("bottom", [0.0, 0.4, 0.6, 0.8, 0.9])
def test_percentages_stand_beside_lines_at_just_these_values(bottom: float) -> None:
    for height in (120, 216, 260, 400):
        axes = add_axes(Figure(), Margins(left=40, right=10, top=20, bottom=30), LIGHT)
        ticks = percent_ticks(axes, LIGHT, height=height).tick_values(bottom, 1.02)
        assert all(abs(100 * tick - round(100 * tick)) < 1e-6 for tick in ticks)
