"""Every page in windows of every size, in usual and larger text, with few and many classes."""

from __future__ import annotations

import re

import pytest
import shiboken6
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QWidget,
)

from tests.gui.full_window import build_window, show_page, visible_widgets
from tlstudio.gui.dialogs.settings_dialog import SettingsDialog
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.steps import PAGES
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.term_tips import LINE_CHARACTERS, visible_text
from tlstudio.gui.widgets.figures.figures_table import FiguresTable
from tlstudio.gui.widgets.lists.recent_table import RecentTable

# Full HD at 200 %, the same without a desktop's bars, a small laptop, and full HD.
SIZES = {"960x500": (960, 500), "960x600": (960, 600), "1280x720": (1280, 720), "1920x1080": (1920, 1080)}
WINDOWS = [
    pytest.param(SIZES[name], scale, id=f"{name}-{text}", marks=[] if is_quick else pytest.mark.exhaustive)
    for name, text, scale, is_quick in (
        ("960x500", "usual", 1.0, False),
        ("960x500", "larger", 1.3, True),
        ("1280x720", "usual", 1.0, True),
        ("1280x720", "larger", 1.3, False),
        ("1920x1080", "usual", 1.0, False),
        ("1920x1080", "larger", 1.3, True),
    )
]
"""The lowest window of each width, with both sizes of text."""
SCALES = [pytest.param(1.0, id="usual", marks=pytest.mark.exhaustive), pytest.param(1.3, id="larger")]
# Drawn text may be a pixel narrower than it is measured.
SLACK = 1
PATIENT_TRIES = 10
LONGEST_TIP_LINE = LINE_CHARACTERS + 22


@pytest.mark.parametrize(("size", "text_scale"), WINDOWS)
def test_nothing_is_cut_and_everything_has_a_name(size, text_scale, opened, qtbot, qapp):
    theme().apply(qapp, "light", text_scale=text_scale)
    window = build_window(opened, qtbot, classes=40, size=size)
    assert (window.width(), window.height()) == size
    found = []
    for page in PAGES:
        shown = show_page(window, page, qtbot)
        found += [f"{page}: {problem}" for problem in settled_problems(window, qtbot)]
        if page == "model":
            shown.views.all_settings.click()
            shown.more.fold.click()
            qtbot.wait(50)
            found += [f"{page}, all settings: {problem}" for problem in settled_problems(window, qtbot)]
    assert not found, "\n".join(found)


def test_no_widget_keeps_an_object_that_is_gone(opened, qtbot):
    """PySide forgets objects that Qt made when a layout around them is removed; using one raises then."""
    window = build_window(opened, qtbot, classes=3, size=SIZES["1280x720"])
    for size in (SIZES["1280x720"], SIZES["960x500"], SIZES["1920x1080"]):
        window.resize(*size)
        for page in PAGES:
            show_page(window, page, qtbot)
            gone = [
                f"{type(widget).__name__}.{name}"
                for widget in (window, *window.findChildren(QWidget))
                for name, value in vars(widget).items()
                if isinstance(value, shiboken6.Shiboken.Object) and not shiboken6.isValid(value)
            ]
            assert gone == [], (size, page)


def test_with_two_classes_nothing_is_cut_either(opened, qtbot):
    window = build_window(opened, qtbot, classes=2, size=SIZES["960x600"])
    for page in PAGES:
        show_page(window, page, qtbot)
        assert settled_problems(window, qtbot) == [], page


@pytest.mark.parametrize("text_scale", SCALES)
def test_the_button_that_goes_on_is_always_in_sight(text_scale, opened, qtbot, qapp):
    theme().apply(qapp, "light", text_scale=text_scale)
    window = build_window(opened, qtbot, classes=40, size=SIZES["960x500"])
    for page, button in (
        ("home", lambda shown: shown.drop_zone.choose),
        ("data", lambda shown: shown.next),
        ("model", lambda shown: shown.train_button),
        ("train", lambda shown: shown._headline.evaluate),
    ):
        wanted = button(show_page(window, page, qtbot))
        qtbot.waitUntil(wanted.isVisible)
        assert wanted.visibleRegion().boundingRect() == wanted.rect(), page


@pytest.mark.parametrize("text_scale", SCALES)
def test_choices_are_whole_in_the_smallest_window(text_scale, opened, qtbot, qapp):
    theme().apply(qapp, "light", text_scale=text_scale)
    window = build_window(opened, qtbot, classes=2, size=(1, 1))
    assert window.size() == window.minimumSize()
    assert window.width() <= 960
    simple = show_page(window, "model", qtbot).simple
    qtbot.waitUntil(lambda: simple.visibleRegion().boundingRect().width() == simple.width())


@pytest.mark.parametrize("text_scale", SCALES)
def test_settings_fit_on_a_low_screen(text_scale, opened, qtbot, qapp):
    theme().apply(qapp, "light", text_scale=text_scale)
    window = build_window(opened, qtbot, classes=2, size=SIZES["960x500"])
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())
    dialog.resize(dialog.width(), 400)
    qtbot.wait(50)
    found = [problem for problem in problems_of_all(dialog) if "“Close” has no tip" not in problem]
    dialog.close()
    assert not found, "\n".join(found)


