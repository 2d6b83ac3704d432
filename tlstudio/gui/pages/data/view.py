"""The middle of the Data page: the images, or the problem files, with search, order and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import overload

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSlider, QStackedLayout, QWidget

from tlstudio.core.types import SPLIT_WORDS, ProblemFile
from tlstudio.core.wording import count
from tlstudio.gui.class_looks import ClassLook, press_words
from tlstudio.gui.engine_client import Background
from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.data.filter import (
    BY_LIST,
    SORTS,
    SUGGESTED,
    Shown,
    Suggestion,
    badge,
    shown_images,
    tip,
)
from tlstudio.gui.project_images import image_file
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.folding import FoldingRow
from tlstudio.gui.widgets.images.image_grid import LARGEST, SMALLEST, USUAL, GridItem, ImageGrid
from tlstudio.gui.widgets.images.large_view import LargeView
from tlstudio.gui.widgets.lists.problem_table import ProblemTable
from tlstudio.project.store import ProjectImage

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
NOTHING = {
    "unlabelled": ("Every image has its class", "Nothing is left to label here."),
    "useful": ("Every image has its class", "Nothing is left to label here."),
    "sure": (
        "It is sure of no further image",
        "It is once more images of each class have a label: see “Most useful next”.",
    ),
    "problems": ("No problem files", "Every file in the folder could be read."),
    "left_out": ("No image is left out", "X leaves the selected images out, or brings them back."),
    "class": ("No images of this class", "Select images and press its number key to label them."),
    "split": ("No images in this part", "“Change…” in the Split box divides the images again."),
}


class DataView(Card):
    """A grid of images, or a table of problem files.

    Args:
        background: Makes thumbnails.

    Signals:
        all_requested: Show all images again.
        accepted: Enter on selected images of which one has a suggestion.
    """

    all_requested = Signal()
    accepted = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search names…")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search images by name")
        self.search.setToolTip("Show only images with this in their name or folder (Ctrl+F)")
        self.sort = QComboBox()
        for key, words in SORTS.items():
            self.sort.addItem(words, key)
        self.sort.setAccessibleName("Order of the images")
        self.sort.setToolTip("The order of the images")
        self.size_slider = QSlider(Qt.Orientation.Horizontal)
        self.size_slider.setRange(SMALLEST, LARGEST)
        self.size_slider.setValue(USUAL)
        self.size_slider.setPageStep(24)
        self.size_slider.setMinimumWidth(48)
        self.size_slider.setMaximumWidth(90)
        self.size_slider.setAccessibleName("Size of the images")
        self.size_slider.setToolTip("Size of the images in the grid")
        size_words = QLabel("Size")
        size_words.setProperty("muted", True)
        size_words.setBuddy(self.size_slider)
        arrangement = QWidget()
        bar = QHBoxLayout(arrangement)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(self.sort)
        bar.addWidget(size_words)
        bar.addWidget(self.size_slider)
        self.only = Chip("", kind="accent", tip="Show all images again")
        self.only.clicked.connect(self.all_requested)
        self.mend = Chip("", kind="ok", tip="Do this for all images shown; Ctrl+Z takes it back")
        self.mend.hide()
        self.status = ElidedLabel()
        self.status.setProperty("muted", True)
        second = QHBoxLayout()
        second.addWidget(self.only)
        second.addWidget(self.mend)
        second.addStretch(1)
        second.addWidget(self.status, 1000)
        self.grid = ImageGrid(background)
        self.large = LargeView(background)
        self.problems = ProblemTable()
        self.nothing = EmptyState("", "")
        self._stack = QStackedLayout()
        self.body.addWidget(FoldingRow(self.search, arrangement))
        self.body.addLayout(second)
        self.body.addLayout(self._stack, 1)
        # A stack shows its first widget at once; outside the card that would be a window of its own.
        for widget in (self.grid, self.large, self.problems, self.nothing):
            self._stack.addWidget(widget)
        self.size_slider.valueChanged.connect(self.grid.set_thumbnail_side)
        self.grid.selection_changed.connect(self._selection_changed)
        self.grid.activated_key.connect(self.open_large)
        self.grid.installEventFilter(self)
        self.large.closed.connect(self.close_large)
        self.large.moved.connect(self._move)
        self._looks: tuple[ClassLook, ...] = ()
        self._root = ""
        self.suggested: Mapping[str, Suggestion] = {}
        """Classes that are suggested for the images shown, by path."""
        self._count = 0
        self._is_large = self._takes_suggestions = False

    @property
    def shows_images(self) -> bool:
        """True while images are shown, and neither problem files nor a sentence."""
        return self._stack.currentWidget() in (self.grid, self.large)

    @Slot()
    def open_large(self) -> None:
        """Show the current image of the grid large."""
        key = self.grid.current_key()
        if key is None:
            return
        if not self.grid.is_selected(key):
            self.grid.select_key(key)
        self._is_large = True
        self._stack.setCurrentWidget(self.large)
        self.large.setFocus()
        self._selection_changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter take suggestions where there are some; elsewhere it opens the image."""
        is_press = watched is self.grid and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in ENTER and self._can_accept():
            self.accepted.emit()
            return True
        return super().eventFilter(watched, event)

    def _can_accept(self) -> bool:
        """Return whether suggestions are offered, and a selected image has one."""
        return self._takes_suggestions and any(key in self.suggested for key in self.grid.selected_keys())

    @Slot()
    def close_large(self) -> None:
        """Go back to all images; the one that was shown large is selected there."""
        self._is_large = False
        if self._stack.currentWidget() is self.large:
            self._stack.setCurrentWidget(self.grid)
            self.grid.scrollTo(self.grid.currentIndex())
            self.grid.setFocus()
        self._show_status()

    @Slot(int)
    def _move(self, step: int) -> None:
        key = self.grid.current_key()
        if key is not None:
            self.grid.select_key(self.grid.key_after(key) if step > 0 else self.grid.key_before(key))

    @Slot()
    def _selection_changed(self) -> None:
        self._show_status()
        if not self._is_large:
            return
        key = self.grid.current_key()
        if key is None or not self.grid.is_selected(key):
            self.close_large()  # the last image of this filter got its label, or was left out
            return
        before, after = self.grid.key_before(key), self.grid.key_after(key)
        self.large.show_file(
            image_file(self._root, key),
            name=key,
            before=image_file(self._root, before) if before else "",
            after=image_file(self._root, after) if after else "",
        )

    def show_images(
        self, images: Sequence[ProjectImage], *, shown: Shown, root: str, looks: Sequence[ClassLook]
    ) -> None:
        """Show the images that match the filter and the search."""
        self._looks, self._root = tuple(looks), root
        self._takes_suggestions = shown.kind in SUGGESTED
        colours = {look.name: look.colour for look in looks}
        chosen = shown_images(
            images,
            shown=shown,
            search=self.search.text(),
            sort=self.sort.currentData(),
            classes=[look.name for look in looks],
        )
        self.grid.set_items(
            _LazyItems(
                chosen,
                root=root,
                colours=colours,
                suggested=self.suggested if shown.kind in BY_LIST else {},
            ),
            keys=[image.path for image in chosen],
        )
        self._count = len(chosen)
        self._show_only_message(shown)
        if chosen:
            self._stack.setCurrentWidget(self.large if self._is_large else self.grid)
        elif not images:
            self.show_message("Reading your images…", "They appear here as soon as the folder has been read.")
        elif self.search.text().strip():
            self.show_message(
                "No image has such a name", "Try a shorter part of the name, or clear the search."
            )
        else:
            self.show_message(
                *NOTHING.get(shown.kind, ("No images to show", "These images are not here any more."))
            )
        self._show_status()

    def show_problems(self, problems: Sequence[ProblemFile], *, shown: Shown) -> None:
        """Show files that are not used."""
        wanted = self.search.text().casefold().strip()
        found = [problem for problem in problems if not wanted or wanted in problem.path.casefold()]
        self.problems.set_problems(found)
        self._count = len(found)
        self._show_only_message(shown)
        if found:
            self._stack.setCurrentWidget(self.problems)
        else:
            self.show_message(*NOTHING["problems"])
        self._show_status()

    def show_message(self, title: str, text: str) -> None:
        """Show a title and a sentence instead of the images."""
        self.nothing.set_text(title, text)
        self._stack.setCurrentWidget(self.nothing)

    def _show_only_message(self, shown: Shown) -> None:
        words = {
            "left_out": "left out",
            "finding": shown.value,
            "class": f"class {shown.value}",
            "split": SPLIT_WORDS.get(shown.value, ""),
        }
        self.only.setText(f"Only: {words.get(shown.kind, shown.kind)}  ✕")
        self.only.setAccessibleName(f"{self.only.text()[:-3]}. Press to show all.")
        self.mend.setVisible(shown.kind == "finding" and bool(self.mend.text()))
        self.only.setVisible(shown.kind in ("finding", "class", "split", "left_out"))

    @Slot()
    def _show_status(self) -> None:
        if self._stack.currentWidget() is self.problems:
            self.status.setText(count(self._count, "file", digits=grouped))
            return
        if self._stack.currentWidget() is self.nothing:
            self.status.setText("")
            return
        selected, press = self.grid.selected_count(), press_words(self._looks)
        if self._is_large:
            row = self.grid.currentIndex().row() + 1
            keys = f" · {press} to label" if press else ""
            self.status.setText(f"image {grouped(row)} of {grouped(self._count)}{keys} · Space: all images")
        elif (
            selected
            and self._takes_suggestions
            and any(key in self.suggested for key in self.grid.selected_keys())
        ):
            others = f" · {press} another class" if press else ""
            self.status.setText(f"{grouped(selected)} selected · Enter takes the suggestion{others} · Z undo")
        elif selected and press:
            self.status.setText(f"{grouped(selected)} selected · {press} to label · Space large · Z undo")
        elif selected:
            self.status.setText(f"{grouped(selected)} selected · add a class to label them")
        else:
            self.status.setText(count(self._count, "image", digits=grouped))


