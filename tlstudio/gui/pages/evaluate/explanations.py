"""One image with what explains the prediction for it: where it looked, and the training images behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QStackedWidget, QVBoxLayout, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.explanation_words import looked_words, pulled_words, similar_words
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.evaluate.predictions_card import change_of
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid
from tlstudio.gui.widgets.images.picture import Picture

Kind = Literal["photo", "looked", "similar", "pulled"]

CHIPS: tuple[tuple[Kind, str, str], ...] = (
    ("photo", "Photo", "The image itself."),
    ("looked", "Where it looked", "The parts of the image that spoke for the class it named."),
    ("similar", "Similar training images", "The images it learned from that are most like this one."),
    ("pulled", "What pulled it there", "The images it learned from that decided about this answer."),
)
WORDS: dict[Kind, Callable[[Mapping[str, Any]], str]] = {
    "looked": looked_words,
    "similar": similar_words,
    "pulled": pulled_words,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A prediction to be explained.

    Attributes:
        file: The image.
        run: Folder of the run that predicted it.
        images_root: Where the training images lie now.
        against: Class that the named one is compared with; empty takes the second most probable one.
    """

    file: Path
    run: Path
    images_root: Path | None
    against: str = ""


class Explanations(QWidget):
    """Shows an image or one of its explanations, which the engine finds out when they are first chosen.

    Args:
        app_state: Runs the jobs.

    Signals:
        selection_changed: Paths of the selected training images, as in the project.
    """

    selection_changed = Signal(list)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._explained: Explained | None = None
        self._found: dict[tuple[bool, Explained], Mapping[str, Any]] = {}
        self._job: Job | None = None
        self._asked: tuple[bool, Explained] | None = None
        self.kind: Kind = "photo"
        self.picture = Picture(app_state.background)
        self.map = Picture(app_state.background)
        self.map.setAccessibleName("Where it looked")
        self.grid = ImageGrid(app_state.background)
        self.grid.setAccessibleName("Training images")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        for shown in (self.picture, self.map, self.grid):
            self._stack.addWidget(shown)
        chips = QWidget()
        flow = FlowLayout(chips, spacing=6)
        self.chips: dict[Kind, Chip] = {}
        group = QButtonGroup(self)
        for kind, text, tip in CHIPS:
            chip = Chip(text, checkable=True, tip=tip)
            chip.setProperty("explanation", kind)
            self.chips[kind] = chip
            group.addButton(chip)
            flow.addWidget(chip)
        group.setExclusive(True)
        group.buttonClicked.connect(self._chip_clicked)
        self.chips["photo"].setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(chips)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.words)
        self.words.hide()
        self.grid.selection_changed.connect(self._selected)
        app_state.images_changed.connect(self._labels_changed)

    def explain(self, explained: Explained) -> None:
        """Show an image, in the view that was chosen last."""
        self._explained = explained
        self.picture.show_file(str(explained.file))
        self._show()

    def selected_paths(self) -> list[str]:
        """Paths of the selected training images that the project has; none while another view is shown."""
        if self._stack.currentWidget() is not self.grid:
            return []
        return [path for path in self.grid.selected_keys() if self._app_state.image(path) is not None]

    def leave(self) -> None:
        """Stop what is being found out: nobody waits for it any more."""
        if self._job is not None:
            self._job.command("cancel")
        self._job = self._asked = None

    def _show(self) -> None:
        assert self._explained is not None
        if self.kind == "photo":
            self.leave()
            self._stack.setCurrentWidget(self.picture)
            self.words.hide()
        else:
            found = self._found.get((self._is_map, self._explained))
            self.words.show()
            if found is None:
                self._ask()
            else:
                self._show_found(found)
        self.selection_changed.emit(self.selected_paths())

    @property
    def _is_map(self) -> bool:
        # The other kinds are answered together.
        return self.kind == "looked"

    def _ask(self) -> None:
        assert self._explained is not None
        wanted = (self._is_map, self._explained)
        training = self._app_state.training
        waits = training is not None and training.is_open
        self.words.setText("This is found out when the training has ended…" if waits else "One moment…")
        self._stack.setCurrentWidget(self.picture)
        if self._asked == wanted:
            return
        self.leave()
        self._asked = wanted
        explained = self._explained
        run, image = str(explained.run), str(explained.file)
        if self.kind == "looked":
            self._job = self._app_state.submit("explain-image", run=run, image=image)
        else:
            root = str(explained.images_root) if explained.images_root else None
            self._job = self._app_state.submit(
                "related-images", run=run, image=image, images_root=root, against=explained.against or None
            )
        self._job.succeeded.connect(self._succeeded)
        self._job.failed.connect(self._failed)

    @Slot(dict)
    def _succeeded(self, found: Mapping[str, Any]) -> None:
        if self.sender() is not self._job or self._asked is None:
            return
        self._found[self._asked] = found
        self._job = self._asked = None
        self._show()

    @Slot(object)
    def _failed(self, _event: object) -> None:
        if self.sender() is self._job:
            self._job = self._asked = None
            self.words.setText("That could not be found out.")

    def _show_found(self, found: Mapping[str, Any]) -> None:
        self.words.setText(WORDS[self.kind](found))
        if self.kind == "looked":
            self.map.show_file(found["picture"])
            self.map.setAccessibleDescription(self.words.text())
            self._stack.setCurrentWidget(self.map)
            return
        root = Path(found["images_root"])
        images: Sequence[Mapping[str, Any]] = found[self.kind]
        self.grid.set_items([self._item(image, root=root) for image in images])
        self._stack.setCurrentWidget(self.grid if images else self.picture)

    def _item(self, image: Mapping[str, Any], *, root: Path) -> GridItem:
        path, label = image["path"], image["label"]
        share = percent(image["pull"], digits=1) if "pull" in image else ""
        badge = share or f"{image['similarity']:.2f}"
        measure = f"{share} of the pull" if share else f"similarity {badge} of 1"
        lines = [path, f"label when it learned: {label}", measure]
        if (change := change_of(label, self._app_state.image(path))) is not None:
            badge = change.badge
            lines.append(change.words)
        return GridItem(path=str(root / path), caption=label, badge=badge, tip="\n".join(lines), key=path)

    @Slot(object)
    def _chip_clicked(self, chip: Chip) -> None:
        self.kind = chip.property("explanation")
        if self._explained is not None:
            self._show()

    @Slot(object)
    def _selected(self, _keys: list[str]) -> None:
        self.selection_changed.emit(self.selected_paths())

    @Slot()
    def _labels_changed(self) -> None:
        if self._explained is not None and self.isVisible() and self.kind in ("similar", "pulled"):
            self._show()
