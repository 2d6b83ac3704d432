"""A form drawn from a pydantic options model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLayout, QVBoxLayout, QWidget

from tlstudio.gui.widgets.forms.option_field import OptionField, build_option_field
from tlstudio.specs.validation_words import refusal_words


class OptionsForm(QWidget):
    """One control per option of a model, and a sentence that says which value is refused and why.

    Args:
        model: Its fields give titles, tips, bounds and defaults.

    Attributes:
        problem: Why the values shown are refused; empty while they are valid.

    Signals:
        changed: The person changed an option and all values are valid: plain values by name.
        problem_changed: `problem` changed.
    """

    changed = Signal(dict)
    problem_changed = Signal()

    def __init__(self, model: type[BaseModel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self.fields: dict[str, OptionField] = {}
        self._model = model
        self._is_showing = False
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(10)
        self._rows.setVerticalSpacing(6)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        rows.addLayout(self._rows)
        self.problem_text = QLabel()
        self.problem_text.setWordWrap(True)
        self.problem_text.setTextFormat(Qt.TextFormat.PlainText)
        self.problem_text.setProperty("problem", True)
        rows.addWidget(self.problem_text)
        self.problem_text.hide()
        for name, info in model.model_fields.items():
            self._add(build_option_field(name, info))

    def _add(self, field: OptionField) -> None:
        field.edited.connect(self._edited)
        self.fields[field.name] = field
        if isinstance(field.widget, QCheckBox):
            self._rows.addRow(field.widget)
            return
        if not isinstance(field.widget, QComboBox):  # a choice is as wide as its longest words
            field.widget.setMinimumWidth(64)
        label = QLabel(field.title)
        label.setWordWrap(True)
        label.setToolTip(field.widget.toolTip())
        label.setBuddy(field.widget)
        self._rows.addRow(label, field.widget)

    def minimumSizeHint(self) -> QSize:
        """Size with the width of the widest control.

        The layout counts labels beside the controls, which may stand above.
        """
        hint = super().minimumSizeHint()
        widths = [
            field.widget.minimumWidth() or field.widget.minimumSizeHint().width()
            for field in self.fields.values()
        ]
        return QSize(min(hint.width(), max(widths, default=0)), hint.height())

    def values(self) -> dict[str, Any]:
        """The values that the controls show, by name, as plain values for a recipe."""
        return self._model.model_construct(**self._shown()).model_dump(mode="json")

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values, without emitting `changed`; what is left out or not allowed takes its default."""
        options = self._accepted(values)
        self._is_showing = True
        for name, field in self.fields.items():
            field.write(getattr(options, name))
        self._is_showing = False
        self._check()

    def _accepted(self, values: Mapping[str, Any]) -> BaseModel:
        known = {name: value for name, value in values.items() if name in self.fields}
        try:
            return self._model.model_validate(known)
        except ValidationError as error:
            refused = {item["loc"][0] for item in error.errors() if item["loc"]}
        # A refusal that names no option concerns several at once: then all go back to their defaults.
        kept = {name: value for name, value in known.items() if name not in refused} if refused else {}
        return self._model.model_validate(kept)

    def _shown(self) -> dict[str, Any]:
        return {name: field.read() for name, field in self.fields.items()}

    @Slot()
    def _edited(self) -> None:
        if not self._is_showing and self._check():
            self.changed.emit(self.values())

    def _check(self) -> bool:
        """Check whether the values shown are valid; if not, say why."""
        problem = ""
        try:
            self._model.model_validate(self._shown())
        except ValidationError as error:
            problem = self._in_words(error)
        if problem != self.problem:
            self.problem = problem
            self.problem_text.setText(problem)
            self.problem_text.setVisible(bool(problem))
            self.problem_changed.emit()
        return not problem

    def _in_words(self, error: ValidationError) -> str:
        """The first refusal as a sentence, e.g. "Strength: give less than 1."."""
        place, words = refusal_words(error)
        if not place or place[0] not in self.fields:
            return f"{words[:1].upper()}{words[1:]}."
        return f"{self.fields[place[0]].title}: {words}."
