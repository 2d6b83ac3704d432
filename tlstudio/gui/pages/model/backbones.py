"""The left side of the Model page: backbones to choose from, to download, and to search for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.events import Event, StageProgress
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.model.comparing import BackboneComparison, Measured
from tlstudio.gui.pages.model.text import other_backbone
from tlstudio.gui.widgets.basics.buttons import link_button, quiet_button
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.basics.term_tips import as_tip
from tlstudio.gui.widgets.lists.backbone_card import BackboneCard
from tlstudio.models.catalogue import BackboneInfo, availability, catalog, is_clip

MOST_FOUND = 40
LEAST_LIST_PIXELS = 190


class BackbonePanel(QWidget):
    """Cards of the catalogue, filtered by words and chips; other timm backbones by search.

    Args:
        app_state: Runs downloads and searches.

    Signals:
        chosen: Id of the backbone that was pressed.
        state_changed: A backbone was downloaded.
        weights_chosen: Path of a weights file of the person's own; empty to leave it again.
    """

    chosen = Signal(str)
    state_changed = Signal()
    weights_chosen = Signal(str)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.cards: dict[str, BackboneCard] = {}
        self.download_job: Job | None = None
        self._downloading = ""
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._pressed)
        self.comparison = BackboneComparison(app_state, self)
        self.comparison.measured.connect(self._show_measured)
        self._build()
        for info in catalog():
            self._add_card(info)
        self._fill_chips()

    def _build(self) -> None:
        title = QLabel("Backbone")
        title.setProperty("title", True)
        self.file_button = quiet_button(
            "&Weights from a file…", tip="Use weights of your own (safetensors, or a PyTorch file)"
        )
        self.file_button.clicked.connect(self._ask_file)
        top = QHBoxLayout()
        top.addWidget(title)
        top.addStretch(1)
        top.addWidget(self.file_button)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search backbones…")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search backbones")
        self.search.setToolTip("Part of a name; Enter also searches the whole timm collection")
        self._search_timer = QTimer(self)
        self._search_timer.setSingleShot(True)
        self._search_timer.setInterval(120)
        self._search_timer.timeout.connect(self._filter)
        # Where a card lies is known only after the layout has run.
        self._scroll_timer = QTimer(self)
        self._scroll_timer.setSingleShot(True)
        self._scroll_timer.timeout.connect(self._scroll)
        self.search.textChanged.connect(self._search_timer.start)
        self.search.returnPressed.connect(self._search_hub)
        self.chips = QWidget()
        self._chip_flow = FlowLayout(self.chips)
        self.file_words = QLabel()
        self.file_words.setWordWrap(True)
        self.file_words.setTextFormat(Qt.TextFormat.PlainText)
        self.published_button = link_button(
            "Use the published weights", tip="Use the usual weights instead of the file"
        )
        self.published_button.clicked.connect(self._use_published_weights)
        self.hub_button = quiet_button("", tip="Look through all names of the timm collection")
        self.hub_button.clicked.connect(self._search_hub)
        self.found_words = QLabel()
        self.found_words.setProperty("muted", True)
        self.found_words.setWordWrap(True)
        inside = QWidget()
        inside.setProperty("plain", True)
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(9)
        self._list.addWidget(self.found_words)
        self._list.addWidget(self.hub_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._list.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self.area.setAccessibleName("Backbones")
        self.area.setMinimumHeight(LEAST_LIST_PIXELS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(9)
        layout.addLayout(top)
        for widget in (self.search, self.chips, self.file_words):
            layout.addWidget(widget)
        layout.addWidget(self.published_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.comparison.view)  # as wide as the cards: what it waits for takes a line
        layout.addWidget(self.area, 1)
        self.found_words.hide()
        self.hub_button.hide()
        self.show_weights_file(None)

    def _fill_chips(self) -> None:
        # A tag of a single backbone would be a button for what the list shows anyway.
        tags = [
            tag for tag, count in Counter(tag for info in catalog() for tag in info.tags).items() if count > 1
        ]
        tags = [tag for tag in tags if tag != "offline"]  # the first chip filters by what is on this computer
        self.ready = Chip(
            "ready offline", checkable=True, tip="Only backbones that work without the internet"
        )
        self.tags = [Chip(tag, checkable=True, tip=f"Only backbones that are “{tag}”") for tag in tags]
        for chip in (self.ready, *self.tags):
            chip.toggled.connect(self._filter)
            self._chip_flow.addWidget(chip)

    # Choosing

    def show_chosen(self, backbone_id: str) -> None:
        """Mark the chosen backbone; one outside the catalogue gets a card on top."""
        if backbone_id not in self.cards:
            self._add_card(other_backbone(backbone_id, cut=None), place=0)
        card = self.cards[backbone_id]
        card.show()
        if not card.isChecked():
            card.setChecked(True)
            self.scroll_to_chosen()

    @Slot()
    def scroll_to_chosen(self) -> None:
        """Scroll to the chosen backbone."""
        if self._group.checkedButton() is not None:
            self._scroll_timer.start()

    @Slot()
    def _scroll(self) -> None:
        card = self._group.checkedButton()
        if card is not None:
            self.area.ensureWidgetVisible(card, 0, 20)

    def show_weights_file(self, file: str | None, *, published: bool = True) -> None:
        """Show which file the weights come from; None for the published ones, where there are any."""
        self.file_words.setText(f"Weights from {Path(file).name}" if file else "")
        self.file_words.setToolTip(as_tip(file or ""))
        self.file_words.setVisible(bool(file))
        self.published_button.setVisible(bool(file) and published)

    def is_ready(self, backbone_id: str) -> bool | None:
        """Return whether a backbone's weights are on this computer; None when that is not known."""
        card = self.cards.get(backbone_id)
        return card.ready if card is not None and card.state is not None else None

    def missing_weights(self, info: BackboneInfo, *, own_file: str | None) -> str:
        """Say how to get the weights of a backbone; empty when they are here or are downloaded by themselves.

        Args:
            info: The backbone.
            own_file: Weights of the person's own.
        """
        if own_file is not None:
            return ""
        if is_clip(info.id):
            return f"{info.title} has no weights yet: press “Weights from a file…” above the backbones."
        if self.is_ready(info.id) is False:
            return (
                f"{info.title} is not on this computer yet: download it, or choose one that is ready offline."
            )
        return ""

    def _add_card(self, info: BackboneInfo, *, place: int | None = None) -> BackboneCard:
        known = any(info.id == other.id for other in catalog())
        card = BackboneCard(info, availability(info) if known else None)
        card.download_requested.connect(self._download)
        card.cancel_requested.connect(self._cancel)
        self.cards[info.id] = card
        self._group.addButton(card)
        # The last three of the list are the words of the search, its button, and the stretch.
        self._list.insertWidget(self._list.count() - 3 if place is None else place, card)
        return card

    @Slot(object)
    def _pressed(self, card: object) -> None:
        assert isinstance(card, BackboneCard)
        self.chosen.emit(card.info.id)

    @Slot(dict)
    def _show_measured(self, measured: dict[str, Measured]) -> None:
        for name, card in self.cards.items():
            known = measured.get(name)
            card.show_measured(known.words if known else "", tip=known.tip if known else "")

    # Searching

    @Slot()
    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        tags = [chip.text() for chip in self.tags if chip.isChecked()]
        shown = 0
        for card in self.cards.values():
            info = card.info
            text = (
                f"{info.id} {info.title} {info.summary} {info.pretrained_on} {' '.join(info.tags)}".casefold()
            )
            fits = all(word in text for word in words) and all(tag in info.tags for tag in tags)
            fits = fits and (card.ready or not self.ready.isChecked())
            card.setVisible(fits)
            shown += fits
        text = self.search.text().strip()
        self.hub_button.setVisible(bool(text))
        self.hub_button.setText(f"Search all of timm for “{text[:24]}”")
        self.found_words.setVisible(shown == 0)
        self.found_words.setText(
            "No backbone in this list fits. Remove a filter, or search all of timm below."
        )

    @Slot()
    def _search_hub(self) -> None:
        text = self.search.text().strip()
        if text:
            self.hub_button.setEnabled(False)
            job = self._app_state.submit("search-backbones", text=text)
            job.succeeded.connect(self._found)
            job.ended.connect(self._search_ended)

    @Slot()
    def _search_ended(self) -> None:
        self.hub_button.setEnabled(True)

    @Slot(dict)
    def _found(self, result: dict[str, Any]) -> None:
        ids = [name for name in result["ids"] if name not in self.cards]
        for name in ids[:MOST_FOUND]:
            self._add_card(other_backbone(name, cut=None))
        self._filter()
        more = f" The first {MOST_FOUND} are shown; type more of the name." if len(ids) > MOST_FOUND else ""
        self.found_words.setText(
            f"{len(result['ids'])} other backbones have “{self.search.text().strip()}” in their name.{more}"
        )
        self.found_words.show()

    # Downloads and files

    @Slot(str)
    def _download(self, backbone_id: str) -> None:
        if self.download_job is not None:
            self._app_state.status_message.emit("Another download is running; this one can start after it.")
            return
        self.chosen.emit(backbone_id)
        self._downloading = backbone_id
        self.cards[backbone_id].show_progress(0.0)
        self.download_job = self._app_state.submit("download-weights", backbone=backbone_id)
        self.download_job.event_received.connect(self._download_event_received)
        self.download_job.ended.connect(self._download_ended)

    @Slot(object)
    def _download_event_received(self, event: Event) -> None:
        if isinstance(event, StageProgress) and event.total:
            self.cards[self._downloading].show_progress(event.done / event.total)

    @Slot()
    def _download_ended(self) -> None:
        card, self.download_job = self.cards[self._downloading], None
        card.show_progress(None)
        if card.state is not None:
            card.set_state(availability(card.info))
        self.state_changed.emit()

    @Slot()
    def _cancel(self) -> None:
        if self.download_job is not None:
            self.download_job.command("cancel")

    @Slot()
    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Weights for the chosen backbone")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Weights (*.safetensors *.pth *.pt *.bin)", "All files (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.weights_chosen)
        dialog.open()

    @Slot()
    def _use_published_weights(self) -> None:
        self.weights_chosen.emit("")
