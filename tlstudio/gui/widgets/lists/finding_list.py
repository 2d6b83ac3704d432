"""Findings below each other; every page shows its findings with this list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tlstudio.core.finding import Finding, Severity
from tlstudio.gui.widgets.lists.finding_button import WORDS, FindingButton

SPACING_PIXELS, RIGHT_PIXELS = 6, 4


def window_finding(severity: Severity, message: str, *, meaning: str = "") -> Finding:
    """Make a finding of the window itself, which no check found.

    Args:
        severity: As of a check.
        message: A plain sentence.
        meaning: Explains it further.
    """
    return Finding(check="", severity=severity, message=message, meaning=meaning)


class FindingList(QScrollArea):
    """Findings in a box; scrolls where they are many.

    Args:
        name: Accessible name of the list.
        shows_images: Whether pressing a finding asks for its images.

    Signals:
        show_requested: A `Finding` whose images are to be shown.
    """

    show_requested = Signal(object)

    def __init__(self, *, name: str, shows_images: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shows_images = shows_images
        self._findings: list[Finding] = []
        self.buttons: list[FindingButton] = []
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._inside.setProperty("plain", True)
        self._layout = QVBoxLayout(self._inside)
        self._layout.setContentsMargins(0, 0, RIGHT_PIXELS, 0)
        self._layout.setSpacing(SPACING_PIXELS)
        self._layout.addStretch(1)
        self.setWidget(self._inside)

    @property
    def findings(self) -> list[Finding]:
        """The findings shown, in order."""
        return list(self._findings)

    def heights(self) -> list[int]:
        """The height that each finding needs for the width of now, with the gap below it."""
        width = self.viewport().width() - RIGHT_PIXELS
        return [button.heightForWidth(width) + SPACING_PIXELS for button in self.buttons]

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show findings in this order. Rows are reused: texts change many times a second during training."""
        if list(findings) == self._findings:
            return
        self._findings = list(findings)
        for button, finding in zip(self.buttons, findings, strict=False):
            button.show_finding(finding)
        for button in self.buttons[len(findings) :]:
            # Hidden explicitly: a layout shows added widgets a moment later, and by then this would be
            # a window of its own.
            button.hide()
            button.setParent(None)
            button.deleteLater()
        del self.buttons[len(findings) :]
        for number, finding in enumerate(findings[len(self.buttons) :], start=len(self.buttons)):
            button = FindingButton(finding, shows_images=self._shows_images)
            button.clicked.connect(self._pressed)
            self._layout.insertWidget(number, button)
            self.buttons.append(button)
        self.setAccessibleDescription(
            " ".join(f"{WORDS[finding.severity]}: {finding.message}" for finding in findings)
        )

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, FindingButton) and button.is_pressable:
            self.show_requested.emit(button.finding)
