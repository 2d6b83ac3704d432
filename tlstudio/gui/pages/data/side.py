"""The right side of the Data page: the selected image, and the health of the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.gui.engine_client import Background
from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.data.filter import label_source
from tlstudio.gui.project_images import image_file
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import breakable
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.basics.term_tips import as_tip
from tlstudio.gui.widgets.images.preview import Preview
from tlstudio.gui.widgets.lists.finding_list import FindingList
from tlstudio.project.store import ProjectImage

MOST_FINDINGS = 60
LEAST_LIST_PIXELS = 110


class PreviewCard(Card):
    """A card with the current image, its details, and its label.

    Args:
        background: Reads the image.

    Signals:
        classes_requested: Where on the screen the list of classes is to open.
        left_out_toggled: Leave the selected images out, or bring them back.
    """

    classes_requested = Signal(QPoint)
    left_out_toggled = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.picture = Preview(background)
        self.name = QLabel()
        self.name.setProperty("heading", True)
        self.facts = QLabel()
        self.facts.setProperty("muted", True)
        for label in (self.name, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label = Chip("", kind="accent", tip="Choose the class of the selected images (L)")
        self.label.clicked.connect(self.request_classes)
        self.out = Chip("Leave out")
        self.out.clicked.connect(self.left_out_toggled)
        self.source = QLabel()
        self.source.setWordWrap(True)
        self.source.setProperty("muted", True)
        row = FlowLayout(spacing=8)
        row.addWidget(self.label)
        row.addWidget(self.out)
        self.body.setSpacing(6)
        for part in (self.picture, self.name, self.facts):
            self.body.addWidget(part)
        self.body.addLayout(row)
        self.body.addWidget(self.source)
        self.show_image(None, root="", selected=0)

    def show_image(self, image: ProjectImage | None, *, root: str, selected: int) -> None:
        """Show an image, or the hint when there is none."""
        self.picture.show_path(image_file(root, image.path) if image else "")
        if image is not None:
            self._show_image(image, selected=selected)
        if self.name.isHidden() == (image is not None):
            self._show_details(image is not None)

    def _show_details(self, shown: bool) -> None:
        """Set all details at once: each alone would lay out the card again, 40 ms the first time."""
        arranging = self.layout()
        assert arranging is not None
        arranging.setEnabled(False)
        for widget in (self.name, self.facts, self.label, self.out, self.source):
            widget.setVisible(shown)
        arranging.setEnabled(True)
        arranging.activate()

    def _show_image(self, image: ProjectImage, *, selected: int) -> None:
        self.name.setText(breakable(PurePosixPath(image.path).name))
        self.name.setToolTip(as_tip(image.path))
        facts = [f"{image.width} × {image.height}", *image.notes]
        self.facts.setText(" · ".join(facts))
        self.label.setText(f"{image.label() or 'no label'} ▾")
        self.label.setAccessibleName(f"Label: {image.label() or 'none'}. Press to change.")
        self.label.set_kind("accent" if image.label() else "plain")
        self.out.setText("Bring back" if image.left_out else "Leave out")
        self.out.set_tip(
            "Use the selected images again (X)"
            if image.left_out
            else "Keep the selected images out of checks and training; they stay where they are (X)"
        )
        others = f" · {grouped(selected)} images selected" if selected > 1 else ""
        self.source.setText(label_source(image, now=datetime.now(UTC).astimezone()) + others)

    @Slot()
    def request_classes(self) -> None:
        """Ask for the list of classes, below the label."""
        if self.label.isVisible():
            self.classes_requested.emit(self.label.mapToGlobal(self.label.rect().bottomLeft()))


class HealthCard(Card):
    """A card with the findings of the data checks.

    Signals:
        show_requested: A `Finding` whose images are to be shown.
    """

    show_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Data health", parent)
        self.words = QLabel("The checks start once all images have been read.")
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.list = FindingList(name="Findings about the data", shows_images=True)
        self.list.show_requested.connect(self.show_requested)
        self.body.addWidget(self.words)
        self.body.addWidget(self.list, 1)
        self.list.setMinimumHeight(LEAST_LIST_PIXELS)

    def show_message(self, words: str) -> None:
        """Show a sentence instead of findings."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show findings, the most severe first."""
        ordered = most_severe_first(findings)
        self.list.set_findings(ordered[:MOST_FINDINGS])
        more = len(ordered) > MOST_FINDINGS
        self.show_message(f"The {MOST_FINDINGS} most severe of {len(ordered)} findings." if more else "")
