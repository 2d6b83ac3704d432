"""A line about further label columns of the table beside the images."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.tables.further_columns import FurtherColumn, offered_columns
from tlstudio.gui.app_state import AppState
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.specs import STRATEGIES

READ = "further columns of the table"
MOST_NAMED = 3
HOW = "Choose “{}” on the Model page to learn them together with the classes."


class FurtherLine(QLabel):
    """Names further columns with their classes and numbers of images; hidden where there are none.

    Args:
        app_state: The images of the project.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._number = 0
        self._read: tuple[Path, int] | None = None
        self.setProperty("muted", True)
        self.setProperty("small", True)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        learning = next(spec for spec in STRATEGIES if spec.columns_input is not None)
        self.setToolTip(wrapped(HOW.format(learning.title)))
        self.hide()
        app_state.project_changed.connect(self._look)
        app_state.images_changed.connect(self._look)
        app_state.background.done.connect(self._arrived)
        self._look()

    @Slot()
    def _look(self) -> None:
        project, images = self._app_state.project, self._app_state.images()
        wanted = None if project is None or not images else (project.images_root, len(images))
        if wanted == self._read:
            return  # labels of single images change often, and the table does not
        self._read = wanted
        self._number += 1
        if wanted is None:
            self.hide()
            return
        labels = {image.path: name for image in images if (name := image.label())}
        paths = [image.path for image in images]
        self._app_state.background.submit((READ, self._number), partial(_read, wanted[0], paths, labels))

    @Slot(object, object)
    def _arrived(self, key: object, columns: object) -> None:
        if key != (READ, self._number):
            return
        titles = [column.title for column in columns] if isinstance(columns, tuple) else []
        more = f" and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED else ""
        self.setText(f"The table also has {'; '.join(titles[:MOST_NAMED])}{more}")
        self.setVisible(bool(titles))


def _read(root: Path, paths: list[str], labels: dict[str, str]) -> tuple[FurtherColumn, ...]:
    return offered_columns(load_table(root, paths), labels=labels)
