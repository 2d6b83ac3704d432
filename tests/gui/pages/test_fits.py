"""Train, Evaluate and Use with two and with forty classes: nothing is cut, all is reachable and named."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QPushButton, QTableWidget, QWidget

from tests.gui.made_runs import make_run
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.train.page import TrainPage
from tlstudio.gui.pages.use.page import UsePage

# What is left for a page in a window of 1280 × 720.
WIDTH, HEIGHT = 1096, 642
LONG = "Cypripedium parviflorum var. makasin, flowering, photographed from above"


@pytest.fixture(params=[2, 40], ids=["2 classes", "40 classes"])
def with_run(request, opened):
    names = ["ok", "broken"] if request.param == 2 else [f"{LONG} {n}" for n in range(40)]
    paths = {name: [f"{name}/{n}.jpg" for n in range(12)] for name in names}
    opened.select_run(make_run(opened.project.runs_folder / "run-1", paths=paths, accuracy=0.6))
    return opened


@pytest.mark.parametrize("page_class", [TrainPage, EvaluatePage, UsePage])
def test_nothing_is_cut_and_everything_has_a_name(page_class, with_run, qtbot):
    page = page_class(with_run)
    qtbot.addWidget(page)
    page.resize(WIDTH, HEIGHT)
    page.show()
    shown = page.view if page_class is EvaluatePage else page._page
    qtbot.waitUntil(shown.isVisible, timeout=5_000)
    qtbot.wait(300)
    assert page.size().width() == WIDTH
    assert page.minimumSizeHint().width() <= WIDTH
    assert page.minimumSizeHint().height() <= HEIGHT
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not page.window():
            continue
        if isinstance(widget, QPushButton):
            assert widget.accessibleName(), widget
            assert widget.toolTip(), widget.text()
            corner = widget.mapTo(page, widget.rect().bottomRight())
            assert page.rect().contains(corner), widget.text()
            if not widget.property("chip"):
                assert widget.width() >= widget.sizeHint().width(), widget.text()
        if isinstance(widget, QAbstractScrollArea) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName(), widget
        if isinstance(widget, QTableWidget):
            assert widget.columnWidth(0) >= 60
