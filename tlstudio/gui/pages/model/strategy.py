"""The cards of the Model page that choose a strategy and take what it needs: its inputs and options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from tlstudio.core.class_words import ClassWords, with_named_classes
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.model.columns import Columns, read_columns
from tlstudio.gui.pages.model.text import AUTO, EXPLAINED, EXPLAINED_TIP, FEW_CLASSES, FEW_NAMED
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.gui.widgets.forms.classes_field import ClassesField
from tlstudio.gui.widgets.forms.column_field import ColumnField
from tlstudio.gui.widgets.forms.columns_field import ColumnsField
from tlstudio.gui.widgets.forms.input_field import InputField, RunField
from tlstudio.gui.widgets.forms.options_form import OptionsForm
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES
from tlstudio.specs.spec import Spec, StrategySpec

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

COLUMNS = "columns for a strategy"


class StrategyCard(Card):
    """The menu of strategies, with the summary of the chosen one.

    Signals:
        strategy_chosen: Id of the strategy that the person chose; "auto" lets the data choose.
    """

    strategy_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Strategy", parent)
        self.buttons: dict[str, QRadioButton] = {}
        self._specs: dict[str, Spec] = {spec.id: spec for spec in (*STRATEGIES, CHOOSE_FOR_ME)}
        self._group = QButtonGroup(self)
        self.body.setSpacing(5)
        for spec in self._specs.values():
            button = QRadioButton(spec.title)
            button.setToolTip(with_terms(spec.summary, text=spec.title))
            button.setAccessibleDescription(spec.summary)
            self._group.addButton(button)
            self.buttons[spec.id] = button
            self.body.addWidget(button)
        self.summary = QLabel()
        self.summary.setProperty("muted", True)
        self.summary.setProperty("small", True)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.summary)
        self.explained = link_button(EXPLAINED, tip=EXPLAINED_TIP)
        self.explained.clicked.connect(self._explain)
        self.body.addWidget(self.explained, 0, Qt.AlignmentFlag.AlignLeft)
        self._group.buttonClicked.connect(self._clicked)

    def show_recipe(self, recipe: Recipe) -> None:
        """Mark the recipe's strategy."""
        chosen = AUTO if recipe.freeze == AUTO else recipe.strategy
        if chosen in self.buttons:
            self.buttons[chosen].setChecked(True)
            self.summary.setText(self._specs[chosen].summary)

    @Slot()
    def _explain(self) -> None:
        # Imported only now: the window starts without it.
        from tlstudio.gui.dialogs.ways_dialog import show_ways

        chosen = next((name for name, button in self.buttons.items() if button.isChecked()), "")
        show_ways(page=chosen, parent=self)

    @Slot(object)
    def _clicked(self, clicked: object) -> None:
        self.strategy_chosen.emit(next(name for name, button in self.buttons.items() if button is clicked))


