"""The commands of the Help menu: glossary, ways of transferring knowledge, shortcuts, the log, about."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from tlstudio.core.files import settings_dir
from tlstudio.gui.actions import WindowActions


class HelpCommands(QObject):
    """Opens the dialogs of the Help menu. Each is imported only now, so that the window starts quickly.

    Args:
        actions: Of the window.
        window: Parent of the dialogs.
    """

    def __init__(self, actions: WindowActions, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._actions = window, actions
        actions.glossary.triggered.connect(self.show_glossary)
        actions.ways.triggered.connect(self.show_ways)
        actions.shortcuts.triggered.connect(self.show_shortcuts)
        actions.log.triggered.connect(self.show_log)
        actions.about.triggered.connect(self.show_about)

    @Slot()
    def show_glossary(self) -> None:
        """Open the glossary."""
        from tlstudio.gui.dialogs.glossary_dialog import GlossaryDialog

        self._open(GlossaryDialog(self._window))

    @Slot()
    def show_ways(self) -> None:
        """Open the chapter on ways of transferring knowledge."""
        from tlstudio.gui.dialogs.ways_dialog import OVERVIEW, show_ways

        show_ways(page=OVERVIEW, parent=self._window)

    @Slot()
    def show_shortcuts(self) -> None:
        """Open the list of shortcuts."""
        from tlstudio.gui.dialogs.help_dialog import ShortcutsDialog

        self._open(ShortcutsDialog(self._actions.all, self._window))

    @Slot()
    def show_log(self) -> None:
        """Open the folder that holds the log."""
        settings_dir().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(settings_dir())))

    @Slot()
    def show_about(self) -> None:
        """Show version and licence."""
        from tlstudio.gui.dialogs.help_dialog import show_about

        show_about(self._window)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
