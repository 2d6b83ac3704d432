"""The window: header, steps, pages, footer. It shows the app's state and passes commands on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QGridLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import UserError
from tlstudio.gui.actions import WindowActions
from tlstudio.gui.app_state import AppState
from tlstudio.gui.dialogs.help_commands import HelpCommands
from tlstudio.gui.dropped import dropped_paths
from tlstudio.gui.engine_client import Job
from tlstudio.gui.geometry import bring_to_front, restore_geometry, save_geometry
from tlstudio.gui.lesson.bar import LessonBar
from tlstudio.gui.messages import show_messages
from tlstudio.gui.pages.home.page import HomePage
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.run_list import RunList
from tlstudio.gui.settings import Settings, available_threads, save_settings, use_settings
from tlstudio.gui.slow_imports import import_slow_modules
from tlstudio.gui.steps import HOME, PAGES, STEPS, build_page, steps_done
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.basics.term_tips import TermTips
from tlstudio.gui.widgets.frame.banner import Banner
from tlstudio.gui.widgets.frame.header import Header, RunEntry, attach_menu
from tlstudio.gui.widgets.frame.sidebar import Sidebar
from tlstudio.gui.widgets.frame.status_bar import StatusBar
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder

if TYPE_CHECKING:
    from tlstudio.gui.steps import Page

IMPORTS = "imports"
SUMMARY_MS = 150
SMALLEST = QSize(760, 440)
GROWTH = 0.8
"""Growth of the least width with the text; at the largest it is below 960, half of a full HD screen."""
BUILD_PAUSE_MS = 30
"""Pause between building two pages ahead of their first use, so that the window stays responsive."""


class MainWindow(QMainWindow):
    """The main window.

    Args:
        app_state: What it shows.
        settings: What the person chose; changes are saved by the window.
    """

    def __init__(self, app_state: AppState, *, settings: Settings) -> None:
        super().__init__()
        self.app_state = app_state
        self.settings = settings
        self._close_after_training = False
        self._evaluated: set[str] = set()
        self.setWindowTitle("tlstudio")
        self._fit_smallest()
        theme().changed.connect(self._fit_smallest)
        self.setAcceptDrops(True)
        TermTips(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        let_enter_press(self)
        self.actions_ = WindowActions(self)
        self.header = Header(threads=settings.threads or available_threads())
        self.sidebar = Sidebar(STEPS)
        self.banner = Banner()
        self.lesson = LessonBar(app_state, self.actions_.lesson)
        self.status = StatusBar()
        self.stack = QStackedWidget()
        self.runs = RunList(app_state, self)
        self.home = HomePage(app_state)
        self._pages: dict[str, Page] = {}
        self._add_page(HOME, self.home)
        self._lay_out()
        theme().dress(self)
        self._build_timer = QTimer(self, interval=BUILD_PAUSE_MS)
        self._build_timer.timeout.connect(self._build_next)
        self._refresh_timer = QTimer(self, interval=0, singleShot=True)
        self._refresh_timer.timeout.connect(self._refresh_steps)
        self._late_refresh_timer = QTimer(self, interval=SUMMARY_MS, singleShot=True)
        self._late_refresh_timer.timeout.connect(self._refresh_steps)
        self._connect()
        self.show_page(HOME)
        restore_geometry(self)

    # Building

    @Slot()
    def _fit_smallest(self) -> None:
        width = round(SMALLEST.width() * (1 + GROWTH * (theme().text_scale - 1)))
        self.setMinimumSize(width, SMALLEST.height())

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.lesson)
        middle.addWidget(self.banner)
        middle.addWidget(self.stack, 1)
        central = QWidget()
        grid = QGridLayout(central)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.header, 0, 0, 1, 2)
        grid.addWidget(self.sidebar, 1, 0)
        grid.addLayout(middle, 1, 1)
        grid.addWidget(self.status, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        app_state, actions = self.app_state, self.actions_
        attach_menu(self.header.brand, actions.main_menu())
        attach_menu(self.header.help, actions.help_menu())
        HelpCommands(actions, self)
        for page, action in {HOME: actions.home, **actions.pages}.items():
            action.setData(page)
            action.triggered.connect(self._go_to_action)
        actions.open_folder.triggered.connect(self.home.choose_folder)
        actions.open_project.triggered.connect(self.home.choose_project)
        actions.undo.triggered.connect(app_state.edits.undo)
        actions.settings.triggered.connect(self.show_settings)
        self.lesson.go_to.connect(self.show_page)
        actions.quit.triggered.connect(self.close)
        self.header.run_chosen.connect(self._choose_run)
        self.sidebar.chosen.connect(self.show_page)
        self.sidebar.settings_requested.connect(self.show_settings)
        self.status.cancel_requested.connect(self._cancel)
        self.runs.changed.connect(self._show_runs)
        show_messages(app_state, self.banner)
        app_state.claim.asked_for.connect(self._come_to_the_front)
        app_state.status_message.connect(self.status.show_message)
        app_state.job_started.connect(self.status.follow)
        app_state.project_changed.connect(self._project_changed)
        app_state.project_renamed.connect(self._show_name)
        app_state.model_opened.connect(self._show_use_page)
        app_state.run_changed.connect(self._show_runs)
        app_state.training_changed.connect(self._training_changed)
        for signal in (
            app_state.project_changed,
            app_state.images_changed,
            app_state.recipe_changed,
            app_state.runs_changed,
            app_state.run_changed,
            app_state.training_changed,
        ):
            signal.connect(self._refresh_timer.start)
        # Pages read figures in the background; their lines in the sidebar follow when those are there.
        app_state.background.done.connect(self._background_done)

    @Slot(object, object)
    def _background_done(self, key: object, _result: object) -> None:
        if key == IMPORTS:
            self._build_timer.start()
        if not self._late_refresh_timer.isActive():
            self._late_refresh_timer.start()

    def page(self, name: str) -> Page:
        """A page; built now if it was not yet."""
        if name not in self._pages:
            self._add_page(name, build_page(name, self.app_state))
        return self._pages[name]

    def _add_page(self, name: str, page: Page) -> None:
        page.go_to.connect(self.show_page)
        if (summary_changed := getattr(page, "summary_changed", None)) is not None:
            summary_changed.connect(self._refresh_timer.start)
        self._pages[name] = page
        self.stack.addWidget(page)

    def build_ahead(self) -> None:
        """Build the other pages one by one while the window is idle."""
        # Imports that the pages need would block the window on the GUI thread.
        self.app_state.background.submit(IMPORTS, import_slow_modules)

    @Slot()
    def _build_next(self) -> None:
        missing = [name for name in PAGES if name not in self._pages]
        if not missing:
            self._build_timer.stop()
            return
        self.page(missing[0])
        self._refresh_timer.start()

    # Showing

    @property
    def current_page(self) -> str:
        """Id of the page shown."""
        return next(name for name, page in self._pages.items() if page is self.stack.currentWidget())

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Go to a page."""
        self.stack.setCurrentWidget(self.page(name))
        self.banner.enter_page(name)
        self.sidebar.set_current(name)
        self.lesson.page_shown(name)
        self._mark_evaluated()
        self._refresh_timer.start()

    def open_path(self, path: Path) -> None:
        """Open a project, a run, an exported model or a folder of images."""
        self.app_state.open_path(path)

    @Slot()
    def _project_changed(self) -> None:
        self._show_name()
        # Where the last project was scrolled to means nothing in this one.
        for area in self.stack.findChildren(QAbstractScrollArea):
            area.verticalScrollBar().setValue(0)
        self.show_page("data" if self.app_state.project else HOME)

    @Slot()
    def _show_name(self) -> None:
        project = self.app_state.project
        self.header.set_project(project.name if project else None)
        self.setWindowTitle(f"{project.name} – tlstudio" if project else "tlstudio")
        self.setWindowFilePath(str(project.folder) if project else "")

    @Slot()
    def _show_use_page(self) -> None:
        self.show_page("use")

    @Slot()
    def _show_runs(self) -> None:
        run = self.app_state.run
        entries = list(self.runs.entries)
        if run is not None and str(run.path) not in [entry.path for entry in entries]:
            # It was only just started: its folder is still being made.
            entries.append(RunEntry(path=str(run.path), title=run_title(run.path.name), details=""))
        self.header.set_runs(entries, current=str(run.path) if run else None)

    @Slot()
    def _refresh_steps(self) -> None:
        self._mark_evaluated()
        done = steps_done(self.app_state, evaluated=self._evaluated)
        for step in STEPS:
            page = self._pages.get(step.page)
            summary = page.summary() if page is not None else ""
            self.sidebar.set_step(step.page, summary=summary, done=done[step.page])

    def _mark_evaluated(self) -> None:
        run = self.app_state.finished_run()
        if self.current_page == "evaluate" and run is not None and run.finished:
            self._evaluated.add(str(run.path))

    # Commands

    @Slot()
    def _go_to_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.show_page(action.data())

    @Slot(str)
    def _choose_run(self, path: str) -> None:
        self.app_state.select_run(RunFolder(Path(path)))

    @Slot(object)
    def _cancel(self, job: Job) -> None:
        job.command("cancel")
        if job is self.app_state.training:
            run = self.app_state.training_run
            later = "It can be resumed." if run and run.recipe.exists() else "It had only just begun."
            self.app_state.status_message.emit(f"The training is being stopped. {later}")

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        from tlstudio.gui.dialogs.settings_dialog import SettingsDialog

        dialog = SettingsDialog(
            self.settings, background=self.app_state.background, engine=self.app_state.engine, parent=self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._settings_changed)
        dialog.open()

    @Slot(object)
    def _settings_changed(self, settings: Settings) -> None:
        if settings.runtime != self.settings.runtime:
            self.app_state.engine.submit("use-runtime", runtime=settings.runtime)
        self.settings = settings
        save_settings(settings)
        use_settings(settings)
        self.app_state.threads = settings.threads
        self.header.set_threads(settings.threads or available_threads())
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme().apply(app, settings.appearance, text_scale=settings.text_scale)

    # Dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self.home.set_drop_active(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag has left the window."""
        self.home.set_drop_active(False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.home.set_drop_active(False)
        paths = dropped_paths(event.mimeData())
        event.acceptProposedAction()
        if len(paths) == 1:
            self.open_path(paths[0])
        else:
            self.app_state.show_error(
                UserError(
                    f"{len(paths)} things were dropped at once.", mend="Drop the one folder that holds them."
                )
            )

    # Closing

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Dismiss the banner on Esc, unless another widget handled the key."""
        if event.key() == Qt.Key.Key_Escape:
            self.banner.dismiss()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first while a training runs."""
        if self.app_state.training is not None and not self._may_close_while_training():
            event.ignore()
            return
        self._build_timer.stop()
        self._refresh_timer.stop()
        self._late_refresh_timer.stop()
        save_geometry(self)
        event.accept()

    @Slot()
    def _come_to_the_front(self) -> None:
        bring_to_front(self)
        self.app_state.status_message.emit("This project was opened once more; it is open here.")

    @Slot()
    def close_at_once(self) -> None:
        """Close without asking, e.g. at the end of the desktop session: a training can be resumed."""
        self._close_after_training = True
        self.close()

    def _may_close_while_training(self) -> bool:
        if self._close_after_training:
            return True
        from tlstudio.gui.dialogs.training_dialog import Answer, ask_about_training

        run = self.app_state.training_run
        has_learned = run is not None and RunHistory(run.read_events()).has_learned
        can_resume = run is not None and run.recipe.exists()
        answer = ask_about_training(self, has_learned=has_learned, can_resume=can_resume)
        if answer is not Answer.STOP_AND_KEEP:
            return answer is Answer.CLOSE
        # A training that ended while the dialog was open needs no command any more.
        if self.app_state.training is None:
            return True
        self._close_after_training = True
        self.app_state.training.command("stop")
        self.app_state.status_message.emit("The run ends with what it has learnt; then the window closes.")
        return False

    @Slot()
    def _training_changed(self) -> None:
        if self._close_after_training and self.app_state.training is None:
            QTimer.singleShot(0, self, self.close)
