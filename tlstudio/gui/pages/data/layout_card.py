"""A card that says what was made of the folders, and offers to understand them otherwise."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.core.dataset import DataNote, LayoutChoice
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.flow import FlowLayout

CHOICES: dict[LayoutChoice, tuple[str, str]] = {
    "auto": ("&Recognise the folders", "Divisions, places and folders around others are then understood"),
    "top": ("&Each folder is a class", "Every folder directly in yours becomes a class, whatever its name"),
    "deepest": ("&Innermost folders", "The folder that an image lies in becomes its class"),
    "none": ("&No classes", "Folders give no classes; you label the images yourself"),
}
DIVIDE_ANEW = ("&Divide anew", "The classes stay; train, check and test are drawn, whatever the folders")


class LayoutCard(QFrame):
    """Shows one note about the folders until the person answers it.

    Signals:
        kept: Code of the note: it is right so.
        choice_requested: The `LayoutChoice` that the person prefers.
        groups_requested: A pattern: images of one place are to stay on one side of the split.
    """

    kept = Signal(str)
    choice_requested = Signal(str)
    groups_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAccessibleName("About your folders")
        self._note: DataNote | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.keep = quiet_button("That is &right", tip="Leave it so; “Look again” asks once more")
        self.keep.clicked.connect(self._keep)
        self.groups = quiet_button(
            "&Keep each together", tip="Each place stays on one side, so the test is on places never seen"
        )
        self.groups.clicked.connect(self._group)
        self.choices: dict[str, QPushButton] = {}
        row = QWidget()
        buttons = FlowLayout(row)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.groups)
        for choice, (text, tip) in CHOICES.items():
            button = quiet_button(text, tip=tip)
            button.setProperty("choice", choice)
            button.clicked.connect(self._choose)
            buttons.addWidget(button)
            self.choices[choice] = button
        outer = QHBoxLayout(self)
        outer.setContentsMargins(12, 9, 12, 9)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(row)
        outer.addLayout(column, 1)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)  # a narrow card has more lines of words and of buttons
        self.setSizePolicy(policy)
        self.hide()

    def show_note(self, note: DataNote | None) -> None:
        """Show a note; None hides the card."""
        self._note = note
        self.setVisible(note is not None)
        if note is None:
            return
        self.words.setText(note.message)
        self.groups.setVisible(bool(note.groups))
        for choice, button in self.choices.items():
            is_division = choice == "deepest" and note.code == "division"
            text, tip = DIVIDE_ANEW if is_division else CHOICES[choice]  # type: ignore[index]
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text.replace("&", ""))
            button.setVisible(choice in note.choices)

    @Slot()
    def _keep(self) -> None:
        if self._note is not None:
            self.kept.emit(self._note.code)

    @Slot()
    def _group(self) -> None:
        if self._note is not None:
            self.groups_requested.emit(self._note.groups)

    @Slot()
    def _choose(self) -> None:
        self.choice_requested.emit(self.sender().property("choice"))
