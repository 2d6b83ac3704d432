"""The dialog that asks which images belong together, and shows at once what a rule makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import UserError
from tlstudio.core.wording import count as counted
from tlstudio.data.tables.groups import Grouping, find_grouping
from tlstudio.data.tables.image_table import ImageTable
from tlstudio.gui.pages.data.group_choices import group_choices
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button

PATTERN = "Pattern…"
PREVIEW_AFTER_MS = 250
MOST_GROUPS, MOST_WITHOUT = 40, 20


class GroupsDialog(QDialog):
    """Asks for the rule of the groups.

    Args:
        paths: Of all images.
        table: The table beside the images, None without one.
        labels: The class of each image that has one.
        rule: The rule now; empty for none.
        partial: Whether images may be without a group now.
    """

    def __init__(
        self,
        *,
        paths: Sequence[str],
        table: ImageTable | None,
        labels: Mapping[str, str],
        rule: str,
        partial: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Images that belong together")
        self._paths, self._table = paths, table
        self._grouping: Grouping | None = None
        intro = _label(
            "If several images show the same patient, plant or piece, or were taken in one place, they must "
            "lie in the same part: train, check or test. Otherwise the test measures memory."
        )
        self.choice = QComboBox()
        self.choice.setAccessibleName("What tells which images belong together")
        self.choice.setToolTip("A column of a table beside the images, a folder, or a part of the file name")
        for choice in group_choices(paths, table, labels=labels):
            self.choice.addItem(choice.title, choice.rule)
        self.choice.addItem(PATTERN, None)
        self.pattern = QLineEdit(rule)
        self.pattern.setAccessibleName("Pattern")
        self.pattern.setPlaceholderText("for example (patient[0-9]+)")
        self.pattern.setToolTip(
            "A regular expression that is searched in each image's path; the part in brackets names the group"
        )
        self.words = _label("")
        self.words.setAccessibleName("What this makes")
        self._lines = QStringListModel(self)
        self.list = QListView()
        self.list.setModel(self._lines)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName("Groups, and images without one")
        self.list.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.partial = QCheckBox("Images &without a group may lie in any part")
        self.partial.setToolTip("Each of them is then treated as if it had nothing in common with the others")
        self.partial.setChecked(partial)
        self.accept_button = primary_button("&Use these groups", tip="Divides the images anew")
        self.accept_button.setDefault(True)
        cancel = quiet_button("Cancel", tip="Keep the groups as they are")
        buttons = button_row(cancel, self.accept_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 18)
        layout.setSpacing(10)
        for part in (intro, self.choice, self.pattern, self.words):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)  # takes the room of the list while that is hidden
        layout.addWidget(self.partial)
        layout.addStretch()  # takes the room of the list where there is none
        layout.addLayout(buttons)
        self.resize(520, 480)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_AFTER_MS)
        self._timer.timeout.connect(self._preview)
        place = self.choice.findData(rule)
        self.choice.setCurrentIndex(place if place >= 0 else self.choice.count() - 1)
        self.choice.currentIndexChanged.connect(self._preview)
        self.choice.activated.connect(self._chosen)
        self.pattern.textChanged.connect(self._timer.start)
        self.partial.toggled.connect(self._allow)
        self.accept_button.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._preview()

    def rule(self) -> str | None:
        """The rule; None for no groups."""
        chosen = self.choice.currentData()
        return (self.pattern.text().strip() if chosen is None else chosen) or None

    def allows_partial(self) -> bool:
        """Return whether the person allows images without a group."""
        return self.partial.isVisibleTo(self) and self.partial.isChecked()

    @Slot()
    def _chosen(self) -> None:
        """Go on to the pattern, where that is what was chosen."""
        if self.choice.currentData() is None:
            self.pattern.setFocus()

    @Slot()
    def _preview(self) -> None:
        """Show what the rule makes of the images."""
        self.pattern.setVisible(self.choice.currentData() is None)
        self._lines.setStringList([])
        self._grouping, rule = None, self.rule()
        if rule is None:
            self.words.setText("Only exact copies are kept together.")
        else:
            try:
                self._grouping = find_grouping(self._paths, groups=rule, table=self._table)
            except UserError as error:
                self.words.setText(str(error))
            else:
                self._show(self._grouping)
        self.list.setVisible(self._grouping is not None)
        self.partial.setVisible(self._grouping is not None and bool(self._grouping.without))
        self._allow()

    def _show(self, grouping: Grouping) -> None:
        count, images = len(grouping.sizes), grouping.images_in_words
        sentence = f"{images[0].upper()}{images[1:]} in {counted(count, 'group')}."
        if grouping.is_one:
            sentence += " With all images in one group, nothing is left to test with."
        elif grouping.are_single:
            sentence += " Each image is a group of its own, so this keeps nothing together."
        if grouping.without:
            sentence += f" {len(grouping.without)} have none; they stand first in the list."
        self.words.setText(sentence)
        lines = [f"no group: {path}" for path in grouping.without[:MOST_WITHOUT]]
        if len(grouping.without) > MOST_WITHOUT:
            lines.append(f"… and {len(grouping.without) - MOST_WITHOUT} more without a group")
        first: dict[str, str] = {}
        for path in self._paths:
            if path in grouping.of_path:
                first.setdefault(grouping.of_path[path], path)
        for name, size in grouping.sizes[:MOST_GROUPS]:
            lines.append(f"{name}: {counted(size, 'image')}, such as {first[name]}")
        if count > MOST_GROUPS:
            lines.append(f"… and {count - MOST_GROUPS} more groups")
        self._lines.setStringList(lines)

    @Slot()
    def _allow(self) -> None:
        """Enable the button when the rule can be used as it is."""
        rule, grouping = self.rule(), self._grouping
        no_rule = rule is None and self.choice.currentData() is not None
        usable = grouping is not None and not grouping.is_one
        complete = grouping is not None and (not grouping.without or self.partial.isChecked())
        self.accept_button.setEnabled(no_rule or (usable and complete))


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
