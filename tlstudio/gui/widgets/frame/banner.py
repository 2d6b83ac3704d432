"""The banner above a page: what happened, what it means for the work, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.core.events import JobFailed
from tlstudio.gui.engine_client import EngineEnded, Job
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.icons import drawing, icon


@dataclass(frozen=True, slots=True)
class _Message:
    """A failure that is shown.

    Attributes:
        failure: What is said.
        page: The page that was shown when it came.
        operation: Of the job that failed; empty for an error of the window itself.
    """

    failure: JobFailed
    page: str
    operation: str


class Banner(QWidget):
    """Shows failures, newest first; a button and Esc dismiss them.

    A message withdraws by itself when its cause is gone (a later job of its operation succeeded, a change was
    saved, another project is open), and when the page is left on which it came. A fault of ours stays until
    it is dismissed, or until what failed is resumed: its details may be wanted. That the engine ended is over
    once any job has succeeded.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Message")
        self._waiting: list[_Message] = []
        self._page = ""
        self._operations: dict[str, str] = {}
        # The margin around the frame belongs to the banner, so that both are hidden together.
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 0)
        frame = QFrame()
        frame.setProperty("banner", True)
        outer.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 9, 9, 9)
        row.setSpacing(12)
        self._sign = QLabel()
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.what = _label()
        self.what.setProperty("heading", True)
        self.rest = _label()
        words.addWidget(self.what)
        words.addWidget(self.rest)
        row.addLayout(words, 1)
        self.copy_button = quiet_button(
            "&Copy details", tip="Copies the message, so that you can send it to us"
        )
        self.copy_button.clicked.connect(self._copy)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.close_button = QPushButton()
        self.close_button.setProperty("chip", True)
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setToolTip("Dismiss this message (Esc)")
        self.close_button.clicked.connect(self.dismiss)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        theme().changed.connect(self._apply_theme)
        self._apply_theme()
        self.hide()

    @Slot(object)
    def show_failure(self, failure: JobFailed) -> None:
        """Show a failure; equal messages are shown once."""
        said = (failure.what, failure.mend)
        self._keep(lambda message: (message.failure.what, message.failure.mend) != said)
        operation = self._operations.get(failure.run_id, "")
        self._waiting.append(_Message(failure, self._page, operation))
        self._show_newest()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot(object)
    def follow(self, job: Job) -> None:
        """Withdraw earlier failures of a job's operation once the job succeeds, or at once if it resumes."""
        self._operations[job.request.job_id] = job.operation
        if job.request.arguments.get("resume"):
            # Even a fault: what it asks for is being done, and the log has its details.
            self._waiting = [message for message in self._waiting if message.operation != job.operation]
            self._show_newest()
        job.succeeded.connect(self._job_succeeded)
        job.ended.connect(self._job_ended)

    @Slot(str)
    def withdraw(self, operation: str) -> None:
        """Withdraw the failures of an operation."""
        self._keep(lambda message: message.operation != operation)

    @Slot()
    def withdraw_own(self) -> None:
        """Withdraw the errors of the window itself, which no job brought."""
        self._keep(lambda message: bool(message.operation))

    @Slot()
    def withdraw_all(self) -> None:
        """Withdraw everything: another project is shown."""
        self._keep(lambda message: False)

    def enter_page(self, page: str) -> None:
        """Withdraw what came on the page that is left."""
        if page != self._page:
            self._keep(lambda message: message.page == page)
            self._page = page

    @Slot()
    def dismiss(self) -> None:
        """Remove the message shown, and show the next older one if there is one."""
        if self._waiting:
            self._waiting.pop()
        self._show_newest()

    @Slot()
    def _job_succeeded(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            # What any job does shows that the engine is there again.
            self._waiting = [
                message for message in self._waiting if not isinstance(message.failure, EngineEnded)
            ]
            self.withdraw(job.operation)
            self._show_newest()

    @Slot()
    def _job_ended(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            self._operations.pop(job.request.job_id, None)

    def _keep(self, is_kept: Callable[[_Message], bool]) -> None:
        """Withdraw all messages but faults and those for which `is_kept` is true."""
        kept = [message for message in self._waiting if message.failure.fault or is_kept(message)]
        if len(kept) < len(self._waiting):
            self._waiting = kept
            self._show_newest()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc dismisses."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            return
        super().keyPressEvent(event)

    def _show_newest(self) -> None:
        self.setVisible(bool(self._waiting))
        if not self._waiting:
            return
        newest = self._waiting[-1].failure
        older = len(self._waiting) - 1
        self.what.setText(newest.what)
        more = f"({older} more message{'s' if older > 1 else ''} below this one.)" if older else ""
        self.rest.setText(" ".join(filter(None, (newest.work, newest.mend, more))))
        self.rest.setVisible(bool(self.rest.text()))
        self.copy_button.setVisible(newest.fault)
        self.setAccessibleDescription(f"{newest.what} {self.rest.text()}")

    @Slot()
    def _copy(self) -> None:
        newest = self._waiting[-1].failure
        QGuiApplication.clipboard().setText("\n".join(filter(None, (newest.what, newest.detail))))

    @Slot()
    def _apply_theme(self) -> None:
        self._sign.setPixmap(drawing("warning", colour=theme().colours.bad, size=theme().pixels(20)))
        self.close_button.setIcon(icon("close", colour=theme().colours.text))


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    # File names are shown as they are, whatever they look like.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
