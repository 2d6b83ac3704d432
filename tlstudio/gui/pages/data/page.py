"""The Data page: look at the images, label them, see how they are divided and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QStackedLayout, QWidget

from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.data.arrivals import Arrivals
from tlstudio.gui.pages.data.checking import Checking
from tlstudio.gui.pages.data.class_menu import ClassCommands
from tlstudio.gui.pages.data.dividing import Dividing
from tlstudio.gui.pages.data.filter import SUGGESTED, Shown, counts
from tlstudio.gui.pages.data.folders import Folders
from tlstudio.gui.pages.data.further import FurtherLine
from tlstudio.gui.pages.data.labelling import Labelling
from tlstudio.gui.pages.data.mending import Mending
from tlstudio.gui.pages.data.panels import ClassesCard, FilterGroup, ShowCard, SplitCard
from tlstudio.gui.pages.data.side import HealthCard, PreviewCard
from tlstudio.gui.pages.data.suggesting import Suggesting
from tlstudio.gui.pages.data.values_card import ValuesCard
from tlstudio.gui.pages.data.view import DataView
from tlstudio.gui.pages.train_again import TrainAgainCard
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.basics.buttons import primary_button
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.folding import SideColumns, Stack

LEFT_PIXELS, RIGHT_PIXELS, LEAST_VIEW_PIXELS = 228, 284, 340
SEARCH_AFTER_MS = 150
SCAN = "scan-project"


class DataPage(QWidget):
    """Shows and labels the images; shows the split and the findings of the data checks.

    Args:
        app_state: State of the window.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Data"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._shown = Shown()
        self._reading: Job | None = None
        self._is_new = True
        self._build()
        self._connect()
        self._project_changed()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self._app_state.project is None:
            return "drop a folder of images"
        if not self._app_state.images_folder.is_there:
            return "folder not found"
        images, classes = len(self._app_state.images()), len(self._app_state.project.classes())
        if not images and self._is_reading:
            return "reading …"
        return f"{count(images, 'image', digits=grouped)}, {count(classes, 'class', plural='classes')}"

    @property
    def _is_reading(self) -> bool:
        """True while images are being read."""
        return self._reading is not None or self._app_state.is_reading_images

    def show_class(self, name: str | None) -> None:
        """Show the images of one class; None shows all."""
        self._show(Shown("class", name) if name else Shown())

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the images, so that keys label them at once."""
        super().showEvent(event)
        self.view.grid.setFocus()

    # Building

    def _build(self) -> None:
        self.no_project = EmptyState(
            "No images yet", "Drop a folder here, or start on the first page.", action="Choose images…"
        )
        self.missing_folder = EmptyState("", "", action="Find folder…")
        self.group = FilterGroup(self)
        self.classes = ClassesCard()
        self.further = FurtherLine(self._app_state)
        self.classes.body.addWidget(self.further)
        self.show_card = ShowCard(self.group)
        self.split = SplitCard(self.group)
        self.view = DataView(self._app_state.background)
        self.folders = Folders(self._app_state, groups_button=self.split.groups, parent=self)
        self.view.body.insertWidget(0, self.folders.card)
        self.preview = PreviewCard(self._app_state.background)
        self.health = HealthCard()
        self.checking = Checking(self._app_state, self.health)
        self.next = primary_button("Next: &Model →", tip="Choose what to train")
        self.next.setSizePolicy(
            self.next.sizePolicy().Policy.Expanding, self.next.sizePolicy().verticalPolicy()
        )
        self.labelling = Labelling(self, self._app_state, self.view)
        self.suggesting = Suggesting(self._app_state, self.view, self.show_card)
        self.commands = ClassCommands(self.classes, self._app_state.edits, self)
        self.arrivals = Arrivals(self, self._app_state, self.classes.list)
        self.dividing = Dividing(self, self._app_state)
        self.mending = Mending(self._app_state, self.view, dividing=self.dividing, folders=self.folders)
        self.again = TrainAgainCard(self._app_state, direction=QBoxLayout.Direction.TopToBottom)
        self.setAcceptDrops(True)
        page = SideColumns(
            Stack(self.classes, self.show_card, self.split, ValuesCard(self._app_state)),
            self.view,
            Stack(self.preview, self.health, grows=1),
            foot=Stack(self.again, self.next, grows=0),
            widths=(LEFT_PIXELS, RIGHT_PIXELS),
            least_middle=LEAST_VIEW_PIXELS,
            shrinks=True,
        )
        self._stack = QStackedLayout(self)
        for widget in (page, self.no_project, self.missing_folder):
            self._stack.addWidget(widget)
        self._page = page
        self._search_timer = _timer(self, SEARCH_AFTER_MS)

    def _connect(self) -> None:
        app_state = self._app_state
        app_state.project_changed.connect(self._project_changed)
        app_state.images_changed.connect(self._images_changed)
        app_state.job_started.connect(self._job_started)
        app_state.images_folder.changed.connect(self._show_page)
        shown_windows().changed.connect(self._values_changed)
        self.no_project.action_requested.connect(self._go_home)
        self.missing_folder.action_requested.connect(self._find_folder)
        self.next.clicked.connect(self._go_to_model)
        self.group.chosen.connect(self._show)
        self.classes.list.chosen.connect(self.show_class)
        self.classes.left.connect(self.view.grid.setFocus)
        self.show_card.add_requested.connect(self.arrivals.choose)
        self.show_card.look_requested.connect(self._look_again)
        self.suggesting.changed.connect(self._refresh_view)
        self.folders.answered.connect(self.checking.check_soon)
        self.again.started.connect(self._go_to_train)
        app_state.edits.undone.connect(self.show_images)
        self.split.change_requested.connect(self.dividing.ask)
        self.view.all_requested.connect(self._show_all)
        self.view.search.textChanged.connect(self._search_timer.start)
        self.view.sort.currentIndexChanged.connect(self._refresh_view)
        self.view.grid.selection_changed.connect(self._selection_changed)
        self.preview.classes_requested.connect(self.labelling.open_picker)
        self.preview.left_out_toggled.connect(self.labelling.toggle_left_out)
        self.health.show_requested.connect(self._show_finding)
        app_state.images_of_requested.connect(self._show_finding)
        self._search_timer.timeout.connect(self._refresh_view)
        for key, slot in (
            ("Ctrl+F", self.view.search.setFocus),
            ("L", self.preview.request_classes),
            ("Ctrl+V", self.arrivals.paste),
            ("F5", self._look_again),
        ):
            self.labelling.add_key(key, slot)

    # Dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept images while a project is open."""
        self.arrivals.drag_entered(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the class under the pointer."""
        self.arrivals.drag_moved(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag has left the page."""
        self.arrivals.drag_left(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        self.arrivals.dropped(event)

    # What is shown

    @Slot()
    def _project_changed(self) -> None:
        self._shown = Shown()
        self.suggesting.show(self._shown)
        self._is_new = True
        self.view.search.clear()
        self.checking.forget()
        self.view.grid.thumbnails.forget()
        project = self._app_state.project
        self._show_page()
        if project is not None:
            self._images_changed()

    @Slot()
    def _images_changed(self) -> None:
        project = self._app_state.project
        if project is None:
            return
        images = self._app_state.images()
        counted = counts(images)
        looks = self._app_state.edits.looks()
        self.classes.set_classes(looks, counts=counted.by_class)
        left_out = len(self._app_state.images_left_out())
        self.show_card.left_out.set_count(left_out)
        self.show_card.left_out.setVisible(left_out > 0 or self._shown.kind == "left_out")
        self.show_card.all.set_count(len(images))
        unlabelled = counted.by_class.get(None, 0)
        self.show_card.unlabelled.set_count(unlabelled)
        self.show_card.offer_suggestions(unlabelled > 0 or self._shown.kind in SUGGESTED)
        self.show_card.problems.set_count(project.problems_count())
        split = project.split_settings()
        self.split.set_split(counted, notes=split.notes if split else ())
        if self._shown.kind == "class" and self._shown.value not in {look.name for look in looks}:
            self._shown = Shown()
        self._refresh_view()
        if images and self._is_new:
            self._is_new = False
            if self.isVisible() and not self.view.search.text():
                self.view.grid.setFocus()  # hidden while the images were read, they could not take the focus
        if images and not self._is_reading:
            if self.health.list.findings:
                self.checking.check_soon()
            else:
                self.checking.check()

    @Slot()
    def _refresh_view(self) -> None:
        project = self._app_state.project
        if project is None:
            return
        # Their zeros would mislead as long as the folder is read.
        self._page.show_sides(not self._is_reading or bool(self._app_state.images()))
        self.group.show_chosen(self._shown)
        self.classes.list.show_chosen(self._shown.value if self._shown.kind == "class" else None)
        if self._shown.kind == "problems":
            self.view.show_problems(project.problems(), shown=self._shown)
        else:
            is_left_out = self._shown.kind == "left_out"
            images = self._app_state.images_left_out() if is_left_out else self._app_state.images()
            looks = self._app_state.edits.looks()
            shown = self.suggesting.filled(self._shown)
            self.view.show_images(images, shown=shown, root=str(project.images_root), looks=looks)
            if self.suggesting.is_waiting and images:
                self.view.show_message(*self.suggesting.waiting_words())
            if not images and not self._is_reading and not is_left_out:
                self.view.show_message("No images here", "The folder holds no image that can be read.")
        self._selection_changed()

    @Slot(object)
    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.suggesting.show(shown)
        self._refresh_view()

    @Slot()
    def _show_all(self) -> None:
        self._show(Shown())
        self.view.grid.setFocus()

    @Slot(object)
    def _show_finding(self, finding: Finding) -> None:
        # Files that cannot be read have no place in the grid; their list has the reasons.
        known = any(self._app_state.image(path) is not None for path in finding.paths)
        self.mending.offer(finding.action)
        self._show(Shown("finding", finding.message, finding.paths) if known else Shown("problems"))

    @Slot()
    def _selection_changed(self) -> None:
        project, grid = self._app_state.project, self.view.grid
        if project is None:
            return
        count, key = grid.selected_count(), grid.current_key()
        if not grid.is_selected(key):
            key = grid.selected_keys()[-1] if count else None
        image = self._app_state.image(key) if key else None
        self.preview.show_image(image, root=str(project.images_root), selected=count)

    @Slot(object)
    def show_images(self, paths: Sequence[str]) -> None:
        """Select images and scroll to the first; a filter that hides it is taken off."""
        images = [image for path in paths if (image := self._app_state.image(path)) is not None]
        if not images:
            return
        shown = Shown("left_out") if images[0].left_out else Shown()
        is_hidden = not self.view.grid.has_key(images[0].path) or self._shown.kind == "problems"
        if is_hidden:
            self.view.search.clear()
            self._show(shown)
        self.view.grid.select_keys([image.path for image in images])

    # Checks, folder

    @Slot(object)
    def _job_started(self, job: Job) -> None:
        if job.operation == SCAN:
            self._reading = job
            self.checking.stop()
            job.ended.connect(self._read)
            self._refresh_view()

    @Slot()
    def _values_changed(self) -> None:
        if self.health.list.findings and not self._is_reading:
            self.checking.check_soon()  # how images are seen is one of the findings

    @Slot()
    def _look_again(self) -> None:
        self.folders.ask_again()
        self._app_state.folder.look_again()

    @Slot()
    def _read(self) -> None:
        if self.sender() is not self._reading:
            return  # another folder was opened meanwhile
        self._reading = None
        if self._app_state.project is None:
            return
        self._app_state.images_folder.check()
        self._refresh_view()
        if self._app_state.images() and not self._is_reading:
            self.checking.check()

    @Slot()
    def _show_page(self) -> None:
        """Show the images, or what to do when there are none to show."""
        project = self._app_state.project
        if project is None:
            self._stack.setCurrentWidget(self.no_project)
        elif self._app_state.images_folder.is_there:
            self._stack.setCurrentWidget(self._page)
        else:
            self.missing_folder.set_text(
                "The images folder is not there",
                f"{project.images_root} cannot be found. Plug in its drive, or, if the folder was moved, "
                "find it. Your labels are safe in the project.",
            )
            self._stack.setCurrentWidget(self.missing_folder)
            self._app_state.explained.emit(SCAN)

    @Slot()
    def _find_folder(self) -> None:
        dialog = QFileDialog(self, "Where are the images now?")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._found)
        dialog.open()

    @Slot(str)
    def _found(self, folder: str) -> None:
        if self._app_state.project is not None:
            self._app_state.move_images(Path(folder))

    @Slot()
    def _go_home(self) -> None:
        self.go_to.emit("home")

    @Slot()
    def _go_to_train(self) -> None:
        self.go_to.emit("train")

    @Slot()
    def _go_to_model(self) -> None:
        self.go_to.emit("model")


def _timer(parent: QWidget, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
