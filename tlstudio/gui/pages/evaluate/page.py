"""The Evaluate page: how good the run is, where it errs, and whether its percentages can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QGridLayout, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.errors import UserError
from tlstudio.evaluation.evaluation import LabelledPrediction, Subset
from tlstudio.evaluation.metric_values import ClassMetrics, Metrics
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.evaluate.contents import (
    EvaluatedImages,
    EvaluatedRun,
    read_evaluated_folder,
    read_evaluated_run,
    read_summaries,
)
from tlstudio.gui.pages.evaluate.headline import EvaluateHeadline
from tlstudio.gui.pages.evaluate.images import ClassMenu, PredictionDialog, PredictionsCard
from tlstudio.gui.pages.evaluate.runs import RunsDialog
from tlstudio.gui.pages.evaluate.text import headline, notes
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.figures.confusion import ConfusionTable
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.gui.widgets.lists.note_list import NoteList
from tlstudio.project.runs import RunFolder

MOST_WRONG = 200
PER_CLASS = (
    Column("class"),
    Column("precision", "Of the images called so, the share that are so.", is_figure=True),
    Column("recall", "Of the images that are so, the share that was found.", is_figure=True),
    Column("F1", "Precision and recall in one figure; 1 is perfect.", is_figure=True),
    Column("images", "How many images of this class the figures rest on.", is_figure=True),
)


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    what: str
    number: int


class EvaluatePage(QWidget):
    """Figures with their intervals, the confusion matrix and the images behind its cells.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Evaluate"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._run: RunFolder | None = None
        self._evaluated: EvaluatedRun | None = None
        self._folder: Path | None = None
        self._shown: EvaluatedImages | None = None
        self._cell: tuple[int, int] | None = None
        self._number = 0
        self._dialog = PredictionDialog(app_state.background, self)
        self._runs = RunsDialog(self)
        self._build()
        app_state.background.done.connect(self._arrived)
        app_state.project_changed.connect(self._follow)
        app_state.run_changed.connect(self._follow)
        app_state.images_changed.connect(self._show_images)
        self._dialog.relabel_requested.connect(self._ask_class)
        self._runs.run_chosen.connect(self._choose_run)
        self._follow()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self._shown is None:
            return "no figures yet"
        evaluation = self._shown.evaluation
        return f"{headline(evaluation)[0]} of {evaluation.n} {evaluation.subset}"

    # Reading

    @Slot()
    def _follow(self) -> None:
        app_state = self._app_state
        self._run = app_state.run if app_state.project is not None else None
        self._shown, self._evaluated, self._cell = None, None, None
        if self._run is None:
            self._say_empty("No run yet", "Train a run first; its figures appear here.", "Choose a backbone")
            return
        assert app_state.project is not None
        self._say_empty("Reading …", "The figures of this run are being read.", "")
        reading = partial(read_evaluated_run, self._run, images_root=app_state.project.images_root)
        self._submit("run", reading)

    def _submit(self, what: str, work: Any) -> None:
        self._number += 1
        self._app_state.background.submit(_Key(id(self), what, self._number), work)

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key.owner != id(self):
            return
        if isinstance(result, UserError):
            self._app_state.show_error(result)
        elif key.what == "runs" and isinstance(result, list):
            self._runs.show_runs(result, current=str(self._run.path) if self._run else "")
            self._runs.open()
        elif key.number != self._number:
            return  # another run was chosen meanwhile
        elif isinstance(result, EvaluatedRun):
            self._run_read(result)
        elif isinstance(result, EvaluatedImages):
            self._show_evaluation(result)

    def _run_read(self, evaluated: EvaluatedRun) -> None:
        self._evaluated = evaluated
        if evaluated.splits:
            self._show_evaluation(next(iter(evaluated.splits.values())))
            return
        name = run_title(evaluated.run.path.name)
        if evaluated.problem:
            self._say_empty(f"{name} cannot be shown", evaluated.problem, "Go to Train")
        elif evaluated.run.finished:
            text = "It kept no images for validation or testing. Keep some in Data → Split and train again."
            self._say_empty(f"{name} has no figures", text, "Go to Data")
        else:
            text = "It is not finished. Its figures appear here at the end of training."
            self._say_empty(f"{name} has no figures yet", text, "Go to Train")

    # Showing

    def _say_empty(self, title: str, text: str, action: str) -> None:
        self._empty.set_text(title, text)
        self._empty.button.setText(action)
        self._empty.button.setVisible(bool(action))
        self._stack.setCurrentWidget(self._empty)

    def _show_evaluation(self, images: EvaluatedImages) -> None:
        assert self._evaluated is not None
        self._shown = images
        column, available = images.evaluation.primary, set(self._evaluated.splits)
        self._headline.show_evaluation(images, available=available)
        self._notes.set_notes(
            notes(images.evaluation, has_test="test" in available, problem=self._evaluated.problem)
        )
        self._matrix.set_matrix(column.metrics.confusion, column.classes)
        self._per_class.set_rows([_class_row(entry) for entry in column.metrics.per_class])
        if column.predictions is not None:
            words = "How often the answers are right, by how sure the classifier is of them."
            self._reliability.show_view("reliability", column.calibration.as_json(), description=words)
        else:
            self._reliability.clear("Needs the answers for single images.")
        self._cell = column.metrics.worst_cell()
        if self._cell is not None:
            self._matrix.choose(*self._cell)
        self._show_images()
        self._stack.setCurrentWidget(self._page)

    @Slot()
    def _show_images(self) -> None:
        if self._shown is None:
            return
        column = self._shown.evaluation.primary
        no_predictions = ""
        if column.predictions is None:
            no_predictions = "The answers for single images are not there."
        in_cell = column.cell(*self._cell) if self._cell is not None else ()
        if self._cell is not None:
            self._cell_card.heading.setText(_cell_title(column.metrics, *self._cell))
            hint = no_predictions or "There are no images in this cell."
        else:
            self._cell_card.heading.setText("Images of a cell")
            hint = no_predictions or "Choose a cell of the confusion matrix to see its images."
        self._fill(self._cell_card, in_cell, hint=hint)
        wrong = column.most_wrong(MOST_WRONG)
        self._fill(self._wrong_card, wrong, hint=no_predictions or "Every answer is right.")

    def _fill(self, card: PredictionsCard, paths: Sequence[str], *, hint: str) -> None:
        """Show images in a card; `hint` is shown when there are none."""
        assert self._shown is not None
        column = self._shown.evaluation.primary
        predictions = [column.prediction(path) for path in paths]
        can_relabel = self._shown.subset != "folder" and bool(self._app_state.images())
        new_labels = self._new_labels(predictions) if can_relabel else {}
        if predictions:
            hint = _relabelled_text(len(new_labels)) if new_labels else ""
        card.show_predictions(
            predictions, root=self._shown.root, hint=hint, can_relabel=can_relabel, new_labels=new_labels
        )

    def _new_labels(self, predictions: Sequence[LabelledPrediction]) -> dict[str, str]:
        """Path to the current label, of images whose label was changed since the run."""
        images = ((shown, self._app_state.image(shown.path)) for shown in predictions)
        return {
            shown.path: str(image.label())
            for shown, image in images
            if image is not None and image.label() not in (None, shown.true_class)
        }

    @Slot(int, int)
    def _cell_chosen(self, true_index: int, predicted_index: int) -> None:
        if self._cell != (true_index, predicted_index):
            self._cell = (true_index, predicted_index)
            self._show_images()

    @Slot(str)
    def _open_cell_image(self, path: str) -> None:
        self._open_image(self._cell_card, path)

    @Slot(str)
    def _open_wrong_image(self, path: str) -> None:
        self._open_image(self._wrong_card, path)

    def _open_image(self, card: PredictionsCard, path: str) -> None:
        assert self._shown is not None
        self._dialog.show_predictions(
            card.predictions,
            root=self._shown.root,
            path=path,
            can_relabel=self._shown.subset != "folder",
        )
        self._dialog.open()

    # What the person does

    @Slot(list, QPoint)
    def _ask_class(self, paths: list[str], place: QPoint) -> None:
        if self._app_state.project is None:
            return
        menu = ClassMenu(self._app_state.project.classes(), self)
        menu.class_chosen.connect(partial(self._relabel, paths))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _relabel(self, paths: list[str], class_name: str) -> None:
        self._app_state.set_label(paths, class_name=class_name)
        images = "1 image is" if len(paths) == 1 else f"{len(paths)} images are"
        self._app_state.status_message.emit(
            f"{images} labelled {class_name} now. These figures stay; train a new run for it to count."
        )

    @Slot(str)
    def _choose_subset(self, subset: Subset) -> None:
        assert self._evaluated is not None
        if subset != "folder":
            self._show_evaluation(self._evaluated.splits[subset])
            return
        assert self._shown is not None
        self._headline.mark(self._shown.subset)
        chosen = QFileDialog.getExistingDirectory(self, "A folder with one sub-folder per class")
        if chosen:
            self._evaluate_folder(Path(chosen))

    def _evaluate_folder(self, folder: Path) -> None:
        assert self._run is not None
        self._folder = folder
        self._headline.chips["folder"].setEnabled(False)
        job: Job = self._app_state.submit("evaluate", run=str(self._run.path), images=str(folder))
        job.succeeded.connect(self._folder_evaluated)
        job.ended.connect(self._folder_ended)

    @Slot(dict)
    def _folder_evaluated(self, result: Mapping[str, Any]) -> None:
        if self._folder is not None and self._evaluated is not None:
            self._submit("folder", partial(read_evaluated_folder, result, root=self._folder))

    @Slot()
    def _folder_ended(self) -> None:
        self._headline.chips["folder"].setEnabled(True)

    @Slot()
    def _compare(self) -> None:
        runs = self._app_state.runs()
        self._app_state.background.submit(_Key(id(self), "runs", 0), partial(read_summaries, runs))

    @Slot(str)
    def _choose_run(self, path: str) -> None:
        self._app_state.select_run(RunFolder(Path(path)))

    @Slot()
    def _report(self) -> None:
        assert self._run is not None
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Write the report", str(self._run.report), "Web page (*.html)"
        )
        if chosen:
            job = self._app_state.submit("report", run=str(self._run.path), out=chosen)
            job.succeeded.connect(self._report_written)

    @Slot(dict)
    def _report_written(self, result: Mapping[str, Any]) -> None:
        file = Path(str(result["file"]))
        self._app_state.status_message.emit(f"The report is in {file}.")
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))

    @Slot()
    def _empty_action(self) -> None:
        run, project = self._run, self._app_state.project
        if run is None:
            self.go_to.emit("model" if project is not None else "home")
            return
        lacks_images = self._evaluated is not None and run.finished and not self._evaluated.problem
        self.go_to.emit("data" if lacks_images else "train")

    # Building

    def _build(self) -> None:
        self._stack = QStackedLayout(self)
        self._empty = EmptyState("", "", action="Choose a backbone")
        self._empty.action_requested.connect(self._empty_action)
        self._page = QWidget()
        self._headline = EvaluateHeadline()
        self._headline.subset_chosen.connect(self._choose_subset)
        self._headline.compare_requested.connect(self._compare)
        self._headline.report_requested.connect(self._report)
        background = self._app_state.background
        self._matrix = ConfusionTable()
        self._matrix.cell_chosen.connect(self._cell_chosen)
        matrix_card = Card("Confusion: choose a cell to see its images")
        matrix_card.setToolTip("Rows are the true classes, columns what the classifier said.")
        matrix_card.body.addWidget(self._matrix, 1)
        self._per_class = FiguresTable(PER_CLASS, name="Figures per class")
        class_card = Card("Per class")
        class_card.body.addWidget(self._per_class, 1)
        self._cell_card = PredictionsCard(
            background, title="Images of a cell", name="Images of the chosen cell"
        )
        self._wrong_card = PredictionsCard(background, title="Most wrong images", name="Most wrong images")
        self._wrong_card.setToolTip(
            "Wrong answers the classifier was surest of come first: wrong labels hide here."
        )
        self._cell_card.opened.connect(self._open_cell_image)
        self._wrong_card.opened.connect(self._open_wrong_image)
        for card in (self._cell_card, self._wrong_card):
            card.relabel_requested.connect(self._ask_class)
        self._notes = NoteList(name="What these figures mean")
        notes_card = Card("What this means")
        notes_card.body.addWidget(self._notes, 1)
        self._reliability = FigureView(background, name="Reliability")
        self._reliability.setToolTip(
            "On the diagonal, “80 % sure” is right 80 times in 100. Below it the classifier is too sure."
        )
        reliability_card = Card("Calibration")
        reliability_card.body.addWidget(self._reliability, 1)
        grid = QGridLayout(self._page)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setSpacing(14)
        grid.addWidget(self._headline, 0, 0, 1, 3)
        for number, (upper, lower, shares, stretch) in enumerate(
            (
                (matrix_card, class_card, (11, 10), 41),
                (self._cell_card, self._wrong_card, (1, 1), 35),
                (notes_card, reliability_card, (1, 1), 25),
            )
        ):
            column = QVBoxLayout()
            column.setSpacing(10)
            column.addWidget(upper, shares[0])
            column.addWidget(lower, shares[1])
            grid.addLayout(column, 1, number)
            grid.setColumnStretch(number, stretch)
        grid.setRowStretch(1, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)


def _relabelled_text(count: int) -> str:
    images = "1 image was" if count == 1 else f"{count} images were"
    return f"{images} relabelled since. Train a new run for it to count."


def _cell_title(metrics: Metrics, true: int, predicted: int) -> str:
    count = metrics.confusion[true][predicted]
    if true == predicted:
        return f"{metrics.classes[true]}, recognised ({count})"
    return f"{metrics.classes[true]} → {metrics.classes[predicted]} ({count})"


def _class_row(entry: ClassMetrics) -> tuple[str, list[Cell]]:
    cells = [
        Cell("—", -1.0, "Not known: no images.")
        if value is None
        else Cell(f"{value:.2f}", value, f"{value:.4f}")
        for value in (entry.precision, entry.recall, entry.f1)
    ]
    return entry.class_name, [Cell(entry.class_name), *cells, Cell(str(entry.n), float(entry.n))]
