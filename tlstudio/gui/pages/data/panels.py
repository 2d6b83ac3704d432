"""The left side of the Data page: classes, filters, split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QLineEdit, QMessageBox, QPushButton, QWidget

from tlstudio.core.types import SPLIT_WORDS, SplitName
from tlstudio.core.wording import count
from tlstudio.gui.class_looks import ClassLook
from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.data.filter import Counts, Shown
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.icons import square_icon
from tlstudio.gui.widgets.basics.plain_text import as_plain_text
from tlstudio.gui.widgets.basics.term_tips import with_terms, wrapped
from tlstudio.gui.widgets.figures.split_bar import SplitBar, split_colours
from tlstudio.gui.widgets.lists.class_list import ClassList

PART_TIPS: dict[SplitName, str] = {
    "train": "The images that the classifier learns from",
    "validation": "Check images: used during training to compare settings and to see whether it gets "
    "better. Only “Choose for me” learns from them too, at its very end",
    "test": "Used once, at the very end, to measure how good the classifier is",
}


class ClassesCard(Card):
    """A card with the classes and a field to add one.

    Signals:
        new_class: A name was entered.
        renamed: Old and new name; the person agreed when the two become one.
        left: The person is done with adding classes by keyboard.
    """

    new_class = Signal(str)
    renamed = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Classes", parent)
        self.list = ClassList()
        self.empty = QLabel("No classes yet. Add some (Alt+N), then label images with the number keys.")
        self.empty.setProperty("muted", True)
        self.empty.setWordWrap(True)
        self.add = link_button("+ &New class", tip="Add a class to label images with")
        self.change = link_button("Change…", tip="Rename, colour, merge or delete the class that is chosen")
        self.change.setEnabled(False)
        self.header.addWidget(self.change)
        self.name = _NameEdit()
        self.name.hide()
        self.body.setSpacing(4)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.empty)
        self.body.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.name)
        self.add.clicked.connect(self._ask)
        self.name.returnPressed.connect(self._entered)
        self.name.left.connect(self._leave)
        self.list.current_changed.connect(self.change.setEnabled)
        # Later, because renaming fills the list anew, and its editor is still open now.
        self.list.rename_requested.connect(self._rename, Qt.ConnectionType.QueuedConnection)

    def set_classes(self, looks: Sequence[ClassLook], *, counts: Mapping[str | None, int]) -> None:
        """Show classes with their numbers of images."""
        self.list.set_classes(looks, counts=counts)
        self.list.setVisible(bool(looks))
        self.change.setVisible(bool(looks))
        self.empty.setVisible(not looks)
        self.set_title(f"Classes ({len(looks)})" if len(looks) > 9 else "Classes")

    @Slot(str, str)
    def _rename(self, old: str, new: str) -> None:
        if new in self.list.names():
            self.ask_to_merge(old, new)
        else:
            self.renamed.emit(old, new)

    def ask_to_merge(self, old: str, new: str) -> None:
        """Ask whether one class is to become another; `renamed` follows when the person agrees."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Merge “{old}” into “{new}”?")
        box.setInformativeText(f"All images of “{old}” then belong to “{new}”. Ctrl+Z takes it back.")
        box.addButton("&Merge", QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton("&Keep both", QMessageBox.ButtonRole.RejectRole))
        as_plain_text(box)
        box.setProperty("names", [old, new])
        box.accepted.connect(self._agreed)
        box.open()

    @Slot()
    def _agreed(self) -> None:
        self.renamed.emit(*self.sender().property("names"))

    @Slot()
    def _ask(self) -> None:
        self.add.hide()
        self.name.clear()
        self.name.show()
        self.name.setFocus()

    @Slot()
    def _entered(self) -> None:
        text = self.name.text().strip()
        self._done()
        if text:
            self.new_class.emit(text)

    @Slot()
    def _leave(self) -> None:
        self._done()
        self.left.emit()

    @Slot()
    def _done(self) -> None:
        self.name.hide()
        self.add.show()
        self.add.setFocus()


class _NameEdit(QLineEdit):
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Name, then Enter")
        self.setAccessibleName("Name of the new class")
        self.setToolTip("Enter adds the class, Escape goes to the images")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() == Qt.Key.Key_N:
            event.accept()  # the shortcut that shows this field: its letter is no part of a name
        else:
            super().keyPressEvent(event)


class FilterButton(QPushButton):
    """A button that filters the images: its name at the left, its number of images at the right."""

    def __init__(self, name: str, shown: Shown, *, tip: str) -> None:
        super().__init__()
        self.name, self.shown = name, shown
        self.setProperty("chip", True)
        self.setProperty("live", True)
        self.setStyleSheet("text-align: left;")
        self.setCheckable(True)
        self.setToolTip(with_terms(tip, text=name))
        self.count: int | None = None
        self.set_count(0)

    def set_count(self, count: int | None) -> None:
        """Show the number of images; None where it is not known."""
        self.count = count
        if count is None:
            self.setText(self.name)
            self.setAccessibleName(f"Show {self.name}")
            return
        self.setText(f"{self.name}  {grouped(count)}")
        self.setAccessibleName(f"Show {self.name}: {count}")

    def set_colour(self, colour: str) -> None:
        """Show a small square of this colour before the name."""
        self.setIcon(square_icon(colour))
        self.setIconSize(QSize(10, 10))


