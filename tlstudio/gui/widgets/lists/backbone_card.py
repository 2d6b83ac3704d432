"""A backbone to choose: name, size, training data, and whether it is on this computer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tlstudio.gui.stage_text import count_words
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.models.catalogue import Availability, BackboneInfo

READY = ("embedded", "cached")


class BackboneCard(QAbstractButton):
    """One of several cards, of which one is chosen. Arrow keys go from card to card, Space chooses.

    Args:
        info: From the catalogue, or of another timm model.
        state: Whether it is on this computer; None when that is not known.

    Signals:
        download_requested: Id of this backbone.
        cancel_requested: The download should stop.
    """

    download_requested = Signal(str)
    cancel_requested = Signal()

    def __init__(self, info: BackboneInfo, state: Availability | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        title = QLabel(info.title)
        title.setProperty("heading", True)
        title.setWordWrap(True)
        self.chip = Chip("")
        facts = [f"{count_words(info.parameters)} weights"] if info.parameters else []
        facts += [info.pretrained_on.split(" (")[0]] if info.pretrained_on else []
        facts += [f"{info.input_size} px"] if info.input_size else []
        self.facts = _small(" · ".join(facts))
        summary = _small(info.summary)
        self.detail = _small("")
        self.detail.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.download = quiet_button("Download", tip="Fetch the weights once; afterwards it works offline")
        self.download.clicked.connect(self._download)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Download of {info.title}")
        self.cancel = quiet_button("Cancel", tip="Stop the download; what arrived is kept for the next time")
        self.cancel.clicked.connect(self.cancel_requested)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignTop)
        bottom = QHBoxLayout()
        for widget in (self.bar, self.cancel, self.download):
            bottom.addWidget(widget)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(4)
        layout.addLayout(top)
        for label in (self.facts, summary, self.detail):
            layout.addWidget(label)
        layout.addLayout(bottom)
        for label in (title, self.facts, summary):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.facts.setVisible(bool(facts))
        self.toggled.connect(self._show_parts)
        theme().changed.connect(self.update)
        self._downloading = False
        self.set_state(state)

    def set_state(self, state: Availability | None) -> None:
        """Show whether it is on this computer."""
        self.state = state
        name = state.state if state else "unknown"
        megabytes = f"{max(round(self.info.download_bytes / 1e6), 1)} MB"
        words, kind = {
            "embedded": ("ready offline", "ok"),
            "cached": ("ready offline", "ok"),
            "download": (f"download {megabytes}", "plain"),
            "needs-extra": ("extra package", "warn"),
            "unknown": ("timm", "plain"),
        }[name]
        self.chip.setText(words)
        self.chip.set_kind(kind)  # type: ignore[arg-type]  # one of the kinds above
        self.chip.set_tip(state.detail if state else "Not in the catalogue; looked up on the hub when needed")
        self.detail.setText(state.detail if state and state.state == "needs-extra" else "")
        self.setAccessibleName(f"{self.info.title}, {self.facts.text()}, {words}")
        self.setAccessibleDescription(self.info.summary)
        self._show_parts()

    @property
    def ready(self) -> bool:
        """Whether it works without a network."""
        return self.state is not None and self.state.state in READY

    def show_progress(self, fraction: float | None) -> None:
        """Show how far the download is, as a fraction; None when none runs."""
        self._downloading = fraction is not None
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * (fraction or 0)))
        self._show_parts()

    def sizeHint(self) -> QSize:
        """As its labels ask."""
        return self._layout.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As its labels ask."""
        return self._layout.minimumSize()

    def hasHeightForWidth(self) -> bool:
        """True: the labels wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height with the labels wrapped."""
        return self._layout.totalHeightForWidth(width)

    def event(self, event: QEvent) -> bool:
        """Show the hover colour at once."""
        if isinstance(event, QEnterEvent) or event.type() == QEvent.Type.Leave:
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame; a thick one in the accent when chosen."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        hover = self.underMouse() and not chosen
        edge = colours.accent if chosen else colours.muted if hover else colours.line
        painter.setPen(QPen(QColor(edge), 2 if chosen else 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 7, 7)

    def _download(self) -> None:
        self.setChecked(True)
        self.download_requested.emit(self.info.id)

    def _show_parts(self) -> None:
        name = self.state.state if self.state else "unknown"
        wanted = self.isChecked() and name in ("download", "unknown")
        self.download.setVisible(wanted and not self._downloading)
        self.bar.setVisible(self._downloading)
        self.cancel.setVisible(self._downloading)
        self.detail.setVisible(bool(self.detail.text()) and self.isChecked())
        self.updateGeometry()


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setProperty("small", True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
