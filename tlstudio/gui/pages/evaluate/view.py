"""One evaluation on the Evaluate page: metrics, confusion matrix, the images behind it, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.core.wording import count
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.evaluate.arrangement import Arrangement
from tlstudio.gui.pages.evaluate.asking_card import AskingCard
from tlstudio.gui.pages.evaluate.class_card import ClassCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.pages.evaluate.enough_card import EnoughCard
from tlstudio.gui.pages.evaluate.findings import FindingsCard
from tlstudio.gui.pages.evaluate.headline import EvaluateHeadline
from tlstudio.gui.pages.evaluate.matrix_card import MatrixCard
from tlstudio.gui.pages.evaluate.prediction_dialog import PredictionDialog
from tlstudio.gui.pages.evaluate.predictions_card import PredictionsCard, change_of
from tlstudio.gui.pages.evaluate.suspects_card import SuspectsCard
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.gui.widgets.lists.class_picker import ClassPicker
from tlstudio.gui.widgets.lists.finding_list import window_finding
from tlstudio.specs.views import reliability

MOST_WRONG = 200
HIGHEST_CURVE_PIXELS = 380
"""A narrow curve that is higher looks steeper than it is."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A choice whose images are shown: a cell of the matrix, or the mistakes with a class."""

    true: int
    predicted: int | None = None

    def images(self, column: ColumnEvaluation) -> tuple[str, ...]:
        if self.predicted is None:
            return column.mistakes_with(self.true)
        return column.cell(self.true, self.predicted)

    def title(self, column: ColumnEvaluation) -> str:
        name = column.classes[self.true]
        if self.predicted is None:
            return f"{name}: missed, or wrongly named ({len(self.images(column))})"
        number = column.metrics.confusion[self.true][self.predicted]
        if self.true == self.predicted:
            return f"{name}, recognised ({number})"
        return f"{name} → {column.classes[self.predicted]} ({number})"


