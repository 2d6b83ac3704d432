"""The Evaluate page: how good the run is, where it errs, and whether its percentages can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QLabel, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.core.types import SPLIT_WORDS
from tlstudio.evaluation.evaluation import Subset
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.compare.dialog import CompareDialog
from tlstudio.gui.pages.evaluate.contents import (
    EvaluatedImages,
    EvaluatedRun,
    read_evaluated_images,
    read_evaluated_run,
)
from tlstudio.gui.pages.evaluate.text import headline
from tlstudio.gui.pages.evaluate.view import EvaluationView
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.train_again import TrainAgainCard
from tlstudio.gui.pages.unfinished import unfinished_words
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.project.runs import RunFolder
from tlstudio.specs.checks import label_noise

PDF = "PDF document (*.pdf)"


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    what: str
    number: int


class EvaluatePage(QWidget):
    """Reads the evaluations of the current run, shows one of them, and evaluates on another folder.

    Without a run, or while it has no metrics, the page says what to do next.

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
        self._crossed: dict[RunFolder, EvaluatedImages] = {}
        self._number = 0
        self._runs = CompareDialog(app_state, self)
        self._empty = EmptyState("", "", action="Go to Model")
        self._empty.action_requested.connect(self._empty_action)
        self.view = EvaluationView(app_state)
        self.view.headline.subset_chosen.connect(self._choose_subset)
        self.view.headline.compare_requested.connect(self._compare)
        self.view.headline.report_requested.connect(self._report)
        self.view.headline.use_requested.connect(self._go_to_use)
        self.view.findings.images_requested.connect(self._show_images_of)
        self.notice = QLabel()
        self.notice.setProperty("problem", True)
        self.notice.setWordWrap(True)
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        self.again = TrainAgainCard(app_state, direction=QBoxLayout.Direction.LeftToRight)
        self.again.started.connect(self._go_to_train)
        self._figures = QWidget()
        column = QVBoxLayout(self._figures)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.notice)
        column.addWidget(self.view, 1)
        # Below: it comes with the first change, and nothing that is looked at may move then.
        column.addWidget(self.again)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._figures)
        app_state.background.done.connect(self._arrived)
        app_state.project_changed.connect(self._follow)
        app_state.run_changed.connect(self._follow)
        app_state.training_changed.connect(self._show_notice)
        self._runs.run_chosen.connect(self._choose_run)
        self._follow()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self.view.shown is None:
            return "no figures yet"
        evaluation = self.view.shown.evaluation
        part = SPLIT_WORDS.get(evaluation.subset, evaluation.subset)
        return f"{headline(evaluation)[0]} of {evaluation.n} {part}"

    # Reading

    @Slot()
    def _follow(self) -> None:
        app_state = self._app_state
        self._run = (app_state.finished_run() or app_state.run) if app_state.project is not None else None
        self._show_notice()
        self._evaluated = None
        self.view.clear()
        if self._run is None:
            self._show_empty(
                "No run yet", "Train a run first. Then this page shows how good it is.", "Go to Model"
            )
            return
        assert app_state.project is not None
        self._show_empty("Reading …", "The figures of this run are being read.", "")
        self._read(at_once=False)

    def _read(self, *, at_once: bool) -> None:
        assert self._app_state.project is not None
        assert self._run is not None
        root = self._app_state.project.images_root
        self._submit("run", partial(read_evaluated_run, self._run, images_root=root, at_once=at_once))

    def _submit(self, what: str, work: Any) -> None:
        self._number += 1
        self._app_state.background.submit(_Key(id(self), what, self._number), work)

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key.owner != id(self):
            return
        if isinstance(result, UserError):
            self._app_state.show_error(result)
        elif key.number != self._number:
            return  # another run was chosen meanwhile
        elif isinstance(result, EvaluatedRun):
            self._run_read(result)
        elif isinstance(result, EvaluatedImages):
            if result.subset == "cross-validated" and self._run is not None:
                self._crossed[self._run] = result
            self._show_evaluation(result)

    def _run_read(self, evaluated: EvaluatedRun) -> None:
        before, self._evaluated = self._evaluated, evaluated
        if evaluated.splits:
            first = next(iter(evaluated.splits.values()))
            shown = self.view.shown.subset if before is not None and self.view.shown is not None else ""
            self._show_evaluation(evaluated.splits.get(cast("Subset", shown), first))
            if evaluated.is_partial:
                self._read(at_once=True)
            return
        name = run_title(evaluated.run.path.name)
        if evaluated.problem:
            self._show_empty(f"{name} cannot be shown", evaluated.problem, "Go to Train")
        elif evaluated.run.finished:
            text = (
                "It kept no labelled images for checking or testing. Label images in Data, keep some of them "
                "in its Split, and train again."
            )
            self._show_empty(f"{name} has no figures", text, "Go to Data")
        else:
            text = "It is not finished. Its figures appear here at the end of training."
            self._show_empty(f"{name} has no figures yet", text, "Go to Train")

    def _show_evaluation(self, images: EvaluatedImages) -> None:
        assert self._evaluated is not None
        self.view.show_evaluation(images, run=self._evaluated)
        self._stack.setCurrentWidget(self._figures)

    @Slot()
    def _show_notice(self) -> None:
        """Show a sentence when the figures are those of another run than the chosen one."""
        words = unfinished_words(self._app_state)
        self.notice.setText(words)
        self.notice.setVisible(bool(words))

    def _show_empty(self, title: str, text: str, action: str) -> None:
        self._empty.set_text(title, text)
        self._empty.button.setText(action)
        self._empty.button.setVisible(bool(action))
        self._stack.setCurrentWidget(self._empty)

    # Commands

    @Slot(str)
    def _choose_subset(self, subset: Subset) -> None:
        assert self._evaluated is not None
        if subset in self._evaluated.splits:
            self._show_evaluation(self._evaluated.splits[subset])
            return
        assert self.view.shown is not None
        self.view.headline.mark(self.view.shown.subset)
        if subset == "cross-validated":
            self._cross_validate()
            return
        chosen = QFileDialog.getExistingDirectory(self, "A folder with one sub-folder per class")
        if chosen:
            self._evaluate_folder(Path(chosen))

    def _evaluate_folder(self, folder: Path) -> None:
        assert self._run is not None
        self._folder = folder
        self.view.headline.chips["folder"].setEnabled(False)
        job: Job = self._app_state.submit("evaluate", run=str(self._run.path), images=str(folder))
        job.succeeded.connect(self._folder_evaluated)
        job.ended.connect(self._folder_ended)

    def _cross_validate(self) -> None:
        """Show it where it was done before, and else let the engine do it."""
        run, project = self._run, self._app_state.project
        assert run is not None
        assert project is not None
        if run in self._crossed:
            self._show_evaluation(self._crossed[run])
            return
        self.view.headline.chips["cross-validated"].setEnabled(False)
        job: Job = self._app_state.submit("cross-validate", run=str(run.path), project=str(project.folder))
        job.succeeded.connect(self._cross_validated)
        job.ended.connect(self._cross_validation_ended)

    @Slot(dict)
    def _cross_validated(self, result: Mapping[str, Any]) -> None:
        project = self._app_state.project
        if project is not None and self._evaluated is not None:
            root = project.images_root
            self._submit(
                "crossed", partial(read_evaluated_images, result, root=root, subset="cross-validated")
            )

    @Slot()
    def _cross_validation_ended(self) -> None:
        self.view.headline.chips["cross-validated"].setEnabled(True)

    @Slot(dict)
    def _folder_evaluated(self, result: Mapping[str, Any]) -> None:
        if self._folder is not None and self._evaluated is not None:
            reading = partial(read_evaluated_images, result, root=self._folder, subset="folder")
            self._submit("folder", reading)

    @Slot()
    def _folder_ended(self) -> None:
        self.view.headline.chips["folder"].setEnabled(True)

    @Slot()
    def _compare(self) -> None:
        self._runs.open_at(str(self._run.path) if self._run else "")

    @Slot(str)
    def _choose_run(self, path: str) -> None:
        self._app_state.select_run(RunFolder(Path(path)))

    @Slot()
    def _report(self) -> None:
        assert self._run is not None
        chosen, kind = QFileDialog.getSaveFileName(
            self, "Write the report", str(self._run.report), f"Web page (*.html);;{PDF}"
        )
        if chosen and kind == PDF:
            chosen = str(Path(chosen).with_suffix(".pdf"))
        if chosen:
            job = self._app_state.submit("report", run=str(self._run.path), out=chosen)
            job.succeeded.connect(self._report_written)

    @Slot(dict)
    def _report_written(self, result: Mapping[str, Any]) -> None:
        file = Path(str(result["file"]))
        opens = QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
        then = " and opens now" if opens else "; no program was found to open it"
        self._app_state.status_message.emit(f"The report is in {file}{then}.")

    @Slot(object)
    def _show_images_of(self, finding: Finding) -> None:
        if finding.check == label_noise.SPEC.id and self.view.suspects.has_images:
            self.view.show_suspects()
            return
        self.go_to.emit("data")  # which builds that page where it was not built yet
        self._app_state.images_of_requested.emit(finding)

    @Slot()
    def _go_to_use(self) -> None:
        self.go_to.emit("use")

    @Slot()
    def _go_to_train(self) -> None:
        self.go_to.emit("train")

    @Slot()
    def _empty_action(self) -> None:
        run, project = self._run, self._app_state.project
        if run is None:
            self.go_to.emit("model" if project is not None else "home")
            return
        lacks_images = self._evaluated is not None and run.finished and not self._evaluated.problem
        self.go_to.emit("data" if lacks_images else "train")
