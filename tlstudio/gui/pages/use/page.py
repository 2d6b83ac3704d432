"""The Use page: predict single images or a folder, and export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.pages.unfinished import unfinished_words
from tlstudio.gui.pages.use.contents import UsableRun, read_usable
from tlstudio.gui.pages.use.export import ExportCard
from tlstudio.gui.pages.use.folder import SortCard
from tlstudio.gui.pages.use.try_images import TryCard
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.folding import FoldingPage, Part, Stack
from tlstudio.project.runs import RunFolder
from tlstudio.specs import EXPORTS

_MODEL_SUFFIXES = [*sorted({spec.suffix for spec in EXPORTS if spec.suffix}), ".safetensors"]
_MODEL_PATTERNS = " ".join(f"*{suffix}" for suffix in _MODEL_SUFFIXES)


@dataclass(frozen=True, slots=True)
class _Reading:
    owner: int
    number: int
    run: RunFolder

    def __call__(self) -> UsableRun:
        return read_usable(self.run)


NO_MODEL = (
    "Train a run first: then try it here on new images and export it. "
    "Or open a model that was exported earlier."
)


class UsePage(QWidget):
    """Shows three cards, which use the selected run or an exported model.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Use"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._run: UsableRun | None = None
        self._file: Path | None = app_state.opened_model
        self._number = 0
        self._build()
        app_state.background.done.connect(self._arrived)
        app_state.project_changed.connect(self._project_changed)
        app_state.run_changed.connect(self._follow_run)
        app_state.model_opened.connect(self._show_use_page)
        self._follow()

    def summary(self) -> str:
        """The line below the name of the page in the list of steps."""
        if self._file is not None:
            return self._file.name
        return "try · export" if self._run is not None and self._run.ready else "needs a trained run"

    def showEvent(self, event: QShowEvent) -> None:
        """Give focus to the button that most people want: choosing an image."""
        super().showEvent(event)
        self._try.choose.setFocus()

    @property
    def model(self) -> str:
        """Path of the run or model file in use; empty when there is none."""
        if self._file is not None:
            return str(self._file)
        return str(self._run.run.path) if self._run is not None and self._run.ready else ""

    # Run or model in use

    @Slot()
    def _project_changed(self) -> None:
        if self._app_state.opened_model is None:
            self._file = None
        self._follow()

    @Slot()
    def _follow_run(self) -> None:
        self._file = None  # selecting another run means using that one
        self._follow()

    @Slot()
    def _follow(self) -> None:
        app_state = self._app_state
        run = (app_state.finished_run() or app_state.run) if app_state.project is not None else None
        if self._run is not None and run != self._run.run:
            self._run = None
        self._show()
        if run is not None:
            self._number += 1
            reading = _Reading(id(self), self._number, run)
            self._app_state.background.submit(reading, reading)

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if isinstance(key, _Reading) and key.owner == id(self) and key.number == self._number:
            self._run = result if isinstance(result, UsableRun) else None
            self._show()

    @Slot(str)
    def _show_use_page(self, path: str) -> None:
        self._file = Path(path)
        self._show()

    def _show(self) -> None:
        model = self.model
        self._stack.setCurrentWidget(self._page if model else self._empty)
        if self._run is not None and not self._run.ready:
            name = run_title(self._run.run.path.name)
            self._empty.set_text(
                f"{name} is not finished",
                "Finish it on the Train page, or choose another run at the top right. "
                "A model that was exported earlier can be opened, too.",
            )
        else:
            self._empty.set_text("No model yet", NO_MODEL)
        self._try.set_model(model)
        self._sort.set_model(model)
        ready = self._run if self._run is not None and self._run.ready else None
        self._export.show_run(ready, model=model)
        self._use_run.setVisible(self._file is not None and ready is not None)
        if ready is not None:
            self._use_run.setText(f"Use {run_title(ready.run.path.name)} instead")
        self._words.setText(self._about_model())

    def _about_model(self) -> str:
        if self._file is not None:
            return f"In use: {self._file.name}, a model exported earlier"
        if self._run is None:
            return ""
        parts = [run_title(self._run.run.path.name), self._run.backbone]
        count = len(self._run.classes)
        parts.append(f"{count} classes: {', '.join(self._run.classes)}" if count else "")
        parts += [f"{name}: {', '.join(classes)}" for name, classes in self._run.further.items()]
        about = "In use: " + " · ".join(part for part in parts if part)
        return f"{about}. {unfinished_words(self._app_state)}".removesuffix(". ")

    @Slot()
    def _open_model(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self, "Open an exported model", "", f"Exported models ({_MODEL_PATTERNS})"
        )
        if file:
            self._app_state.use_model(Path(file))

    @Slot()
    def _use_run_pressed(self) -> None:
        self._file = None
        self._show()

    # Building

    def _build(self) -> None:
        self._stack = QStackedLayout(self)
        self._empty = EmptyState("No model yet", NO_MODEL, action="Open a model…")
        self._empty.action_requested.connect(self._open_model)
        self._page = QWidget()
        self._try = TryCard(self._app_state)
        self._sort = SortCard(self._app_state)
        self._export = ExportCard(self._app_state)
        self._try.folder_dropped.connect(self._sort.sort_folder)
        self._words = ElidedLabel()
        self._open = quiet_button("&Open a model…", tip="Use a model exported earlier instead of this run.")
        self._use_run = quiet_button("Use the run", tip="Use the run of the open project again.")
        self._open.clicked.connect(self._open_model)
        self._use_run.clicked.connect(self._use_run_pressed)
        top = Card()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._words, 1000)
        row.addStretch(1)
        row.addWidget(self._use_run)
        row.addWidget(self._open)
        top.body.addLayout(row)
        left = Stack(self._try, self._sort, grows=0, spacing=14)
        rows = QVBoxLayout(self._page)
        rows.setContentsMargins(16, 16, 16, 16)
        rows.setSpacing(14)
        rows.addWidget(top)
        rows.addWidget(
            FoldingPage(
                Part(widget=left, share=1, least_width=300, least_height=370),
                Part(widget=self._export, share=1, least_width=430, least_height=370),
                name="Try, classify, export",
            ),
            1,
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)
