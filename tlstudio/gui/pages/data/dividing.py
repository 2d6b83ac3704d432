"""Asks how to divide the images, and divides them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.split_dialog import SplitDialog


class Dividing(QObject):
    """Opens the dialog of the split, and does what is chosen there.

    Args:
        page: Parent of the dialog.
        app_state: State of the window.
    """

    def __init__(self, page: QWidget, app_state: AppState) -> None:
        super().__init__(page)
        self._page, self._app_state = page, app_state

    @Slot()
    def ask(self) -> None:
        """Open the dialog."""
        project = self._app_state.project
        if project is None:
            return
        split = project.split_settings()
        labelled = sum(image.label() is not None for image in self._app_state.images())
        dialog = SplitDialog(
            images=labelled,
            validation=split.validation_fraction if split else 0.15,
            test=split.test_fraction if split else 0.15,
            seed=split.seed if split else 0,
            given={image.given_split for image in self._app_state.images() if image.given_split},
            parent=self._page,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self._divide)
        dialog.open()

    @Slot()
    def _divide(self) -> None:
        dialog = self.sender()
        assert isinstance(dialog, SplitDialog)
        validation, test, seed = dialog.shares()
        self._app_state.update_recipe({"split": {"validation": validation, "test": test}})
        self._app_state.divide(validation=validation, test=test, seed=seed)
