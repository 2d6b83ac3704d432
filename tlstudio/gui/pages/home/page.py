"""The home page: open images, or continue earlier work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.files import projects_dir
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.home.missing_project import MissingProjectBox
from tlstudio.gui.pages.home.recent_projects import EarlierWork, InterruptedRun, earlier_work, run_title
from tlstudio.gui.show_in_folder import show_in_folder
from tlstudio.gui.theme import restyle, theme
from tlstudio.gui.widgets.basics.buttons import link_button, primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.folding import FoldingPage, Part, Stack
from tlstudio.gui.widgets.basics.icons import drawing
from tlstudio.gui.widgets.lists.recent_table import RecentTable
from tlstudio.project.recent import forget_project
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import FILE_NAME
from tlstudio.samples.first_lesson import FIRST_LESSON

SAMPLES = (
    (
        FIRST_LESSON,
        "Nuts and bolts",
        "A lesson of about five minutes: drawn parts in four classes, some of them labelled wrong",
    ),
    ("handwritten-digits", "Handwritten digits", "Small scans of the digits 0 to 9"),
)
NONE_YET = "None yet. What you open is listed here."
NO_MATCH = "No project has these words in its name."
SEARCHED_FROM = 12
"""Recent projects beyond which the list can be searched."""
HOW_IT_WORKS = (
    ("Data", "add images, label them, clean up."),
    ("Model", "choose what to train."),
    ("Train", "watch it learn."),
    ("Evaluate", "see where it errs and why."),
    ("Use", "try it, export it."),
)


class HomePage(QWidget):
    """Drop zone, samples, recent projects, an interrupted run.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Home"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._interrupted: InterruptedRun | None = None
        self._reading = 0
        self._earlier = EarlierWork(recent=(), missing=frozenset(), interrupted=None)
        self.drop_zone = DropZone()
        self.drop_zone.choose.clicked.connect(self.choose_folder)
        self.drop_zone.open.clicked.connect(self.choose_project)
        self.drop_zone.zip.clicked.connect(self.choose_zip)
        for button in self.drop_zone.samples:
            button.clicked.connect(self._open_sample)
        side = Stack(self._recent_card(), _how_it_works(), self._interrupted_card(), grows=0)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 16, 16, 16)
        page.addWidget(
            FoldingPage(
                Part(widget=self.drop_zone, share=135, least_width=400, least_height=290),
                Part(widget=side, share=100, least_width=280, least_height=330),
                name="Start",
            )
        )
        app_state.background.done.connect(self._background_done)
        app_state.training_changed.connect(self.refresh)
        app_state.recent_changed.connect(self.refresh)

    def summary(self) -> str:
        """Home has no line in the sidebar."""
        return ""

    def showEvent(self, event: QShowEvent) -> None:
        """Read earlier work again each time the page is shown."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read recent projects and interrupted runs again, in the background."""
        if self.isVisible():
            self._reading += 1
            self._app_state.background.submit(("home", id(self), self._reading), earlier_work)

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder of images and open it."""
        folder = QFileDialog.getExistingDirectory(self, "Folder of images", str(Path.home()))
        if folder:
            self._app_state.open_path(Path(folder))

    @Slot()
    def choose_project(self) -> None:
        """Ask for a project and open it."""
        folder = QFileDialog.getExistingDirectory(self, "Open project", str(projects_dir()))
        if folder:
            self._app_state.open_project(Path(folder))

    @Slot()
    def choose_zip(self) -> None:
        """Ask for a zip file of images and open it."""
        file, _ = QFileDialog.getOpenFileName(self, "Zip file of images", str(Path.home()), "Zip (*.zip)")
        if file:
            self._app_state.open_path(Path(file))

    def set_drop_active(self, active: bool) -> None:
        """Highlight the drop zone while something is dragged over the window."""
        self.drop_zone.set_active(active)

    def _recent_card(self) -> Card:
        card = Card("Recent projects")
        self.recent = RecentTable()
        self.recent.project_chosen.connect(self._open_recent)
        self.recent.renamed.connect(self._rename_recent)
        self.recent.removed.connect(self._remove_recent)
        self.recent.folder_wanted.connect(self._show_folder)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a project")
        self.search.setAccessibleName("Find a project")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show_recent)
        self.search.hide()
        self.no_recent = QLabel(NONE_YET)
        self.no_recent.setProperty("muted", True)
        self.no_recent.setWordWrap(True)
        card.body.addWidget(self.search)
        card.body.addWidget(self.recent, 1)
        card.body.addWidget(self.no_recent)
        card.body.addStretch(0)
        self.recent.hide()
        card.body.setAlignment(self.no_recent, Qt.AlignmentFlag.AlignTop)
        return card

    def _interrupted_card(self) -> Card:
        self.interrupted = Card("A run was interrupted")
        row = QHBoxLayout()
        self.interrupted_text = QLabel()
        self.interrupted_text.setProperty("muted", True)
        self.interrupted_text.setWordWrap(True)
        self.interrupted_text.setTextFormat(Qt.TextFormat.PlainText)
        self.resume = quiet_button("&Resume", tip="Open its project and continue from the last checkpoint")
        self.resume.clicked.connect(self._resume)
        row.addWidget(self.interrupted_text, 1)
        row.addWidget(self.resume)
        self.interrupted.body.addLayout(row)
        self.interrupted.hide()
        return self.interrupted

    @Slot(object, object)
    def _background_done(self, key: object, result: object) -> None:
        if key != ("home", id(self), self._reading) or not isinstance(result, EarlierWork):
            return
        self._earlier = result
        self._show_recent()
        self._show_interrupted(result.interrupted)

    @Slot()
    def _show_recent(self) -> None:
        listed = self._earlier.recent
        words = self.search.text().casefold().split()
        found = [entry for entry in listed if all(word in entry.name.casefold() for word in words)]
        self.recent.set_projects(found, missing=self._earlier.missing)
        self.search.setVisible(len(listed) > SEARCHED_FROM or bool(words))
        self.recent.setVisible(bool(found))
        self.no_recent.setText(NO_MATCH if words else NONE_YET)
        self.no_recent.setVisible(not found)

    def _show_interrupted(self, found: InterruptedRun | None) -> None:
        self._interrupted = found
        self.interrupted.setVisible(found is not None and self._app_state.training is None)
        if found is not None:
            self.interrupted_text.setText(
                f"“{found.project}”, {run_title(found.run.name).lower()}, {found.done}."
            )

    @Slot(str)
    def _open_recent(self, folder: str) -> None:
        if not self.isVisible():
            return
        if (Path(folder) / FILE_NAME).exists():
            self._app_state.open_project(Path(folder))
            return
        name = next((entry.name for entry in self._earlier.recent if entry.folder == folder), folder)
        box = MissingProjectBox(name, folder, parent=self)
        box.found.connect(self._found_elsewhere)
        box.removed.connect(self._remove_recent)
        box.open()

    @Slot(str, str)
    def _found_elsewhere(self, old: str, folder: str) -> None:
        self._app_state.open_project(Path(folder))
        project = self._app_state.project
        if project is not None and project.folder == Path(folder).resolve():
            forget_project(old)

    @Slot(str, str)
    def _rename_recent(self, folder: str, name: str) -> None:
        self._app_state.rename_project(Path(folder), name=name)
        self.refresh()

    @Slot(str)
    def _remove_recent(self, folder: str) -> None:
        forget_project(folder)
        # At once, so that the next press of Del means the next project.
        left = tuple(project for project in self._earlier.recent if project.folder != folder)
        self._earlier = replace(self._earlier, recent=left)
        self._show_recent()
        self._app_state.status_message.emit(f"No longer listed. The project stays in {folder}.")
        self.refresh()

    @Slot(str)
    def _show_folder(self, folder: str) -> None:
        show_in_folder(Path(folder))

    @Slot()
    def _open_sample(self) -> None:
        sample, title, _ = next(
            entry
            for entry, button in zip(SAMPLES, self.drop_zone.samples, strict=True)
            if button is self.sender()
        )
        self._app_state.open_sample(sample, title=title)

    @Slot()
    def _resume(self) -> None:
        if self._interrupted is None:
            return
        folder, run = Path(self._interrupted.folder), self._interrupted.run
        if self._app_state.project is None or self._app_state.project.folder != folder.resolve():
            self._app_state.open_project(folder)
        if self._app_state.project is not None:
            self._app_state.resume(RunFolder(Path(run.path)))
            self.go_to.emit("train")


class DropZone(QFrame):
    """The dashed area that invites to drop a folder; dropping works anywhere on the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("dropzone", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addStretch(1)
        self._arrow = QLabel()
        self._arrow.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._arrow)
        layout.addWidget(_centred("Drop a folder or a zip of images here", "big"))
        layout.addWidget(
            _centred(
                "One sub-folder per class, or loose images to label in the app.\n"
                "Your files stay where they are and are never changed.",
                "muted",
            )
        )
        self.choose = primary_button("&Choose folder…", tip="Choose a folder of images (Ctrl+O)")
        self.open = quiet_button("Open &project…", tip="Open a project made earlier (Ctrl+Shift+O)")
        self.zip = quiet_button("Open &zip…", tip="Open a zip file of images; it is unpacked into a project")
        layout.addLayout(_centred_row(self.choose, self.zip, self.open))
        self.samples = [link_button(title, tip=tip) for _, title, tip in SAMPLES]
        lesson, other = self.samples
        layout.addWidget(_centred("New here? Take the first lesson, in five short steps:", "muted"))
        layout.addLayout(_centred_row(lesson))
        layout.addWidget(_centred("or look around with a sample:", "muted"))
        layout.addLayout(_centred_row(other))
        layout.addStretch(1)
        self.setAccessibleName("Drop a folder or a zip of images here")
        theme().changed.connect(self._apply_theme)
        self._apply_theme()

    def set_active(self, active: bool) -> None:
        """Highlight the drop zone while something is dragged over the window."""
        self.setProperty("active", active)
        restyle(self)

    @Slot()
    def _apply_theme(self) -> None:
        self._arrow.setPixmap(drawing("drop", colour=theme().colours.accent, size=theme().pixels(56)))


def _how_it_works() -> Card:
    card = Card("How it works")
    text = " ".join(
        f"<b>{number}</b>&nbsp;{title}: {words}"
        for number, (title, words) in enumerate(HOW_IT_WORKS, start=1)
    )
    label = QLabel(text)
    label.setWordWrap(True)
    card.body.addWidget(label)
    return card


def _centred(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setProperty(look, True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setWordWrap(True)
    return label


def _centred_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
