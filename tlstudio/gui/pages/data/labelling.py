"""Labels and leaves out the selected images of the Data page: by key, by the list of classes, by a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tlstudio.gui.app_state import AppState
from tlstudio.gui.class_looks import DIGITS
from tlstudio.gui.pages.data.view import DataView
from tlstudio.gui.widgets.lists.class_picker import ClassPicker


class Labelling(QObject):
    """Does what the page's keys, its list of classes and its menu ask for.

    Args:
        page: Where the keys work.
        app_state: State of the window.
        view: Its selected images are meant.
    """

    def __init__(self, page: QWidget, app_state: AppState, view: DataView) -> None:
        super().__init__(page)
        self._page, self._app_state, self._view = page, app_state, view
        self.picker = ClassPicker("Class of the selected images", page)
        self.picker.class_chosen.connect(self.label)
        for digit in DIGITS:
            self.add_key(digit, partial(self._label_by_key, digit))
        for key in ("Del", "Backspace"):
            self.add_key(key, self._unlabel)
        self.add_key("X", self.toggle_left_out)
        self.add_key("Z", app_state.edits.undo)
        view.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.grid.customContextMenuRequested.connect(self._open_menu)

    def add_key(self, key: str, slot: Callable[[], object]) -> None:
        """Let a key do something while the focus is on the page and nothing lies open above it."""
        shortcut = QShortcut(QKeySequence(key), self._page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

        def pressed() -> None:
            # An open menu or list has the keyboard: a key meant for it must not change images behind it.
            if QApplication.activePopupWidget() is None:
                slot()

        shortcut.activated.connect(pressed)

    @Slot(object)
    def label(self, class_name: str | None) -> None:
        """Label the selected images (None takes the label away); after one alone, go to the next."""
        keys, following = self._chosen()
        if keys:
            # First: an image that leaves this filter with its label would leave nothing selected.
            self._view.grid.select_key(following)
            if not self._app_state.edits.set_label(keys, class_name=class_name):
                self._view.grid.select_keys(keys)

    @Slot()
    def toggle_left_out(self) -> None:
        """Leave the selected images out, or bring them back; after one alone, go to the next.

        After the last one the one before is next: it leaves what is shown, and there is none after it.
        """
        keys, following = self._chosen()
        if not keys:
            return
        edits = self._app_state.edits
        change = edits.bring_back if self._are_left_out(keys) else edits.leave_out
        if following is None and len(keys) == 1:
            following = self._view.grid.key_before(keys[0])
        self._view.grid.select_key(following)
        if not change(keys):
            self._view.grid.select_keys(keys)

    @Slot(QPoint)
    def open_picker(self, place: QPoint) -> None:
        """Open the list of classes at a place on the screen."""
        keys, _ = self._chosen()
        if not keys:
            return
        images = [image for key in keys if (image := self._app_state.image(key)) is not None]
        labels = {image.label() for image in images}
        self.picker.open_at(
            place,
            looks=self._app_state.edits.looks(),
            current=next(iter(labels)) if len(labels) == 1 else None,
            can_unlabel=labels != {None},
        )

    def _chosen(self) -> tuple[list[str], str | None]:
        """Return the selected images, and for a single one the image that follows it."""
        if self._app_state.project is None or not self._view.shows_images:
            return [], None
        keys = self._view.grid.selected_keys()
        return keys, self._view.grid.key_after(keys[0]) if len(keys) == 1 else None

    def _are_left_out(self, keys: list[str]) -> bool:
        image = self._app_state.image(keys[0])
        return image is not None and image.left_out

    def _label_by_key(self, digit: str) -> None:
        for look in self._app_state.edits.looks():
            if look.key == digit:
                if not self._select_framed():
                    self.label(look.name)
                return
        if digit == "0":
            self.label(None)

    def _select_framed(self) -> bool:
        """Select the framed image and say so if none is selected; return whether that was done.

        The key labels it when it is pressed again: the frame alone is too little a sign to change an image.
        """
        grid = self._view.grid
        framed = grid.current_key()
        if framed is None or not self._view.shows_images or grid.selected_count():
            return False
        grid.select_key(framed)
        self._app_state.status_message.emit(
            "No image was selected. The framed one is now: press the key again to label it."
        )
        return True

    def _unlabel(self) -> None:
        self.label(None)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        keys, _ = self._chosen()
        if not keys:
            return
        on_screen = self._view.grid.viewport().mapToGlobal(place)
        menu = QMenu(self._page)
        menu.setAccessibleName("The selected images")
        menu.addAction("Give them a class…\tL").triggered.connect(lambda: self.open_picker(on_screen))
        menu.addAction("Take the label away\tDel").triggered.connect(self._unlabel)
        words = "Bring back" if self._are_left_out(keys) else "Leave out"
        menu.addAction(f"{words}\tX").triggered.connect(self.toggle_left_out)
        menu.addAction("Look at it large\tSpace").triggered.connect(self._view.open_large)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(on_screen)
