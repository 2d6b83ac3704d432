"""Theme of the window: palette and style sheet, light and dark, in the colours of core/colours.py.

Widgets take the colours that they paint from `theme().colours` and redraw on `theme().changed`.
Everything else follows from the style sheet, which looks at dynamic properties: `card`, `primary`,
`quiet`, `muted`, `heading`, `big`, `small`, `chip` and `kind`.
"""

from __future__ import annotations

import weakref
from dataclasses import asdict
from functools import cache
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from tlstudio.core.colours import DARK, LIGHT, Colours
from tlstudio.core.files import resource

Choice = Literal["system", "light", "dark"]
BASE_PIXELS = 13


class Theme(QObject):
    """The current look of the app; `theme()` returns the only instance.

    Signals:
        changed: The colours or the text size changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colours = LIGHT
        self.text_scale = 1.0
        self._choice: Choice = "system"
        self._app: QApplication | None = None
        self._windows: weakref.WeakSet[QWidget] = weakref.WeakSet()

    @property
    def is_dark(self) -> bool:
        """True while the dark colours are in use."""
        return self.colours is DARK

    def apply(self, app: QApplication, choice: Choice, *, text_scale: float = 1.0) -> None:
        """Choose the look of the application; `"system"` follows the desktop from then on.

        Args:
            app: The application.
            choice: What the person chose.
            text_scale: 1.0 is 13 pixels.
        """
        self._choice, self.text_scale = choice, text_scale
        if self._app is not app:
            self._app = app
            app.setStyle("Fusion")
            app.styleHints().colorSchemeChanged.connect(self._desktop_changed)
        self._apply_theme()

    def dress(self, window: QWidget) -> None:
        """Apply the style sheet to a window and all that is put into it, now and at every change of the look.

        Each window has the style sheet, not the application: with the latter, Qt goes through all that a
        widget holds each time it is put into another one, and pages took twice as long to appear.
        """
        self._windows.add(window)
        window.setStyleSheet(self._sheet())

    def color(self, token: str) -> QColor:
        """A token as a `QColor`, e.g. `theme().color("accent")`."""
        return QColor(getattr(self.colours, token))

    def pixels(self, size: float) -> int:
        """A length or text size in pixels at the chosen text size."""
        return round(size * self.text_scale)

    def _sheet(self) -> str:
        return style_sheet(self.colours, text_scale=self.text_scale)

    @Slot()
    def _desktop_changed(self) -> None:
        if self._choice == "system":
            self._apply_theme()

    def _apply_theme(self) -> None:
        assert self._app is not None
        dark = self._choice == "dark" or (
            self._choice == "system" and self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        )
        self.colours = DARK if dark else LIGHT
        font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
        font.setPixelSize(self.pixels(BASE_PIXELS))
        self._app.setFont(font)
        self._app.setPalette(palette(self.colours))
        sheet = self._sheet()
        for window in filter(isValid, self._windows):
            window.setStyleSheet(sheet)
        self.changed.emit()


@cache
def theme() -> Theme:
    """The only instance of the theme."""
    return Theme()


def restyle(widget: QWidget) -> None:
    """Apply the style sheet to a widget again after its properties changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def palette(colours: Colours) -> QPalette:
    """Fusion's palette in these colours."""
    role = QPalette.ColorRole
    result = QPalette(QColor(colours.surface), QColor(colours.bg))
    pairs = {
        role.Window: colours.bg,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.bg,
        role.Text: colours.text,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.BrightText: colours.bad,
        role.ToolTipBase: colours.surface,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Light: colours.surface,
        role.Midlight: colours.line,
        role.Mid: colours.line,
        role.Dark: colours.muted,
        role.Shadow: colours.line,
    }
    for item, colour in pairs.items():
        result.setColor(item, QColor(colour))
    for item in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, item, QColor(colours.muted))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colours.line))
    return result


def style_sheet(colours: Colours, *, text_scale: float = 1.0) -> str:
    """The style sheet with the tokens filled in; `$px11` is 11 pixels at the chosen text size."""
    sizes = {f"px{size}": f"{round(size * text_scale)}px" for size in (11, 13, 14, 16, 20)}
    template = Template(resource("theme/window.qss").read_text(encoding="utf-8"))
    mode = "dark" if colours is DARK else "light"
    return template.substitute(asdict(colours), **sizes, mode=mode, icons=resource("icons").as_posix())
