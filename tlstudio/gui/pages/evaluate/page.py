"""The Evaluate page: how good the run is, where it errs, and whether its percentages can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QGridLayout, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.errors import UserError
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.evaluate.contents import (
    Answer,
    Evaluated,
    Part,
    read_evaluated,
    read_folder,
    read_summaries,
)
from tlstudio.gui.pages.evaluate.headline import EvaluateHeadline
from tlstudio.gui.pages.evaluate.images import AnswerDialog, AnswersCard, ClassMenu
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
        self._evaluated: Evaluated | None = None
        self._folder_part: Part | None = None
        self._folder: Path | None = None
        self._part: Part | None = None
        self._cell: tuple[int, int] | None = None
        self._number = 0
        self._dialog = AnswerDialog(app_state.background, self)
        self._runs = RunsDialog(self)
        self._build()
        app_state.background.done.connect(self._arrived)
        app_state.project_changed.connect(self._follow)
        app_state.run_changed.connect(self._follow)
        app_state.images_changed.connect(self._show_images)
        self._dialog.relabel_wanted.connect(self._ask_class)
        self._runs.run_chosen.connect(self._choose_run)
        self._follow()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self._part is None:
            return "no figures yet"
        return f"{headline(self._part)[0]} of {self._part.n} {self._part.source}"

    # Reading

    @Slot()
    def _follow(self) -> None:
        app_state = self._app_state
        self._run = app_state.run if app_state.project is not None else None
        self._part, self._evaluated, self._folder_part, self._cell = None, None, None, None
        if self._run is None:
            self._say_empty("No run yet", "Train a run first; its figures appear here.", "Choose a backbone")
            return
        assert app_state.project is not None
        self._say_empty("Reading …", "The figures of this run are being read.", "")
        reading = partial(read_evaluated, self._run, images_root=app_state.project.images_root)
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
        elif isinstance(result, Evaluated):
            self._take_run(result)
        elif isinstance(result, Part):
            self._folder_part = result
            self._show_part(result)

    def _take_run(self, evaluated: Evaluated) -> None:
        self._evaluated = evaluated
        if evaluated.parts:
            self._show_part(next(iter(evaluated.parts.values())))
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

    def _show_part(self, part: Part) -> None:
        assert self._evaluated is not None
        self._part = part
        available = set(self._evaluated.parts)
        self._headline.show_part(part, available=available)
        self._notes.set_notes(notes(part, has_test="test" in available, problem=self._evaluated.problem))
        self._matrix.set_matrix(part.figures.get("confusion") or [], part.classes)
        self._per_class.set_rows([_class_row(row) for row in part.figures.get("per_class") or ()])
        if part.reliability is not None:
            words = "How often the answers are right, by how sure the classifier is of them."
            self._reliability.show_view("reliability", part.reliability, description=words)
        else:
            self._reliability.clear("Needs the answers for single images.")
        self._cell = part.worst_cell()
        if self._cell is not None:
            self._matrix.choose(*self._cell)
        self._show_images()
        self._stack.setCurrentWidget(self._page)

    @Slot()
    def _show_images(self) -> None:
        part = self._part
        if part is None:
            return
        can_relabel = part.source != "folder" and bool(self._app_state.images())
        no_answers = "" if part.predictions is not None else "The answers for single images are not there."

        def show(card: AnswersCard, answers: list[Answer], hint: str) -> None:
            changed = self._relabelled(answers) if can_relabel else {}
            told = hint or (_relabel_words(len(changed)) if changed else "")
            card.show_answers(answers, hint=told, can_relabel=can_relabel, relabelled=changed)

        answers = part.cell(*self._cell) if self._cell is not None else []
        hint = "" if answers else no_answers or "Choose a cell of the confusion matrix to see its images."
        if self._cell is not None:
            self._cell_card.heading.setText(_cell_title(part, *self._cell))
            hint = "" if answers else no_answers or "There are no images in this cell."
        else:
            self._cell_card.heading.setText("Images of a cell")
        show(self._cell_card, answers, hint)
        wrong = part.most_wrong(most=MOST_WRONG)
        show(self._wrong_card, wrong, "" if wrong else no_answers or "Every answer is right.")

    def _relabelled(self, answers: list[Answer]) -> dict[str, str]:
        """Path to the class of now, of answers whose label was changed since the run."""
        images = ((answer, self._app_state.image(answer.path)) for answer in answers)
        return {
            answer.path: str(image.label())
            for answer, image in images
            if image is not None and image.label() not in (None, answer.true_class)
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

    def _open_image(self, card: AnswersCard, path: str) -> None:
        assert self._part is not None
        self._dialog.show_answers(card.answers, path=path, can_relabel=self._part.source != "folder")
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
        self._app_state.said.emit(
            f"{images} labelled {class_name} now. These figures stay; train a new run for it to count."
        )

    @Slot(str)
    def _choose_source(self, source: str) -> None:
        assert self._evaluated is not None
        if source != "folder":
            self._show_part(self._evaluated.parts[source])
            return
        assert self._part is not None
        self._headline.mark(self._part.source)
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
            self._submit("folder", partial(read_folder, result, root=self._folder))

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
        self._app_state.said.emit(f"The report is in {file}.")
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
        self._empty.action_wanted.connect(self._empty_action)
        self._page = QWidget()
        self._headline = EvaluateHeadline()
        self._headline.source_chosen.connect(self._choose_source)
        self._headline.compare_wanted.connect(self._compare)
        self._headline.report_wanted.connect(self._report)
        background = self._app_state.background
        self._matrix = ConfusionTable()
        self._matrix.cell_chosen.connect(self._cell_chosen)
        matrix_card = Card("Confusion: choose a cell to see its images")
        matrix_card.setToolTip("Rows are the true classes, columns what the classifier said.")
        matrix_card.body.addWidget(self._matrix, 1)
        self._per_class = FiguresTable(PER_CLASS, name="Figures per class")
        class_card = Card("Per class")
        class_card.body.addWidget(self._per_class, 1)
        self._cell_card = AnswersCard(background, title="Images of a cell", name="Images of the chosen cell")
        self._wrong_card = AnswersCard(background, title="Most wrong images", name="Most wrong images")
        self._wrong_card.setToolTip(
            "Wrong answers the classifier was surest of come first: wrong labels hide here."
        )
        self._cell_card.opened.connect(self._open_cell_image)
        self._wrong_card.opened.connect(self._open_wrong_image)
        for card in (self._cell_card, self._wrong_card):
            card.relabel_wanted.connect(self._ask_class)
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


def _relabel_words(count: int) -> str:
    images = "1 image was" if count == 1 else f"{count} images were"
    return f"{images} relabelled since. Train a new run for it to count."


def _cell_title(part: Part, true_index: int, predicted_index: int) -> str:
    count = part.figures["confusion"][true_index][predicted_index]
    true, predicted = part.classes[true_index], part.classes[predicted_index]
    if true_index == predicted_index:
        return f"{true}, recognised ({count})"
    return f"{true} → {predicted} ({count})"


def _class_row(row: Mapping[str, Any]) -> tuple[str, list[Cell]]:
    figures = [row["precision"], row["recall"], row["f1"]]
    cells = [
        Cell("—", -1.0, "Not known: no images.")
        if value is None
        else Cell(f"{value:.2f}", float(value), f"{value:.4f}")
        for value in figures
    ]
    name = str(row["class"])
    return name, [Cell(name), *cells, Cell(str(row["n"]), float(row["n"]))]
