"""The dialog shown when the window is closed during a training."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

CLOSE = "Close: it stops where it is, nothing is lost, and the run can be resumed."
CLOSE_EARLY = "Close: it has only just begun, so nothing of it is kept; start it again later."
STOP = "Stop and keep it: it is finished with what it has learnt so far, then the window closes."


class Answer(Enum):
    """Answers that the dialog can end with."""

    KEEP_TRAINING = auto()
    STOP_AND_KEEP = auto()
    CLOSE = auto()


def ask_about_training(parent: QWidget, *, has_learned: bool, can_resume: bool = True) -> Answer:
    """Ask whether to keep training, stop and keep what was learnt, or close; Escape keeps training.

    Args:
        parent: The window.
        has_learned: Whether there is something to keep.
        can_resume: Whether there is something to resume.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Training is running")
    box.setText("A run is being trained. What should become of it?")
    close_words = CLOSE if can_resume else CLOSE_EARLY
    box.setInformativeText(f"{close_words}\n{STOP}" if has_learned else close_words)
    keep = box.addButton("&Keep training", QMessageBox.ButtonRole.RejectRole)
    stop = box.addButton("&Stop and keep it", QMessageBox.ButtonRole.ActionRole) if has_learned else None
    close = box.addButton("&Close", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    answers = {stop: Answer.STOP_AND_KEEP, close: Answer.CLOSE}
    return next(
        (answer for button, answer in answers.items() if button and button is box.clickedButton()),
        Answer.KEEP_TRAINING,
    )
