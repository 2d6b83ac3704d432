"""A backbone to choose: name, size, training data, and whether it is on this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from tlstudio.gui.stage_text import count_words
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.chip import Chip, Kind
from tlstudio.gui.widgets.basics.choice_card import ChoiceCard, card_label
from tlstudio.gui.widgets.basics.elided import breakable
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.models.catalogue import Availability, BackboneInfo, is_clip
from tlstudio.models.licences import Light, licence_terms

READY = ("embedded", "cached")
OWN = "Its weights are a file of yours; nothing is downloaded"
LIGHTS: dict[Light, Kind] = {"green": "ok", "amber": "warn", "red": "bad"}


class BackboneCard(ChoiceCard):
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
        title = card_label(breakable(info.title), look="heading")
        self.chip = Chip("")
        facts = [f"{count_words(info.parameters)} weights"] if info.parameters else []
        facts += [info.pretraining_name] if info.pretraining_name else []
        facts += [f"{info.input_size} px"] if info.input_size else []
        self.facts = _small(" · ".join(facts))
        summary = _small(info.summary)
        terms = licence_terms(info.licence)
        self.licence = Chip(
            f"{info.licence or 'no licence stated'}: {terms.words}",
            kind=LIGHTS[terms.light],
            tip=" ".join(part for part in (terms.sentence, info.licence_note) if part),
        )
        # What may be used for anything needs no warning; the facts about the choice name its licence.
        self.licence.setVisible(bool(info.licence) and terms.light != "green")
        self.measured = _small("")
        self.detail = _small("")
        self.detail.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        self.detail.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.download = quiet_button("Download", tip="Download the weights once; afterwards it works offline")
        self.download.clicked.connect(self._download)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Download of {info.title}")
        self.cancel = quiet_button(
            "Cancel", tip="Stop the download; what has arrived is kept for the next time"
        )
        self.cancel.clicked.connect(self.cancel_requested)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignTop)
        bottom = QHBoxLayout()
        for widget in (self.bar, self.cancel, self.download):
            bottom.addWidget(widget)
        self.body.addLayout(top)
        for label in (self.facts, summary, self.licence, self.measured, self.detail):
            self.body.addWidget(label)
        self.body.addLayout(bottom)
        self.setToolTip(with_terms("", text=f"{self.facts.text()} {info.summary}"))
        self.facts.setVisible(bool(facts))
        self.show_measured("", tip="")
        self.toggled.connect(self._show_parts)
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
            "unknown": ("your file" if self._is_own else "timm", "plain"),
        }[name]
        self.chip.setText(words)
        self.chip.set_kind(kind)  # type: ignore[arg-type]  # one of the kinds above
        outside = OWN if self._is_own else "Not in the catalogue; looked up on the hub when needed"
        self.chip.set_tip(state.detail if state else outside)
        self.detail.setText(state.detail if state and state.state == "needs-extra" else "")
        self.setAccessibleName(f"{self.info.title}, {self.facts.text()}, {words}")
        self.setAccessibleDescription(self.info.summary)
        self._show_parts()

    @property
    def _is_own(self) -> bool:
        """True if the weights are always a file of the person's own."""
        return is_clip(self.info.id)

    @property
    def ready(self) -> bool:
        """True if the backbone works without a network."""
        return self.state is not None and self.state.state in READY

    def show_measured(self, words: str, *, tip: str) -> None:
        """Show what was measured of it on the person's images; empty words hide the line."""
        self.measured.setText(words)
        self.measured.setToolTip(tip)
        self.measured.setVisible(bool(words))
        self.updateGeometry()

    def show_progress(self, fraction: float | None) -> None:
        """Show how far the download is, as a fraction; None when none runs."""
        self._downloading = fraction is not None
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * (fraction or 0)))
        self._show_parts()

    def _download(self) -> None:
        self.setChecked(True)
        self.download_requested.emit(self.info.id)

    def _show_parts(self) -> None:
        name = self.state.state if self.state else "unknown"
        wanted = self.isChecked() and name in ("download", "unknown") and not self._is_own
        self.download.setVisible(wanted and not self._downloading)
        self.bar.setVisible(self._downloading)
        self.cancel.setVisible(self._downloading)
        self.detail.setVisible(bool(self.detail.text()) and self.isChecked())
        self.updateGeometry()


def _small(text: str) -> QLabel:
    label = card_label(text)
    label.setProperty("small", True)
    return label