class _LazyItems(Sequence[GridItem]):
    """A sequence that makes items on access: of many thousand images about a hundred are visible.

    Args:
        images: In the order of the grid.
        root: Folder of the images.
        colours: Of the classes.
        suggested: By path.
    """

    def __init__(
        self,
        images: Sequence[ProjectImage],
        *,
        root: str,
        colours: Mapping[str, str],
        suggested: Mapping[str, Suggestion],
    ) -> None:
        self._images, self._root, self._colours, self._suggested = images, root, colours, suggested

    def __len__(self) -> int:
        return len(self._images)

    @overload
    def __getitem__(self, place: int) -> GridItem: ...
    @overload
    def __getitem__(self, place: slice) -> list[GridItem]: ...
    def __getitem__(self, place: int | slice) -> GridItem | list[GridItem]:
        if isinstance(place, slice):
            return [self._item(image) for image in self._images[place]]
        return self._item(self._images[place])

    def _item(self, image: ProjectImage) -> GridItem:
        key, class_name = image.path, image.label() or ""
        suggestion = self._suggested.get(key)
        if suggestion is not None and suggestion.class_name == class_name:
            suggestion = None
        return GridItem(
            path=image_file(self._root, key),
            caption=suggestion.words(label=class_name) if suggestion is not None else class_name,
            badge=badge(image),
            tip=tip(image),
            key=key,
            colour=self._colours.get(class_name, ""),
        )
