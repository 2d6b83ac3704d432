"""A grid of images with the prediction for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.evaluation import LabelledPrediction
from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid

THUMBNAIL = 120


def caption(prediction: LabelledPrediction) -> str:
    """The caption of a thumbnail, e.g. "glass → plastic"."""
    if prediction.is_correct or not prediction.true_class:
        return prediction.predicted_class
    return f"{prediction.true_class} → {prediction.predicted_class}"


def _item(prediction: LabelledPrediction, *, root: Path, new_labels: Mapping[str, str | None]) -> GridItem:
    badge = percent(prediction.probability)
    lines = [
        prediction.path,
        f"label: {prediction.true_class}",
        f"predicted: {prediction.predicted_class} ({percent(prediction.probability, digits=1)} sure)",
    ]
    if not prediction.is_correct:
        lines.append(f"loss {prediction.loss:.2f}")
    if prediction.path in new_labels:
        new = new_labels[prediction.path]
        badge = "relabelled" if new is not None else "no label now"
        lines.append(f"relabelled by you: {new}" if new is not None else "its label was taken away by you")
    return GridItem(
        path=str(root / prediction.path),
        caption=caption(prediction),
        badge=badge,
        tip="\n".join(lines),
        key=prediction.path,
    )


class PredictionsCard(Card):
    """A titled grid of images with their predictions.

    Args:
        background: Makes thumbnails.
        title: Above the grid.
        name: Accessible name of the grid.

    Signals:
        opened: Path of the image to show large.
        relabel_requested: Paths, and where on the screen to ask for the class.
    """

    opened = Signal(str)
    relabel_requested = Signal(list, QPoint)

    def __init__(
        self, background: Background, *, title: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self.heading = ElidedLabel(title)
        self.heading.setProperty("heading", True)
        self.header.insertWidget(0, self.heading, 1000)
        self.predictions: tuple[LabelledPrediction, ...] = ()
        self.open = Chip("Open", tip="Show the selected image large, with all its probabilities (Enter).")
        self.relabel = Chip(
            "Relabel…", tip="Correct the labels of the selected images. Train again to use them."
        )
        for button in (self.open, self.relabel):
            button.setEnabled(False)
            self.header.addWidget(button)
        self.grid = ImageGrid(background)
        self.grid.setAccessibleName(name)
        self.grid.set_thumbnail_side(THUMBNAIL)
        self.hint = QLabel()
        self.hint.setProperty("muted", True)
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.grid, 1)
        self.open.clicked.connect(self._open)
        self.relabel.clicked.connect(self._relabel)
        self.grid.activated_key.connect(self.opened)
        self.grid.selection_changed.connect(self._selected)
        self._can_relabel = False

    def show_predictions(
        self,
        predictions: Sequence[LabelledPrediction],
        *,
        root: Path,
        hint: str,
        can_relabel: bool,
        new_labels: Mapping[str, str | None],
    ) -> None:
        """Show images with their predictions.

        Args:
            predictions: In the order in which they are shown.
            root: Folder that their paths are relative to.
            hint: Text above the grid, e.g. why it is empty; may be empty.
            can_relabel: Whether the images belong to the project.
            new_labels: Path to the label of now, of images whose label is not that of the run; None without.
        """
        self.predictions, self._can_relabel = tuple(predictions), can_relabel
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.grid.setVisible(bool(predictions))
        self.grid.set_items([_item(one, root=root, new_labels=new_labels) for one in predictions])
        self._selected(self.grid.selected_keys())

    @Slot(list)
    def _selected(self, keys: list[str]) -> None:
        self.open.setEnabled(bool(keys))
        self.relabel.setEnabled(bool(keys) and self._can_relabel)
        self.open.setVisible(bool(self.predictions))
        self.relabel.setVisible(self._can_relabel and bool(self.predictions))

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.grid.selected_keys()[0])

    @Slot()
    def _relabel(self) -> None:
        place = self.relabel.mapToGlobal(QPoint(0, self.relabel.height()))
        self.relabel_requested.emit(self.grid.selected_keys(), place)