class StrategyNeedsCard(Card):
    """The inputs and options of the chosen strategy; hidden for a strategy that has none.

    Args:
        app_state: Offers its runs and columns as inputs, and counts files in the background.

    Signals:
        changed: The person changed an input or option: changes for `AppState.update_recipe`.
        problem_changed: `problem` may have changed.
    """

    changed = Signal(dict)
    problem_changed = Signal()

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._app_state = app_state
        self._shown: StrategySpec | None = None
        self._inside: QWidget | None = None
        self.inputs: dict[str, InputField] = {}
        self.options: OptionsForm | None = None
        self._reading = 0
        self._unlabelled = 0
        app_state.runs_changed.connect(self._offer_runs)
        app_state.project_changed.connect(self._offer_runs)
        app_state.images_changed.connect(self._read_columns)
        app_state.background.done.connect(self._columns_read)
        self.hide()

    def show_recipe(self, recipe: Recipe, spec: StrategySpec | None) -> None:
        """Show a recipe's values, without emitting `changed`.

        Args:
            recipe: The draft.
            spec: Of its strategy; None hides the card.
        """
        if spec is not self._shown:
            self._build(spec)
        if spec is None:
            return
        for name, field in self.inputs.items():
            field.set_value(recipe.inputs.get(name, ""))
        if self.options is not None:
            self.options.set_values(recipe.strategy_options)

    def set_unlabelled(self, number: int) -> None:
        """Take how many images of the project have no label, which some inputs are taken from."""
        self._unlabelled = number
        for field in self.inputs.values():
            field.set_unlabelled(number)

    def focus_first(self) -> None:
        """Set the focus to the first input."""
        for field in list(self.inputs.values())[:1]:
            field.control.setFocus()

    @property
    def problem(self) -> str:
        """The reason why training cannot start with these inputs and options; empty when it can."""
        problems = [field.problem for field in self.inputs.values()]
        problems.append(self.options.problem if self.options is not None else "")
        return next((problem for problem in problems if problem), "")

    def count_classes(self, labelled: Sequence[str]) -> int:
        """Count the classes with labelled images and those only named, for a strategy that takes them."""
        named = [ClassWords(name=name) for field in self._classes_fields() for name in field.classes]
        return len(with_named_classes(labelled, named))

    @property
    def few_classes(self) -> str:
        """The sentence while there are fewer than two classes."""
        return FEW_NAMED if self._classes_fields() else FEW_CLASSES

    def _classes_fields(self) -> list[ClassesField]:
        controls = [field.control for field in self.inputs.values()]
        return [control for control in controls if isinstance(control, ClassesField)]

    def _build(self, spec: StrategySpec | None) -> None:
        self._shown = spec
        self.inputs, self.options = {}, None
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
            self._inside = None
        if spec is None or not (spec.inputs or spec.options.model_fields):
            self.hide()
            return
        self.set_title(spec.title)
        self._inside = QWidget()
        rows = QVBoxLayout(self._inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        for wanted in spec.inputs:
            field = InputField(wanted, background=self._app_state.background)
            field.changed.connect(self._input_changed)
            field.problem_changed.connect(self.problem_changed)
            field.set_unlabelled(self._unlabelled)
            self.inputs[wanted.id] = field
            rows.addWidget(field)
        if spec.options.model_fields:
            self.options = OptionsForm(spec.options)
            self.options.changed.connect(self._options_changed)
            self.options.problem_changed.connect(self.problem_changed)
            rows.addWidget(self.options)
        self._offer_runs()
        self._read_columns()
        self.body.addWidget(self._inside)
        self.show()

    @Slot()
    def _offer_runs(self) -> None:
        for field in self.inputs.values():
            if isinstance(field.control, RunField):
                finished = [run for run in self._app_state.runs() if run.finished]
                field.control.set_runs([(str(run.path), run_title(run.path.name)) for run in finished])

    @Slot()
    def _read_columns(self) -> None:
        project = self._app_state.project
        if project is None or not any(
            isinstance(field.control, ColumnField | ColumnsField) for field in self.inputs.values()
        ):
            return
        root, images = project.images_root, self._app_state.images()
        self._reading += 1
        self._app_state.background.submit((COLUMNS, self._reading), lambda: read_columns(root, images))

    @Slot(object, object)
    def _columns_read(self, key: object, columns: object) -> None:
        if key != (COLUMNS, self._reading):
            return
        for field in self.inputs.values():
            if isinstance(field.control, ColumnsField):
                field.control.set_choices(columns.further if isinstance(columns, Columns) else ())
            elif isinstance(field.control, ColumnField):
                if isinstance(columns, Columns):
                    field.control.set_choices(columns.choices, problem_of=columns.problem_of)
                else:
                    field.control.set_choices([], problem_of=None)

    @Slot()
    def _input_changed(self) -> None:
        given = {name: field.value() for name, field in self.inputs.items()}
        self.changed.emit({"inputs": {name: value for name, value in given.items() if value}})

    @Slot(dict)
    def _options_changed(self, values: dict[str, Any]) -> None:
        self.changed.emit({"strategy_options": values})
