"""A dialog with one image large, the prediction for it, what explains it, and a way to relabel it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.evaluation.evaluation import LabelledPrediction
from tlstudio.gui.app_state import AppState
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.pages.evaluate.explanations import Explained, Explanations
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.figures.probability_bars import ProbabilityBars
from tlstudio.gui.widgets.lists.class_picker import ClassPicker

RELABEL = "Correct the label of this image, or take it away. Train again to use it."
LEAVE_OUT = "Use this image, or the selected training images, for nothing any more. Undo with Ctrl+Z."
RELABEL_SELECTED = "Correct the labels of the selected training images, or take them away, and train again."


class PredictionDialog(QDialog):
    """One image large, with all class probabilities; ← and → go to the previous and next image.

    Args:
        app_state: Finds out what explains the prediction.

    Signals:
        relabel_requested: Paths, and where on the screen to ask for the class.
    """

    relabel_requested = Signal(list, QPoint)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Image")
        self.resize(QSize(960, 620).boundedTo(self.screen().availableGeometry().size() - FRAME))
        self._predictions: tuple[LabelledPrediction, ...] = ()
        self._app_state = app_state
        self._root = Path()
        self._run = Path()
        self._images_root: Path | None = None
        self._can_relabel = False
        self._row = 0
        self.explanations = Explanations(app_state)
        self.picture = self.explanations.picture
        self.explanations.selection_changed.connect(self._selected)
        self.picker = ClassPicker("Class of this image", self)
        self.name = ElidedLabel(middle=True)
        self.name.setProperty("heading", True)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.bars = ProbabilityBars()
        self.back = quiet_button("← &Previous", tip="The image before this one (left arrow key).")
        self.next = quiet_button("&Next →", tip="The image after this one (right arrow key).")
        self.relabel = quiet_button("&Relabel…", tip=RELABEL)
        self.leave_out = quiet_button("Leave &out", tip=LEAVE_OUT)
        close = quiet_button("&Close", tip="Close this view.")
        for button, slot in (
            (self.back, self._back),
            (self.next, self._next),
            (self.relabel, self._relabel),
            (self.leave_out, self._leave_out),
            (close, self.reject),
        ):
            button.clicked.connect(slot)
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addWidget(self.name)
        side.addWidget(self.verdict)
        side.addWidget(self.bars, 100)
        side.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.explanations, 3)
        top.addLayout(side, 2)
        bottom = QHBoxLayout()
        bottom.addWidget(self.back)
        bottom.addWidget(self.next)
        bottom.addStretch(1)
        bottom.addWidget(self.relabel)
        bottom.addWidget(self.leave_out)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(top, 1)
        layout.addLayout(bottom)

    def show_predictions(
        self,
        predictions: Sequence[LabelledPrediction],
        *,
        root: Path,
        path: str,
        can_relabel: bool,
        run: Path,
        images_root: Path | None,
    ) -> None:
        """Show one image of a list.

        Args:
            predictions: In the order in which the arrow keys go through them.
            root: Folder that their paths are relative to.
            path: Of the image to show first.
            can_relabel: Whether the images belong to the project.
            run: Folder of the run that predicted them.
            images_root: Where the images that it learned from lie now, those of the project.
        """
        self._predictions, self._root = tuple(predictions), root
        self._run, self._images_root, self._can_relabel = run, images_root, can_relabel
        self._row = next((row for row, shown in enumerate(predictions) if shown.path == path), 0)
        self._show()

    def done(self, result: int) -> None:
        """Close; nothing is found out any more."""
        self.explanations.leave()
        super().done(result)

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
        self.relabel_requested.emit(self._chosen_paths(), place)

    @Slot()
    def _leave_out(self) -> None:
        self._app_state.edits.leave_out(self._chosen_paths())

    def _chosen_paths(self) -> list[str]:
        """The selected training images, or the image itself where none is selected."""
        return self.explanations.selected_paths() or [self._predictions[self._row].path]

    @Slot(list)
    def _selected(self, paths: list[str]) -> None:
        """Offer to relabel what is selected, or the image itself where none is."""
        for button in (self.relabel, self.leave_out):
            button.setVisible(self._can_relabel or bool(paths))
        self.relabel.setText("&Relabel the selected…" if paths else "&Relabel…")
        self.relabel.setToolTip(RELABEL_SELECTED if paths else RELABEL)

    def _show(self) -> None:
        shown = self._predictions[self._row]
        self.explanations.explain(
            Explained(
                file=self._root / shown.path,
                run=self._run,
                images_root=self._images_root,
                against="" if shown.is_correct else shown.true_class,
            )
        )
        self.name.setText(shown.path)
        if shown.is_correct:
            verdict = f"Right: {shown.predicted_class}."
        else:
            verdict = f"Labelled {shown.true_class}, but taken for {shown.predicted_class}."
        self.verdict.setText(f"{verdict}\nImage {self._row + 1} of {len(self._predictions)}")
        self.bars.set_probabilities(shown.probabilities, true_class=shown.true_class)
        self.back.setEnabled(self._row > 0)
        self.next.setEnabled(self._row + 1 < len(self._predictions))
