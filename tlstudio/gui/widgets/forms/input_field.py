"""The control for one declared input of a strategy: a folder, a run, columns, classes, or a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from tlstudio.core.wording import count
from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.gui.widgets.forms.classes_field import ClassesField
from tlstudio.gui.widgets.forms.column_field import ColumnField
from tlstudio.gui.widgets.forms.columns_field import ColumnsField
from tlstudio.gui.widgets.forms.folder_field import FolderField
from tlstudio.specs.spec import InputSpec

REQUESTS = {
    "folder": "choose a folder",
    "images": "choose a folder",
    "run": "choose a run",
    "column": "choose a column or type one",
    "text": "fill it in",
    "classes": "name the classes",
    "columns": "tick at least one",
}
"""Kind of input → what the person must do when it is missing."""

NO_RUN = "none"


class InputField(QWidget):
    """A titled control for an input, with a sentence that says what it is for.

    Args:
        spec: What is declared.
        background: Counts the files of a folder, and judges what is typed.

    Signals:
        changed: The person gave another value; empty when it was taken away.
        problem_changed: `problem` may have changed.
    """

    changed = Signal(str)
    problem_changed = Signal()

    def __init__(self, spec: InputSpec, *, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.control = _build_control(spec, background=background)
        self.control.changed.connect(self.changed)
        if isinstance(self.control, FolderField | ColumnField | ColumnsField | ClassesField):
            self.control.problem_changed.connect(self.problem_changed)
        if isinstance(self.control, ColumnField | ColumnsField | ClassesField):
            self.control.problem_changed.connect(self._show_problem)
        self._unlabelled = 0
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._title.setBuddy(self.control)
        self.help = QLabel(spec.help)
        self.help.setProperty("muted", True)
        self.help.setProperty("small", True)
        self.problem_text = QLabel()
        self.problem_text.setProperty("problem", True)
        for label in (self._title, self.help, self.problem_text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        for widget in (self._title, self.help, self.control, self.problem_text):
            rows.addWidget(widget)
        self.problem_text.hide()
        self.set_unlabelled(0)

    def set_unlabelled(self, number: int) -> None:
        """Take how many images of the project have no label: an input may be left to them."""
        self._unlabelled = number
        title = self.spec.title
        self._title.setText(title if self._must_be_given else f"{title} (optional)")

    @property
    def _must_be_given(self) -> bool:
        """True if nothing stands in for this input."""
        enough = self.spec.else_unlabelled and self._unlabelled >= self.spec.fewest
        return self.spec.required and not enough

    def value(self) -> str:
        """The value for the recipe; empty when nothing was given."""
        return self.control.value()

    def set_value(self, value: str) -> None:
        """Show a value, without emitting `changed`."""
        if value != self.control.value():
            self.control.set_value(value)

    @Slot()
    def _show_problem(self) -> None:
        self.problem_text.setText(self.control.problem)
        self.problem_text.setVisible(bool(self.control.problem))

    @property
    def problem(self) -> str:
        """The reason why training cannot start with this input; empty when it can."""
        if not self.value():
            return f"{self.spec.title}: {self._request}." if self._must_be_given else ""
        return f"{self.spec.title}: {_uncapitalised(self.control.problem)}" if self.control.problem else ""

    @property
    def _request(self) -> str:
        """The request to the person, with its reason where images of the project could stand in."""
        wanted = REQUESTS[self.spec.kind]
        if not self.spec.else_unlabelled:
            return wanted
        if not self._unlabelled:
            return f"{wanted}, because every image of this project has a label"
        only = count(self._unlabelled, "image of this project has", plural="images of this project have")
        return f"{wanted}, because only {only} no label, and at least {self.spec.fewest} are needed"


class RunField(ScrollSafeComboBox):
    """A choice among runs.

    Args:
        optional: Whether "none" can be chosen.

    Signals:
        changed: The person chose another run: its folder; empty for none.
    """

    changed = Signal(str)

    def __init__(self, *, optional: bool = False) -> None:
        super().__init__()
        self._is_optional = optional
        self.setPlaceholderText("Choose a run")
        self.setMinimumContentsLength(12)
        self.activated.connect(self._chosen)
        self._wanted = ""

    def set_runs(self, runs: Sequence[tuple[str, str]]) -> None:
        """Offer these runs: folder and title of each."""
        self.clear()
        if self._is_optional:
            self.addItem(NO_RUN, "")
        for folder, title in runs:
            self.addItem(title, folder)
        self.set_value(self._wanted)

    def value(self) -> str:
        """Folder of the run; empty while none was chosen."""
        return self._wanted

    def set_value(self, folder: str) -> None:
        """Show a run, without emitting `changed`."""
        self._wanted = folder
        self.setCurrentIndex(self.findData(folder))

    @property
    def problem(self) -> str:
        """The reason why the chosen run cannot be used; empty when it can."""
        is_there = not self._wanted or Path(self._wanted).is_dir()
        return "" if is_there else "This run is not there any more. Choose another one."

    @Slot()
    def _chosen(self) -> None:
        if self.currentData() != self._wanted:
            self._wanted = self.currentData()
            self.changed.emit(self._wanted)


class TextField(QLineEdit):
    """A line of text.

    Signals:
        changed: The person typed another text to its end.
    """

    changed = Signal(str)
    problem = ""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.editingFinished.connect(self._finished)

    def value(self) -> str:
        """The text, without blanks around it."""
        return self._shown

    def set_value(self, text: str) -> None:
        """Show a text, without emitting `changed`."""
        self._shown = text
        self.setText(text)

    @Slot()
    def _finished(self) -> None:
        text = self.text().strip()
        if text != self._shown:
            self._shown = text
            self.changed.emit(text)


def _build_control(
    spec: InputSpec, *, background: Background
) -> FolderField | RunField | ColumnField | ColumnsField | ClassesField | TextField:
    control: RunField | ColumnField | ColumnsField | ClassesField | TextField
    if spec.kind in ("folder", "images"):
        return FolderField(spec.title, background=background, optional=not spec.must_be_given)
    if spec.kind == "run":
        control = RunField(optional=not spec.must_be_given)
    elif spec.kind == "classes":
        control = ClassesField()
    elif spec.kind == "columns":
        control = ColumnsField()
    else:
        control = ColumnField(background=background) if spec.kind == "column" else TextField()
    control.setAccessibleName(spec.title)
    control.setAccessibleDescription(spec.help)
    control.setToolTip(wrapped(spec.help))
    return control


def _uncapitalised(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
