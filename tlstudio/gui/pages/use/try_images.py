"""The card that predicts single images: dropped, pasted or chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Qt, QTemporaryDir, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.percent import percent
from tlstudio.core.unknown_words import NO_SCORE, odd_mark, odd_words
from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.use.contents import answer_lines, odd_finding
from tlstudio.gui.theme import restyle
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.figures.further_bars import FurtherBars
from tlstudio.gui.widgets.figures.probability_bars import ProbabilityBars
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid
from tlstudio.gui.widgets.images.picture import Picture
from tlstudio.gui.widgets.lists.finding_button import FindingButton
from tlstudio.gui.widgets.lists.finding_list import window_finding

LIST_THUMBNAIL = 110
HINT = (
    "Drop images here, paste them (Ctrl+V),\n"
    "or choose them. For a whole folder you get a table or class folders."
)


@dataclass(frozen=True, slots=True)
class _Pasted:
    owner: int
    file: str


class TryCard(Card):
    """Takes images and shows the probability of each class.

    Signals:
        folder_dropped: A folder was dropped or pasted.
    """

    folder_dropped = Signal(str)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Try it", parent)
        self._app_state = app_state
        self._model = ""
        self._predictions: dict[str, Mapping[str, Any]] = {}
        self._job: Job | None = None
        self._pasted = QTemporaryDir()
        self._pasted_count = 0
        self.setAcceptDrops(True)
        self.choose = quiet_button("Choose &images…", tip="Choose one or several image files.")
        self.paste = quiet_button("Paste", tip="Use the image or the files on the clipboard (Ctrl+V).")
        self.header.addWidget(self.paste)
        self.header.addWidget(self.choose)
        self.status = ElidedLabel()
        self.status.setProperty("muted", True)
        self._set_status("")
        self._build()
        self.choose.clicked.connect(self._choose)
        self.paste.clicked.connect(self._paste)
        shortcut = QShortcut(QKeySequence.StandardKey.Paste, self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._paste)
        self.grid.selection_changed.connect(self._selected)
        app_state.background.done.connect(self._saved)

    def set_model(self, model: str) -> None:
        """Predict with this run or exported model from now on; earlier predictions are removed."""
        if model != self._model:
            self._model = model
            self._predictions = {}
            self._show_predictions()

    def predict(self, paths: Sequence[str]) -> None:
        """Predict image files."""
        if not paths or not self._model:
            return
        images = count(len(paths), "image")
        waits = self._app_state.training is not None
        self._set_status(
            f"{images}: waiting for the training to end …" if waits else f"Looking at {images} …"
        )
        self._job = self._app_state.submit("predict", model=self._model, paths=list(paths))
        self._job.succeeded.connect(self._predicted)
        self._job.ended.connect(self._ended)

    # Results

    @Slot(dict)
    def _predicted(self, result: Mapping[str, Any]) -> None:
        self._predictions = {str(entry["path"]): entry for entry in result["predictions"]}
        self._show_predictions()

    @Slot()
    def _ended(self) -> None:
        self._job = None
        self._set_status("")

    def _set_status(self, text: str) -> None:
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def _show_predictions(self) -> None:
        predictions = list(self._predictions.values())
        self._stack.setCurrentWidget(self._results if predictions else self._zone)
        self.grid.setVisible(len(predictions) > 1)
        self.grid.set_items([_item(entry) for entry in predictions])
        if predictions:
            self.grid.select_key(str(predictions[0]["path"]))
            self._show_one(predictions[0])

    @Slot(list)
    def _selected(self, keys: list[str]) -> None:
        if keys and keys[0] in self._predictions:
            self._show_one(self._predictions[keys[0]])

    def _show_one(self, entry: Mapping[str, Any]) -> None:
        path = str(entry["path"])
        self.picture.show_file(path)
        self.name.setText(Path(path).name)
        odd = odd_finding(entry)
        self.odd.setVisible(odd is not None)
        if odd is not None:
            self.odd.show_finding(odd)
        if entry.get("error"):
            self.verdict.setText(f"This file cannot be used: {entry['error']}")
        else:
            self.verdict.setText("\n".join(answer_lines(entry, digits=1)))
        self.verdict.setProperty("title", not entry.get("error"))
        restyle(self.verdict)
        self.bars.setVisible(not entry.get("error"))
        self.bars.set_probabilities(entry.get("probabilities") or {})
        further = list((entry.get("columns") or {}).items())[1:]
        self.further.show_columns([(name, answer["probabilities"]) for name, answer in further])

    # Images in

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and images."""
        if self._model and (event.mimeData().hasUrls() or event.mimeData().hasImage()):
            event.acceptProposedAction()
            self._set_active(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop highlighting the drop zone."""
        self._set_active(False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Predict what was dropped."""
        self._set_active(False)
        event.acceptProposedAction()
        self._take(event.mimeData())

    def _set_active(self, active: bool) -> None:
        self._zone.setProperty("active", active)
        restyle(self._zone)

    @Slot()
    def _paste(self) -> None:
        if not self._take(QApplication.clipboard().mimeData()):
            self._set_status("There is no image on the clipboard.")

    def _take(self, data: QMimeData) -> bool:
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        folders = [path for path in paths if Path(path).is_dir()]
        if folders:
            self.folder_dropped.emit(folders[0])
            return True
        if paths:
            self.predict(paths)
            return True
        image = data.imageData() if data.hasImage() else None
        if not isinstance(image, QImage) or image.isNull():
            return False
        self._pasted_count += 1
        file = self._pasted.filePath(f"pasted {self._pasted_count}.png")
        self._app_state.background.submit(_Pasted(id(self), file), partial(image.save, file))
        return True

    @Slot(object, object)
    def _saved(self, key: object, _result: object) -> None:
        if isinstance(key, _Pasted) and key.owner == id(self):
            self.predict([key.file])

    @Slot()
    def _choose(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Choose images")
        self.predict(paths)

    def _build(self) -> None:
        self._zone = QFrame()
        self._zone.setProperty("dropzone", True)
        zone = QVBoxLayout(self._zone)
        hint = QLabel(HINT)
        hint.setProperty("muted", True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        zone.addWidget(hint)
        self._results = QWidget()
        self.grid = ImageGrid(self._app_state.background)
        self.grid.setAccessibleName("Images that were tried")
        self.grid.set_thumbnail_side(LIST_THUMBNAIL)
        self.picture = Picture(self._app_state.background)
        self.name = ElidedLabel(middle=True)
        self.name.setProperty("muted", True)
        self.odd = FindingButton(window_finding("note", NO_SCORE), shows_images=False)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.bars = ProbabilityBars()
        self.further = FurtherBars()
        one = QVBoxLayout()
        one.setSpacing(6)
        one.addWidget(self.picture, 1)
        one.addWidget(self.name)
        # Before the class: who reads the class first has made up their mind.
        one.addWidget(self.odd)
        one.addWidget(self.verdict)
        one.addWidget(self.bars)
        one.addWidget(self.further)
        both = QHBoxLayout(self._results)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(12)
        both.addWidget(self.grid, 2)
        both.addLayout(one, 3)
        self._stack = QStackedLayout()
        self.body.addLayout(self._stack, 1)
        # A stack shows its first widget at once; outside the card that would be a window of its own.
        self._stack.addWidget(self._zone)
        self._stack.addWidget(self._results)
        self.body.addWidget(self.status)
        self.grid.hide()


def _item(entry: Mapping[str, Any]) -> GridItem:
    path = str(entry["path"])
    name = Path(path).name
    if entry.get("error"):
        return GridItem(path=path, caption="not read", tip=f"{name}\n{entry['error']}", key=path)
    unknown = entry.get("unknown")
    lines = [name, *filter(None, [odd_words(unknown)]), *answer_lines(entry)]
    asks = "? " if entry.get("ask") else ""
    caption = f"{odd_mark(unknown)}{asks}{entry['class']} {percent(entry['probability'])}"
    return GridItem(path=path, caption=caption, tip="\n".join(lines), key=path)
