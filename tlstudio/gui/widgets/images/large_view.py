"""One image as large as the room allows, with buttons and keys that go to the others."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.images.picture import Picture

BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp)
NEXT = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown)
CLOSE = (Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LargeView(QWidget):
    """Shows one image; it is told which, and asks for another.

    Args:
        background: Reads the images.

    Signals:
        closed: Go back to all images.
        moved: -1 asks for the image before this one, 1 for the next.
    """

    closed = Signal()
    moved = Signal(int)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Large view")
        self.picture = Picture(background)
        self.picture.double_clicked.connect(self.closed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name = ElidedLabel(middle=True)
        self.name.setProperty("heading", True)
        self.close_button = quiet_button("↩ &All images", tip="Show all images again (Space or Esc)")
        self.back = quiet_button("← Previous", tip="The image before this one (left arrow key)")
        self.next = quiet_button("Next →", tip="The next image (right arrow key)")
        self.fit = quiet_button("&Whole image", tip="Show the whole image again. The wheel, + and − zoom.")
        self.close_button.clicked.connect(self.closed)
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)
        self.fit.clicked.connect(self.picture.fit)
        self.picture.zoom_changed.connect(self.fit.setEnabled)
        self.fit.setEnabled(False)
        bar = FlowLayout(spacing=8)  # large text needs two lines
        for button in (self.close_button, self.back, self.next, self.fit):
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.name)
        layout.addLayout(bar)

    def show_file(self, file: str, *, name: str, before: str, after: str) -> None:
        """Show an image; those beside it are read ahead.

        Args:
            file: Path of the image.
            name: What it is called.
            before: Path of the image before it; empty for the first.
            after: Path of the next one; empty for the last.
        """
        self.name.setText(name)
        # What is asked for last is read first: the image itself, then the next one.
        self.picture.read_ahead([path for path in (before, after) if path])
        self.picture.show_file(file)
        self.back.setEnabled(bool(before))
        self.next.setEnabled(bool(after))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to other images, + and − zoom, Space and Escape show all again."""
        key = event.key()
        if key in BACK:
            self._go_back()
        elif key in NEXT:
            self._go_on()
        elif key in CLOSE:
            self.closed.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.picture.zoom_by(1)
        elif key == Qt.Key.Key_Minus:
            self.picture.zoom_by(-1)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _go_back(self) -> None:
        self.moved.emit(-1)

    @Slot()
    def _go_on(self) -> None:
        self.moved.emit(1)