def test_settings_fit_when_their_own_choice_makes_the_text_larger(opened, qtbot):
    window = build_window(opened, qtbot, classes=2, size=SIZES["1280x720"])
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())
    dialog.text_size.setCurrentText("Larger")
    inside = dialog._inside
    qtbot.waitUntil(lambda: inside.minimumSizeHint().width() <= inside.parentWidget().width())
    dialog.close()


def test_most_wrong_and_matrix_have_room_at_1280(opened, qtbot):
    window = build_window(opened, qtbot, classes=40, size=SIZES["1280x720"])
    page = show_page(window, "evaluate", qtbot)
    assert isinstance(page, EvaluatePage)
    assert page.view.matrix.width() > 300
    assert page.view.wrong_card.grid.width() > 220


def settled_problems(window: QWidget, qtbot) -> list[str]:
    """List what stays cut anywhere in a window: where the computer is busy, a layout comes later."""
    for _ in range(PATIENT_TRIES):
        found = problems_of_all(window)
        if not found:
            break
        qtbot.wait(100)
    return found


def problems_of_all(window: QWidget) -> list[str]:
    """List what is cut anywhere in a window."""
    return [
        f"{type(widget).__name__} “{visible_text(widget)[:40]}” {problem}"
        for widget in visible_widgets(window)
        for problem in problems_of(widget)
    ]


def problems_of(widget: QWidget) -> list[str]:
    """List what is cut of a widget, or missing for those who cannot see it."""
    found = list(_cut(widget))
    if isinstance(widget, QPushButton):
        found += [] if widget.accessibleName() or widget.text() else ["has no name"]
        found += [] if widget.toolTip() else ["has no tip"]
    if isinstance(widget, QAbstractScrollArea) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        found += [] if widget.accessibleName() else ["has no name"]
    if isinstance(widget, FiguresTable | RecentTable) and widget.columnWidth(0) < 60:
        found.append("has a first column that cannot be read")
    longest = max((len(line) for line in widget.toolTip().splitlines() if " " in line), default=0)
    if longest > LONGEST_TIP_LINE:
        found.append(f"has a tip with a line of {longest} characters")
    return found


def _cut(widget: QWidget) -> list[str]:
    if not isinstance(widget, QLabel | QAbstractButton | QComboBox | QAbstractSpinBox):
        return []
    found = [] if _is_inside(widget) else ["lies outside what holds it"]
    if isinstance(widget, Chip | ElidedLabel):
        wanted = widget.fontMetrics().horizontalAdvance(widget.text())
        widget.grab()  # the tip follows the painting
        if wanted > widget.width() and _one_line(widget.text()) not in _one_line(widget.toolTip()):
            found.append("is elided without its full text in the tip")
    elif isinstance(widget, QLabel):
        if widget.wordWrap():
            missing = widget.heightForWidth(widget.width()) - widget.height()
            found += [f"is {missing} px too low"] if missing > SLACK else []
            words = map(
                widget.fontMetrics().horizontalAdvance, re.split(r"[\s\u200b]+", visible_text(widget))
            )
            too_wide = max(words, default=0) > widget.width() + SLACK
            found += ["has a word that is wider than it"] if too_wide else []
        elif widget.text() or widget.pixmap():
            found += _too_small(widget)
    elif isinstance(widget, QPushButton | QCheckBox | QRadioButton | QComboBox | QAbstractSpinBox):
        found += _too_small(widget)
    return found


def _too_small(widget: QWidget) -> list[str]:
    shrinks = isinstance(widget, QComboBox | QAbstractSpinBox)
    missing = (widget.minimumSizeHint() if shrinks else widget.sizeHint()) - widget.size()
    found = [f"is {missing.width()} px too narrow"] if missing.width() > SLACK else []
    # The style gives combo boxes a margin of their own inside the height that they ask for.
    slack = 4 * SLACK if isinstance(widget, QComboBox) else 2 * SLACK
    return found + ([f"is {missing.height()} px too low"] if missing.height() > slack else [])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_inside(widget: QWidget) -> bool:
    """Return whether a widget lies within all that holds it, up to an area that can scroll to it."""
    holder, area = widget.parentWidget(), QRect(widget.geometry())
    while holder is not None and not holder.isWindow():
        scroller = holder.parentWidget()
        if isinstance(scroller, QScrollArea) and holder is scroller.viewport():
            return area.left() >= -SLACK and area.right() <= holder.width() + SLACK
        if not holder.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            return False
        area = area.translated(holder.pos())
        holder = holder.parentWidget()
    return True


def test_the_export_formats_have_the_room_that_is_left(opened, qtbot):
    window = build_window(opened, qtbot, classes=2, size=(1262, 680))
    page = show_page(window, "use", qtbot)
    qtbot.waitUntil(lambda: page._export.table.height() > 200)
