"""Images of the Evaluate page: a grid with the prediction for each, a large preview, and relabelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from tlstudio.evaluation.evaluation import LabelledPrediction
from tlstudio.gui.engine_client import Background
from tlstudio.gui.number_text import percent
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.figures.probability_bars import ProbabilityBars
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid
from tlstudio.gui.widgets.images.picture import Picture

THUMBNAIL = 120


def caption(prediction: LabelledPrediction) -> str:
    """The caption of a thumbnail, e.g. "glass → plastic"."""
    if prediction.is_correct or not prediction.true_class:
        return prediction.predicted_class
    return f"{prediction.true_class} → {prediction.predicted_class}"


def _item(prediction: LabelledPrediction, *, root: Path, new_label: str | None) -> GridItem:
    badge = "relabelled" if new_label is not None else percent(prediction.probability)
    lines = [
        prediction.path,
        f"label: {prediction.true_class}",
        f"predicted: {prediction.predicted_class} ({percent(prediction.probability, digits=1)} sure)",
    ]
    if not prediction.is_correct:
        lines.append(f"loss {prediction.loss:.2f}: how wrong and how sure of it")
    if new_label is not None:
        lines.append(f"relabelled by you: {new_label}")
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
            "Relabel…", tip="Give the selected images another class. It counts from the next run on."
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
        new_labels: Mapping[str, str],
    ) -> None:
        """Show images with their predictions.

        Args:
            predictions: In the order in which they are shown.
            root: Folder that their paths are relative to.
            hint: Text above the grid, e.g. why it is empty; may be empty.
            can_relabel: Whether the images belong to the project.
            new_labels: Path to the label given after the run, of images that were relabelled.
        """
        self.predictions, self._can_relabel = tuple(predictions), can_relabel
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.grid.setVisible(bool(predictions))
        self.grid.set_items(
            [
                _item(prediction, root=root, new_label=new_labels.get(prediction.path))
                for prediction in predictions
            ]
        )
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


class ClassMenu(QMenu):
    """A menu of classes.

    Signals:
        class_chosen: Its name.
    """

    class_chosen = Signal(str)

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        for name in classes:
            self.addAction(name.replace("&", "&&")).triggered.connect(partial(self.class_chosen.emit, name))


class PredictionDialog(QDialog):
    """One image large, with all class probabilities; ← and → go to the previous and next image.

    Signals:
        relabel_requested: Paths, and where on the screen to ask for the class.
    """

    relabel_requested = Signal(list, QPoint)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Image")
        self.resize(860, 560)
        self._predictions: tuple[LabelledPrediction, ...] = ()
        self._root = Path()
        self._row = 0
        self.picture = Picture(background)
        self.name = ElidedLabel(middle=True)
        self.name.setProperty("heading", True)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.bars = ProbabilityBars()
        self.back = quiet_button("← &Back", tip="The image before this one (left arrow key).")
        self.next = quiet_button("&Next →", tip="The image after this one (right arrow key).")
        self.relabel = quiet_button("&Relabel…", tip="Give this image another class, from the next run on.")
        close = quiet_button("&Close", tip="Back to the page.")
        for button, slot in (
            (self.back, self._back),
            (self.next, self._next),
            (self.relabel, self._relabel),
            (close, self.reject),
        ):
            button.clicked.connect(slot)
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addWidget(self.name)
        side.addWidget(self.verdict)
        side.addWidget(self.bars, 1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.picture, 3)
        top.addLayout(side, 2)
        bottom = QHBoxLayout()
        bottom.addWidget(self.back)
        bottom.addWidget(self.next)
        bottom.addStretch(1)
        bottom.addWidget(self.relabel)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(top, 1)
        layout.addLayout(bottom)

    def show_predictions(
        self, predictions: Sequence[LabelledPrediction], *, root: Path, path: str, can_relabel: bool
    ) -> None:
        """Show one image of a list.

        Args:
            predictions: In the order in which the arrow keys go through them.
            root: Folder that their paths are relative to.
            path: Of the image to show first.
            can_relabel: Whether the images belong to the project.
        """
        self._predictions, self._root = tuple(predictions), root
        self._row = next((row for row, shown in enumerate(predictions) if shown.path == path), 0)
        self.relabel.setVisible(can_relabel)
        self._show()

    def keyPressEvent(self, event: object) -> None:
        """Arrow keys go to the previous and next image."""
        key = event.key()  # type: ignore[attr-defined]
        if key == Qt.Key.Key_Right:
            self._next()
        elif key == Qt.Key.Key_Left:
            self._back()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    @Slot()
    def _next(self) -> None:
        self._row = min(self._row + 1, len(self._predictions) - 1)
        self._show()

    @Slot()
    def _back(self) -> None:
        self._row = max(self._row - 1, 0)
        self._show()

    @Slot()
    def _relabel(self) -> None:
        place = self.relabel.mapToGlobal(QPoint(0, 0))
        self.relabel_requested.emit([self._predictions[self._row].path], place)

    def _show(self) -> None:
        shown = self._predictions[self._row]
        self.picture.show_file(str(self._root / shown.path))
        self.name.setText(shown.path)
        if shown.is_correct:
            verdict = f"Right: {shown.predicted_class}."
        else:
            verdict = f"Labelled {shown.true_class}, but taken for {shown.predicted_class}."
        self.verdict.setText(f"{verdict}\nImage {self._row + 1} of {len(self._predictions)}")
        self.bars.set_probabilities(shown.probabilities, true_class=shown.true_class)
        self.back.setEnabled(self._row > 0)
        self.next.setEnabled(self._row + 1 < len(self._predictions))