class EvaluationView(QWidget):
    """Shows one evaluation at a time.

    Args:
        app_state: Images of the project and their labels.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.shown: EvaluatedImages | None = None
        """The images that are shown, with the chosen label column as their only one."""
        self._whole: EvaluatedImages | None = None
        self._run: EvaluatedRun | None = None
        self._column = ""
        self._chosen: _Chosen | None = None
        self._to_relabel: list[str] = []
        self.dialog = PredictionDialog(app_state, self)
        self.picker = ClassPicker("Class of the selected images", self)
        for picker in (self.picker, self.dialog.picker):
            picker.class_chosen.connect(self._relabel)
        app_state.edits.undone.connect(self._show_undone)
        self._build()
        app_state.images_changed.connect(self._show_images)
        self.dialog.relabel_requested.connect(self._ask_class)

    def clear(self) -> None:
        """Reset the state, so that nothing counts as shown; what comes next is seen from its top."""
        self.shown, self._whole, self._run, self._chosen = None, None, None, None
        self._page.verticalScrollBar().setValue(0)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """Show an evaluation, with the images of its most frequent confusion.

        Args:
            images: What is shown.
            run: Whose classifier was evaluated.
        """
        names = list(images.evaluation.columns)
        if self._column not in names:
            self._column = names[0]
        self._whole, self._run = images, run
        self.headline.show_columns(names, chosen=self._column)
        images = replace(images, evaluation=_of_column(images.evaluation, self._column))
        self.shown = images
        column = images.evaluation.primary
        self.headline.show_evaluation(images, available=run.available)
        # What the training warned of is about images of the run, not about those of another folder.
        is_first = self._column == names[0]
        warnings = run.warnings if images.subset != "folder" and is_first else ()
        self.findings.show_evaluation(images.evaluation, run.run, problem=run.problem, warnings=warnings)
        for card in self._followers:
            card.show_evaluation(images, run=run)
        if column.predictions is not None:
            words = "How often the answers are right, depending on how sure the classifier is of them."
            self.reliability.show_view(reliability.SPEC.id, column.calibration.as_json(), description=words)
        else:
            self.reliability.clear(self._no_predictions)
        worst = column.metrics.worst_cell()
        self._chosen = None if worst is None else _Chosen(*worst)
        self.matrix_card.choose(worst)
        self._show_images()

    def show_suspects(self) -> None:
        """Go to the training labels that look wrong."""
        self._page.ensureWidgetVisible(self.suspects)
        self.suspects.open_first()

    @Slot(str)
    def _show_column(self, name: str) -> None:
        self._column = name
        if self._whole is not None and self._run is not None:
            self.show_evaluation(self._whole, run=self._run)

    @property
    def _no_predictions(self) -> str:
        """The reason for having no answers for single images."""
        is_reading = self._run is not None and self._run.is_partial
        return f"The answers for single images are {'being read …' if is_reading else 'missing.'}"

    @property
    def _can_relabel(self) -> bool:
        """True if what is shown are labels of the project."""
        assert self.shown is not None
        assert self._whole is not None
        is_first = self._column == next(iter(self._whole.evaluation.columns))
        return self.shown.subset != "folder" and is_first

    @Slot()
    def _show_images(self) -> None:
        if self.shown is None:
            return
        column = self.shown.evaluation.primary
        no_predictions = ""
        if column.predictions is None:
            no_predictions = self._no_predictions
        chosen = () if self._chosen is None else self._chosen.images(column)
        if self._chosen is not None:
            self.cell_card.heading.setText(self._chosen.title(column))
            hint = no_predictions or "There are no images of this kind."
        else:
            self.cell_card.heading.setText("Images of a cell")
            hint = no_predictions or "Choose a cell of the confusion matrix to see its images."
        self._fill(self.cell_card, chosen, hint=hint)
        wrong = column.most_wrong(MOST_WRONG)
        self._fill(self.wrong_card, wrong, hint=no_predictions or "Every answer is right.")

    def _fill(self, card: PredictionsCard, paths: Sequence[str], *, hint: str) -> None:
        """Show images in a card; `hint` is shown when there are none."""
        assert self.shown is not None
        column = self.shown.evaluation.primary
        predictions = [column.prediction(path) for path in paths]
        can_relabel = self._can_relabel and bool(self._app_state.images())
        changes = {
            one.path: change_of(one.true_class, self._app_state.image(one.path)) for one in predictions
        }
        card.show_predictions(
            predictions,
            root=self.shown.root,
            hint="" if predictions else hint,
            can_relabel=can_relabel,
            changes={path: one for path, one in changes.items() if one is not None and can_relabel},
        )

    @Slot(int, int)
    def _cell_chosen(self, true_index: int, predicted_index: int) -> None:
        self._choose(_Chosen(true_index, predicted_index))
        # What most people do next concerns the first of them: one click less.
        self.cell_card.select_first()

    @Slot(int)
    def _class_chosen(self, index: int) -> None:
        self.matrix_card.choose(None)
        self._choose(_Chosen(index))

    def _choose(self, chosen: _Chosen) -> None:
        if self._chosen != chosen:
            self._chosen = chosen
            self._show_images()

    @Slot(str)
    def _open_cell_image(self, path: str) -> None:
        self._open_image(self.cell_card, path)

    @Slot(str)
    def _open_wrong_image(self, path: str) -> None:
        self._open_image(self.wrong_card, path)

    def _open_image(self, card: PredictionsCard, path: str) -> None:
        assert self.shown is not None
        assert self._run is not None
        project = self._app_state.project
        self.dialog.show_predictions(
            card.predictions,
            root=self.shown.root,
            path=path,
            can_relabel=self._can_relabel,
            run=self._run.run.path,
            images_root=project.images_root if project is not None else None,
        )
        self.dialog.open()

    @Slot(object)
    def _show_undone(self, paths: list[str]) -> None:
        """Select the images whose labels an undo changed, where they are shown."""
        for card in (self.cell_card, self.wrong_card):
            card.grid.select_keys(paths)

    @Slot(list, QPoint)
    def _ask_class(self, paths: list[str], place: QPoint) -> None:
        if self._app_state.project is None:
            return
        image = self._app_state.image(paths[0])
        # In the dialog it opens above the dialog, which has the keyboard.
        picker = self.dialog.picker if self.dialog.isVisible() else self.picker
        self._to_relabel = paths
        picker.open_at(
            place,
            looks=self._app_state.edits.looks(),
            current=image.label() if image is not None else None,
            can_unlabel=True,
        )

    @Slot(object)
    def _relabel(self, class_name: str | None) -> None:
        self._set_label(self._to_relabel, class_name)

    @Slot(list, str)
    def _accept(self, paths: list[str], class_name: str) -> None:
        self._set_label(paths, class_name)

    def _set_label(self, paths: list[str], class_name: str | None) -> None:
        self._app_state.edits.set_label(paths, class_name=class_name)
        if class_name is None:
            now = count(len(paths), "image has no label", plural="images have no label")
        else:
            now = f"{count(len(paths), 'image is', plural='images are')} labelled {class_name}"
        self._app_state.status_message.emit(
            f"{now} now. These figures stay as they are; train again to use the new labels."
        )

    def _build(self) -> None:
        self.headline = EvaluateHeadline()
        self.headline.column_chosen.connect(self._show_column)
        background = self._app_state.background
        self.matrix_card, self.class_card = MatrixCard(), ClassCard()
        self.matrix_card.cell_chosen.connect(self._cell_chosen)
        self.class_card.class_chosen.connect(self._class_chosen)
        self.matrix, self.per_class = self.matrix_card.table, self.class_card.table
        self.cell_card = PredictionsCard(
            background, title="Images of a cell", name="Images of the chosen cell"
        )
        self.wrong_card = PredictionsCard(background, title="Most wrong images", name="Most wrong images")
        self.wrong_card.setToolTip(
            wrapped(
                "Ordered by how sure the classifier was of its wrong answer. Often the label is "
                "what is wrong: "
                "look at the first ones."
            )
        )
        self.cell_card.opened.connect(self._open_cell_image)
        self.wrong_card.opened.connect(self._open_wrong_image)
        for card in (self.cell_card, self.wrong_card):
            card.relabel_requested.connect(self._ask_class)
            card.accepted.connect(self._accept)
            card.leave_out_requested.connect(self._app_state.edits.leave_out)
        self.suspects = SuspectsCard(self._app_state)
        self.suspects.relabel_requested.connect(self._ask_class)
        self.findings = FindingsCard(self._app_state)
        self.reliability = FigureView(background, name="Reliability")
        self.reliability.setToolTip(
            wrapped(
                "On the diagonal, “80 % sure” is right 80 times in 100. Below the diagonal the "
                "classifier is too "
                "sure of itself, above it too cautious."
            )
        )
        reliability_card = Card("Calibration")
        reliability_card.body.addWidget(self.reliability, 1)
        reliability_card.setMaximumHeight(HIGHEST_CURVE_PIXELS)
        cards = Arrangement()
        cards.put(self.matrix_card, "errors", least_height=310)
        cards.put(self.class_card, "errors", least_height=270)
        cards.put(AskingCard(background), "errors", least_height=300)
        cards.put(self.cell_card, "images", least_height=290)
        cards.put(self.suspects, "images", least_height=300)
        cards.put(self.wrong_card, "images", least_height=290)
        cards.put(self.findings, "trust", least_height=590)
        cards.put(reliability_card, "trust", least_height=300)
        cards.put(EnoughCard(background), "further", least_height=300)
        self._followers = cards.followers
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        self._page = cards.page(head=self.headline)
        page.addWidget(self._page, 1)


def _of_column(evaluation: Evaluation, name: str) -> Evaluation:
    """The evaluation of a label column; for all but the first one it says whose the findings are."""
    first, found = next(iter(evaluation.columns)), evaluation.of_column(name)
    if name == first:
        return found
    about = f"The checks are about the label column “{first}”: choose it to see what they found."
    return replace(found, findings=(window_finding("note", about),))
