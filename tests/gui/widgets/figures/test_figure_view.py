"""Figures drawn in the background."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from tests.gui.made_runs import epoch_event
from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.figures import figure_view
from tlstudio.gui.widgets.figures.figure_view import FigureView, draw_image
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import curve_values


@pytest.fixture
def background(qapp):
    background = Background()
    yield background
    background.close()


@pytest.fixture
def drawings(monkeypatch):
    """Records every requested drawing: values, time and thread; the image is one flat colour."""
    made = []

    def draw(view_id, values, *, size, dark, scale, text_scale):
        made.append((values["number"], time.monotonic(), threading.current_thread(), size))
        if values.get("broken"):
            raise ValueError("no such data")
        image = QImage(size, QImage.Format.Format_RGBA8888)
        image.fill(QColor(values["number"], 0, 255 if dark else 0))
        return image

    monkeypatch.setattr(figure_view, "draw_image", draw)
    return made


@pytest.fixture
def view(background, qtbot):
    view = FigureView(background, name="Loss curve")
    qtbot.addWidget(view)
    view.resize(300, 200)
    return view


def five_epochs() -> dict:
    return curve_values(RunHistory(epoch_event(number) for number in range(5)))


@pytest.mark.parametrize("view_id", ["loss-curve", "accuracy-curve"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_registered_views_take_the_values_of_a_history(view_id, dark):
    image = draw_image(view_id, five_epochs(), size=QSize(320, 200), dark=dark, scale=2.0)
    assert image.size() == QSize(640, 400)
    assert image.devicePixelRatio() == 2.0
    assert (image.pixelColor(2, 2).lightness() < 128) == dark
    colours = {image.pixel(x, y) for x in range(0, 640, 5) for y in range(0, 400, 5)}
    assert len(colours) > 3


def test_nothing_is_drawn_while_hidden(view, drawings, qtbot):
    view.show_view("any", {"number": 7}, description="It falls.")
    qtbot.wait(50)
    assert drawings == []
    view.show()
    qtbot.waitSignal(view.drawn, timeout=5_000).wait()
    assert [number for number, *_ in drawings] == [7]
    assert view.accessibleName() == "Loss curve"
    assert view.accessibleDescription() == "It falls."


def test_drawing_is_throttled_and_shows_the_newest_values(view, drawings, qtbot):
    view.show()
    for number in range(40):
        view.show_view("any", {"number": number})
        qtbot.wait(5)
    qtbot.waitUntil(lambda: view.image.size() == view.size() and drawings[-1][0] == 39, timeout=5_000)
    qtbot.waitUntil(lambda: view.image.pixelColor(1, 1).red() == 39, timeout=5_000)
    times = [when for _, when, *_ in drawings]
    assert len(times) < 12
    assert all(later - earlier > 0.08 for earlier, later in pairwise(times))


def test_drawing_happens_off_the_gui_thread(view, drawings, qtbot):
    view.show()
    with qtbot.waitSignal(view.drawn):
        view.show_view("any", {"number": 1})
    assert drawings[0][2] is not threading.main_thread()


def test_a_new_size_and_a_new_theme_are_drawn_anew(view, drawings, qtbot):
    view.show()
    with qtbot.waitSignal(view.drawn):
        view.show_view("any", {"number": 1})
    view.resize(420, 260)
    qtbot.waitUntil(lambda: view.image.size() == QSize(420, 260), timeout=5_000)
    assert view.image.pixelColor(1, 1).blue() == 0
    theme().apply(QApplication.instance(), "dark")
    qtbot.waitUntil(lambda: view.image.pixelColor(1, 1).blue() == 255, timeout=5_000)


def test_a_failed_drawing_shows_a_sentence(view, drawings, qtbot, capsys):
    view.show()
    with qtbot.waitSignal(view.drawn):
        view.show_view("any", {"number": 1, "broken": True})
    assert view._words
    assert "could not be drawn" in capsys.readouterr().err
    with qtbot.waitSignal(view.drawn):
        view.show_view("any", {"number": 2})
    assert not view._words


def test_clearing_discards_a_drawing_in_progress(view, drawings, qtbot):
    view.show()
    view.show_view("any", {"number": 3})
    view.clear("It comes later.")
    qtbot.wait(200)
    assert view.image.isNull()
    assert view.accessibleDescription() == "It comes later."


def test_clearing_forgets_what_waited_for_the_drawing_before_it(view, drawings, qtbot):
    view.show()
    with qtbot.waitSignal(view.drawn):
        view.show_view("any", {"number": 3})
    view.show_view("any", {"number": 4})
    view.clear("It comes later.")
    qtbot.wait(200)
    assert [number for number, *_ in drawings] == [3]
    assert view._words == "It comes later."
