"""The whole window with all its real pages, for tests that go through what a person sees."""

from __future__ import annotations

import re

from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QToolTip, QWidget

from tests.gui.made_runs import make_run
from tlstudio.gui.app_state import AppState
from tlstudio.gui.main_window import MainWindow
from tlstudio.gui.settings import Settings

LONG = "Cypripedium parviflorum var. makasin, flowering, photographed from above"


def build_window(app_state: AppState, qtbot, *, classes: int, size: tuple[int, int]) -> MainWindow:
    """Show the window with an open project and a finished run of so many classes with long names."""
    names = ["ok", "broken"] if classes == 2 else [f"{LONG} {number}" for number in range(classes)]
    paths = {name: [f"{name}/{number}.jpg" for number in range(12)] for name in names}
    for name in names:
        app_state.edits.add_class(name)
    app_state.select_run(make_run(app_state.project.runs_folder / "run-1", paths=paths, accuracy=0.6))
    window = MainWindow(app_state, settings=Settings())
    qtbot.addWidget(window, before_close_func=MainWindow.close_at_once)
    window.resize(*size)
    window.show()
    return window


def show_page(window: MainWindow, page: str, qtbot) -> QWidget:
    """Go to a page and wait until what it reads from disk is shown."""
    window.show_page(page)
    qtbot.waitUntil(lambda: not window.app_state.engine.open_jobs())
    if page == "evaluate":
        qtbot.waitUntil(window.page(page).view.isVisible)
    if page == "use":
        qtbot.waitUntil(window.page(page)._page.isVisible)
    qtbot.wait(120)
    QApplication.processEvents()  # what changed last may wait for its layout
    return window.page(page)


def visible_widgets(root: QWidget) -> list[QWidget]:
    """Everything below a widget that is shown, although perhaps scrolled away."""
    return [widget for widget in root.findChildren(QWidget) if widget.isVisible() and not widget.isWindow()]


def tip_at(widget: QWidget) -> str:
    """Return the tip that a person reads who rests the pointer on a widget, with single spaces."""
    QToolTip.hideText()
    area = widget.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    if area is not None:
        area.ensureWidgetVisible(widget)  # a pointer rests only on what is not scrolled away
    place = widget.rect().center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    text = re.sub(r"\s+", " ", QToolTip.text())
    QToolTip.hideText()
    return text
