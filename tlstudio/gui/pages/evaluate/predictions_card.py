"""A grid of images with the prediction for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.evaluation import LabelledPrediction
from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import SIDES_PIXELS, Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid
from tlstudio.project.store import ProjectImage

THUMBNAIL = 120
AS_PREDICTED = "As predicted"
USUAL_LABEL = "Label: plastic"
ACCEPT_TIP = "Give the selected images the class that they were taken for. Undo with Ctrl+Z."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that the person made to an image since the run.

    Attributes:
        badge: On its thumbnail.
        words: In its tip.
    """

    badge: str
    words: str


def change_of(label_then: str, image: ProjectImage | None) -> Change | None:
    """The change of an image since the run.

    Args:
        label_then: The label that it had.
        image: As it is now; None where the project has it no more.
    """
    if image is None:
        return None
    if image.left_out:
        return Change(badge="left out", words="left out by you: used for nothing any more")
    label = image.label()
    if label == label_then:
        return None
    if label is None:
        return Change(badge="no label now", words="its label was taken away by you")
    return Change(badge="relabelled", words=f"relabelled by you: {label}")


def caption(prediction: LabelledPrediction) -> str:
    """The caption of a thumbnail, e.g. "glass → plastic"."""
    if prediction.is_correct or not prediction.true_class:
        return prediction.predicted_class
    return f"{prediction.true_class} → {prediction.predicted_class}"


def _item(prediction: LabelledPrediction, *, root: Path, change: Change | None) -> GridItem:
    badge = percent(prediction.probability)
    lines = [
        prediction.path,
        f"label: {prediction.true_class}",
        f"predicted: {prediction.predicted_class} ({percent(prediction.probability, digits=1)} sure)",
    ]
    if not prediction.is_correct:
        lines.append(f"loss {prediction.loss:.2f}")
    if change is not None:
        badge = change.badge
        lines.append(change.words)
    return GridItem(
        path=str(root / prediction.path),
        caption=caption(prediction),
        badge=badge,
        tip="\n".join(lines),
        key=prediction.path,
    )


class LabelChip(Chip):
    """A chip that names a class: equally wide for all, so that a selection moves nothing beside it."""

    def sizeHint(self) -> QSize:
        """Room for a name of usual length; a longer one is elided."""
        usual = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(USUAL_LABEL) + SIDES_PIXELS, usual.height())


class PredictionsCard(Card):
    """A titled grid of images with their predictions.

    Args:
        background: Makes thumbnails.
        title: Above the grid.
        name: Accessible name of the grid.

    Signals:
        opened: Path of the image to show large.
        relabel_requested: Paths, and where on the screen to ask for the class.
        accepted: Paths, and the class that they were all taken for: it shall be their label.
        leave_out_requested: Paths.
    """

    opened = Signal(str)
    relabel_requested = Signal(list, QPoint)
    accepted = Signal(list, str)
    leave_out_requested = Signal(list)

    def __init__(
        self, background: Background, *, title: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self.heading = ElidedLabel(title)
        self.heading.setProperty("heading", True)
        self.header.insertWidget(0, self.heading, 1000)
        self.predictions: tuple[LabelledPrediction, ...] = ()
        self.open = Chip("Open", tip="Show the selected image large, with all its probabilities (Enter).")
        self.accept = LabelChip(AS_PREDICTED, tip=ACCEPT_TIP)
        self.relabel = Chip(
            "Relabel…", tip="Correct the labels of the selected images. Train again to use them."
        )
        self.leave_out = Chip(
            "Leave out", tip="Use the selected images for nothing any more. Undo with Ctrl+Z."
        )
        self._chips = QWidget()
        flow = FlowLayout(self._chips, spacing=6)
        for button in (self.open, self.accept, self.relabel, self.leave_out):
            button.setEnabled(False)
            flow.addWidget(button)
        self.grid = ImageGrid(background)
        self.grid.setAccessibleName(name)
        self.grid.set_thumbnail_side(THUMBNAIL)
        self.hint = QLabel()
        self.hint.setProperty("muted", True)
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.hint)
        self.body.addWidget(self._chips)
        self.body.addWidget(self.grid, 1)
        self.open.clicked.connect(self._open)
        self.accept.clicked.connect(self._accept)
        self.relabel.clicked.connect(self._relabel)
        self.leave_out.clicked.connect(self._leave_out)
        self.grid.activated_key.connect(self.opened)
        self.grid.selection_changed.connect(self._selected)
        self._can_relabel = False
        self._accepted = ""

    def show_predictions(
        self,
        predictions: Sequence[LabelledPrediction],
        *,
        root: Path,
        hint: str,
        can_relabel: bool,
        changes: Mapping[str, Change],
    ) -> None:
        """Show images with their predictions.

        Args:
            predictions: In the order in which they are shown.
            root: Folder that their paths are relative to.
            hint: Text above the grid, e.g. why it is empty; may be empty.
            can_relabel: Whether the images belong to the project.
            changes: Path to what the person did with the image since the run.
        """
        self.predictions, self._can_relabel = tuple(predictions), can_relabel
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.grid.setVisible(bool(predictions))
        self.grid.set_items([_item(one, root=root, change=changes.get(one.path)) for one in predictions])
        self._selected(self.grid.selected_keys())

    def select_first(self) -> None:
        """Select the first image."""
        if self.predictions:
            self.grid.select_key(self.predictions[0].path)

    @Slot(list)
    def _selected(self, keys: list[str]) -> None:
        self._chips.setVisible(bool(self.predictions))
        self.open.setEnabled(bool(keys))
        for button in (self.accept, self.relabel, self.leave_out):
            button.setEnabled(bool(keys) and self._can_relabel)
            button.setVisible(self._can_relabel)
        answers = {one.path: one.predicted_class for one in self.predictions if not one.is_correct}
        wanted = {answers.get(key, "") for key in keys}
        (name,) = wanted if len(wanted) == 1 else ("",)
        # Of answers that are right, or that differ, there is no one class to take over.
        self.accept.setText(f"Label: {name}" if name else AS_PREDICTED)
        self.accept.setEnabled(bool(name) and self._can_relabel)
        self._accepted = name

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.grid.selected_keys()[0])

    @Slot()
    def _accept(self) -> None:
        self.accepted.emit(self.grid.selected_keys(), self._accepted)

    @Slot()
    def _leave_out(self) -> None:
        self.leave_out_requested.emit(self.grid.selected_keys())

    @Slot()
    def _relabel(self) -> None:
        place = self.relabel.mapToGlobal(QPoint(0, self.relabel.height()))
        self.relabel_requested.emit(self.grid.selected_keys(), place)