class FilterGroup(QObject):
    """A group of filter buttons of which at most one is on.

    Signals:
        chosen: The `Shown` of the button.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._clicked)

    def add(self, button: FilterButton) -> None:
        """Add a button."""
        self._group.addButton(button)

    def show_chosen(self, shown: Shown) -> None:
        """Check the button of the current filter; none for a class or a finding."""
        wanted = Shown(shown.kind, shown.value)
        self._group.setExclusive(False)
        for button in self._group.buttons():
            assert isinstance(button, FilterButton)
            button.setChecked(button.shown == wanted)
        self._group.setExclusive(True)

    @Slot(object)
    def _clicked(self, button: object) -> None:
        assert isinstance(button, FilterButton)
        self.chosen.emit(button.shown)


class ShowCard(Card):
    """Filters: which images to show; and where images come from.

    Signals:
        add_requested: Choose images to add.
        look_requested: Look for new files in the folder.
    """

    add_requested = Signal()
    look_requested = Signal()

    def __init__(self, group: FilterGroup, parent: QWidget | None = None) -> None:
        super().__init__("Show", parent)
        self.all = FilterButton("All", Shown("all"), tip="Show every image")
        self.unlabelled = FilterButton(
            "Unlabelled", Shown("unlabelled"), tip="Show images that have no class yet"
        )
        self.useful = FilterButton(
            "Most useful next",
            Shown("useful"),
            tip="The images whose labels teach most, with a suggestion for each once two classes have labels",
        )
        self.sure = FilterButton(
            "It is sure of",
            Shown("sure"),
            tip="Images whose suggestion is at least 90 % likely; Ctrl+A and Enter take all at once",
        )
        self.problems = FilterButton(
            "Problem files", Shown("problems"), tip="Files that are not used, with the reason for each"
        )
        self.body.setSpacing(5)
        self.left_out = FilterButton(
            "Left out", Shown("left_out"), tip="Images that are used for nothing until you bring them back"
        )
        self.left_out.hide()
        self.add = link_button("Add…", tip="Add images from elsewhere; or drop them here (Ctrl+V pastes)")
        tip = "Look for new files in the folder of the images, and ask about the folders again (F5)"
        self.look = link_button("Look again", tip=tip)
        self.add.clicked.connect(self.add_requested)
        self.look.clicked.connect(self.look_requested)
        self.header.addWidget(self.add)
        self.header.addWidget(self.look)
        for button in (self.all, self.unlabelled, self.useful, self.sure, self.left_out, self.problems):
            group.add(button)
            self.body.addWidget(button)
        self.learned = QLabel()
        self.learned.setProperty("muted", True)
        self.learned.setProperty("small", True)
        self.learned.setWordWrap(True)
        self.learned.hide()
        self.body.addWidget(self.learned)

    def offer_suggestions(self, are_wanted: bool) -> None:
        """Show the two filters with suggestions, or hide them where every image has its label."""
        for button in (self.useful, self.sure):
            button.set_count(None)
            button.setVisible(are_wanted)


class SplitCard(Card):
    """Card with the split of the labelled images; a click shows one side.

    Signals:
        change_requested: The person requests another split.
    """

    change_requested = Signal()

    def __init__(self, group: FilterGroup, parent: QWidget | None = None) -> None:
        super().__init__("Split", parent)
        self.groups = link_button("&Groups…", tip="Images that belong together stay in one part of the split")
        self.header.addWidget(self.groups)
        self.change = link_button(
            "Change…", tip="Change the sizes of the three parts, or divide the images anew"
        )
        self.change.clicked.connect(self.change_requested)
        self.header.addWidget(self.change)
        self.bar = SplitBar()
        self.body.setSpacing(5)
        self.body.addWidget(self.bar)
        self.sides = {
            name: FilterButton(SPLIT_WORDS[name], Shown("split", name), tip=words)
            for name, words in PART_TIPS.items()
        }
        for button in self.sides.values():
            group.add(button)
            self.body.addWidget(button)
        self.note = QLabel()
        self.note.setProperty("muted", True)
        self.note.setProperty("small", True)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.note)
        theme().changed.connect(self._colour)
        self._colour()

    def set_split(self, counted: Counts, *, notes: Sequence[str]) -> None:
        """Show a split.

        Args:
            counted: Images per side. Where sides came with the images, copies lie where they were put.
            notes: What the person should know about this split.
        """
        counts, waiting = counted.by_split, counted.by_split.get(None, 0)
        train, validation, test = (counts.get(name, 0) for name in PART_TIPS)
        self.bar.set_counts(train=train, validation=validation, test=test)
        for name, button in self.sides.items():
            button.set_count(counts.get(name, 0))
        others = ", near-duplicates and groups" if counted.grouped else " and near-duplicates"
        kept = f"Copies{others} stay together."
        lines = [kept] if train and not counted.given else []
        if not train and not waiting:
            lines.append("Once images have labels, they are divided into these three parts.")
        if train and not validation:
            lines.append("Without check images, nothing shows during training whether it gets better.")
        if train and not test:
            lines.append("Without test images, nothing shows in the end how good the classifier is.")
        if waiting:
            images = count(waiting, "labelled image is", plural="labelled images are")
            lines.append(f"{images} {'added' if train else 'divided into these parts'} when you train.")
        if notes:
            lines.append(notes[0] if len(notes) == 1 else f"{len(notes)} notes: point here to read them.")
        self.note.setText("\n".join(lines))
        self.note.setToolTip(wrapped("\n".join(notes)))
        self.note.setAccessibleDescription(" ".join(notes))
        self.change.setEnabled(train + waiting > 0)

    @Slot()
    def _colour(self) -> None:
        for button, colour in zip(self.sides.values(), split_colours(), strict=True):
            button.set_colour(colour)
