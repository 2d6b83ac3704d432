"""The strip above the pages that leads through the first lesson; it blocks nothing and can be left."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.run_summary import summarise
from tlstudio.gui.app_state import AppState
from tlstudio.gui.lesson.memory import LessonMemory, read_memory, save_memory
from tlstudio.gui.lesson.plan import FAULTS, STEPS, Facts, current_step, is_lesson, where_to_mend
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.project.runs import RunFolder
from tlstudio.samples.first_lesson import FIRST_LESSON, ODD_IMAGE, WRONG_LABELS

PROJECT_NAME = "Nuts and bolts"
PAGE_TITLES = {"data": "Data", "model": "Model", "evaluate": "Evaluate"}


class LessonBar(QWidget):
    """Shows the step that is to be done in the sample of the first lesson, and nothing in other projects.

    Args:
        app_state: State of the window; what was done is read from it.
        start: Starts the lesson again.

    Signals:
        go_to: Id of the page of the step.
    """

    go_to = Signal(str)

    def __init__(self, app_state: AppState, start: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._memory = read_memory()
        self._is_lesson = False
        self._starts_over = False
        self._page = ""
        self._step_page = STEPS[0].page
        self._seen: set[str] = set()
        self._counted_runs: list[RunFolder] = []
        self._build()
        app_state.project_changed.connect(self._project_changed)
        app_state.images_changed.connect(self._show)
        app_state.runs_changed.connect(self._runs_changed)
        app_state.training_changed.connect(self._runs_changed)
        start.triggered.connect(self.restart)
        self._project_changed()

    @property
    def step(self) -> int:
        """Index of the step to be done; the number of steps when all are done."""
        return current_step(self._facts())

    def page_shown(self, page: str) -> None:
        """Note that a page is shown."""
        self._page = page
        self._show()

    @Slot()
    def restart(self) -> None:
        """Begin the lesson from its first step; opens its sample when another project is open."""
        self._starts_over = True
        if self._is_lesson:
            self._show()
        else:
            self._app_state.open_sample(FIRST_LESSON, title=PROJECT_NAME)

    def _start_over(self) -> None:
        """Give the planted images their wrong labels again, and count no earlier run."""
        self._starts_over = False
        earlier_runs = tuple(run.path.name for run in self._app_state.runs())
        self._memory = LessonMemory(earlier_runs=earlier_runs)
        save_memory(self._memory)
        mended = self._mended()
        left_out = {image.path for image in self._app_state.images_left_out()}.intersection(mended)
        if left_out:
            self._app_state.edits.bring_back(sorted(left_out))
        for path in mended:
            self._app_state.edits.set_label([path], class_name=path.partition("/")[0])
        self._seen.clear()
        self._page = ""
        self._runs_changed()
        self.go_to.emit(STEPS[0].page)

    @Slot()
    def leave(self) -> None:
        """Hide the lesson until it is started again."""
        self._memory = replace(self._memory, left=True)
        save_memory(self._memory)
        self._show()
        self._app_state.status_message.emit("Help → First lesson starts the lesson again.")

    # What was done

    def _facts(self) -> Facts:
        return Facts(
            seen=frozenset(self._seen),
            trained=bool(self._counted_runs),
            mended=len(self._mended()),
            retrained=self._retrained(),
            runs=len(self._counted_runs),
        )

    def _mended(self) -> list[str]:
        if not self._are_images_read():
            return []
        found = []
        for path, right in WRONG_LABELS.items():
            image = self._app_state.image(path)
            # Without a label the image teaches nothing wrong any more, and some are hard to name.
            if image is None or image.left_out or image.label() in (right, None):
                found.append(path)
        odd = self._app_state.image(ODD_IMAGE)
        if odd is None or odd.left_out or odd.label() is None:
            found.append(ODD_IMAGE)
        return found

    def _left_over(self) -> str | None:
        """Say where a planted image is that is not mended; None without one."""
        mended = self._mended()
        path = next((path for path in (*WRONG_LABELS, ODD_IMAGE) if path not in mended), None)
        image = self._app_state.image(path) if path is not None else None
        return where_to_mend(image.path, image.label()) if image is not None else None

    def _are_images_read(self) -> bool:
        return bool(self._app_state.images()) and not self._app_state.is_reading_images

    def _retrained(self) -> bool:
        """Return whether another run was finished since the last fault was mended."""
        before = self._memory.runs_when_mended
        return before is not None and any(run.path.name not in before for run in self._counted_runs)

    def _remember_mending(self) -> None:
        """Remember which runs there are when the last fault is mended."""
        if not self._are_images_read():
            return
        is_mended = len(self._mended()) == FAULTS
        if is_mended != (self._memory.runs_when_mended is not None):
            names = tuple(run.path.name for run in self._app_state.runs())
            self._memory = replace(self._memory, runs_when_mended=names if is_mended else None)
            save_memory(self._memory)

    def _lesson_runs(self) -> list[RunFolder]:
        return [run for run in self._app_state.runs() if run.finished] if self._is_lesson else []

    @Slot()
    def _project_changed(self) -> None:
        project = self._app_state.project
        self._is_lesson = project is not None and is_lesson(project.images_root)
        self._seen.clear()
        self._runs_changed()

    @Slot()
    def _runs_changed(self) -> None:
        earlier = self._memory.earlier_runs
        self._counted_runs = [run for run in self._lesson_runs() if run.path.name not in earlier]
        self._show()

    # Showing

    @Slot()
    def _show(self) -> None:
        self.setVisible(self._is_lesson and not self._memory.left)
        if not self._is_lesson:
            return
        if self._starts_over and self._are_images_read():
            self._start_over()
            return
        if self._page != "evaluate" or self._counted_runs:  # without a run that page shows nothing
            self._seen.add(self._page)
        self._remember_mending()
        facts = self._facts()
        number = current_step(facts)
        if number == len(STEPS):
            self.count.setText("done")
            self.title.setText("The lesson is done")
            self.words.setText(f"{self._compared()} The same way leads through images of your own.")
            self.show_me.hide()
            self.leave_button.setText("&Close")
            return
        step = STEPS[number]
        left = self._left_over() if facts.runs > 1 and facts.mended < FAULTS else None
        if left is not None:  # the classifier may have learned to take its label for right
            step = replace(step, page="data", text=left)
        self.count.setText(f"step {number + 1} of {len(STEPS)}")
        self.title.setText(step.title)
        mended = f" {facts.mended} of {FAULTS} mended." if 0 < facts.mended < FAULTS else ""
        training = " It is learning …" if self._app_state.training is not None else ""
        self.words.setText(f"{step.text}{mended}{training}")
        self._step_page = step.page
        self.show_me.setText(f"Go to {PAGE_TITLES[step.page]}")
        self.show_me.setAccessibleName(self.show_me.text())
        self.show_me.setVisible(self._page != step.page and not training)
        self.leave_button.setText("&Leave the lesson")
        self.setAccessibleName(f"First lesson, {self.count.text()}: {step.title}")

    def _compared(self) -> str:
        """The accuracies of the first and the last run, as far as they are known."""
        first, last = (summarise(self._counted_runs[number]).accuracy for number in (0, -1))
        if first is None or last is None or len(self._counted_runs) < 2:
            return "You found and mended all four faults."
        return (
            f"You mended four faults: {percent(first, digits=1)} before, {percent(last, digits=1)} now. The "
            "classifier was better than its labels."
        )

    @Slot()
    def _go(self) -> None:
        # The button hides on the page of the step; the focus must not go to the one that leaves the lesson.
        self.show_me.clearFocus()
        self.go_to.emit(self._step_page)

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 10, 16, 0)
        frame = QFrame()
        frame.setProperty("card", True)
        outer.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(10)
        self.count = Chip("", kind="accent", tip="The first lesson, made of a sample with planted faults.")
        self.title = QLabel()
        self.title.setProperty("heading", True)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.show_me = quiet_button("Go to Data", tip="Show the page of this step.")
        self.leave_button = quiet_button(
            "&Leave the lesson", tip="Hide this line. Help → First lesson brings it back."
        )
        row.addWidget(self.count)
        row.addWidget(self.title)
        row.addWidget(self.words, 1)
        row.addWidget(self.show_me)
        row.addWidget(self.leave_button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.show_me.clicked.connect(self._go)
        self.leave_button.clicked.connect(self.leave)
        self.hide()
