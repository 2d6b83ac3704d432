"""The card with the images that it learned from and whose labels look wrong, to decide on one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tlstudio.core.percent import percent
from tlstudio.core.wording import count
from tlstudio.evaluation.label_scores import ScoredLabel, ScoredLabels
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.evaluate.arrangement import EvaluationCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.pages.evaluate.large_dialog import LargeDialog
from tlstudio.gui.pages.evaluate.predictions_card import Change, LabelChip, change_of
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid
from tlstudio.project.store import ProjectImage

TITLE = "Training labels that look wrong"
THUMBNAIL = 112
AS_SUGGESTED = "As suggested"
NOT_COMPARED = "The labels of this run were not compared with each other. Train again to know."
READING = "They are being read …"
KEYS = "Keys: S as suggested, R is right, Delete leave out."


class SuspectsCard(EvaluationCard):
    """Shows each label that looks wrong beside the class that the other images speak for.

    An image that was decided on stays where it is and says what became of it.

    Args:
        app_state: The images of now; the edits change them.

    Signals:
        relabel_requested: Paths, and where on the screen to ask for their class.
    """

    relabel_requested = Signal(list, QPoint)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(TITLE, parent)
        self._app_state = app_state
        self._scored: tuple[ScoredLabel, ...] = ()
        self._suspects: dict[str, ScoredLabel] = {}
        self._compared = 0
        self._is_known = self._is_reading = False
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("muted", True)
        self.accept = LabelChip(AS_SUGGESTED, tip="Give the selected images the class that is suggested (S).")
        self.right = Chip(
            "Is right", tip="The labels are right: keep them, and do not ask about them again (R)."
        )
        self.relabel = Chip("Relabel…", tip="Give the selected images another class.")
        self.leave_out = Chip("Leave out", tip="Use the selected images for nothing any more (Delete).")
        self.chips = QWidget()
        flow = FlowLayout(self.chips, spacing=6)
        self.grid = ImageGrid(app_state.background)
        self.grid.setAccessibleName(TITLE)
        self.grid.setAccessibleDescription(KEYS)
        self.grid.set_thumbnail_side(THUMBNAIL)
        self.large = LargeDialog(app_state.background, self)
        self.large.setWindowTitle(TITLE)
        for chip, slot in (
            (self.accept, self._accept),
            (self.right, self._call_right),
            (self.relabel, self._relabel),
            (self.leave_out, self._leave_out),
        ):
            chip.clicked.connect(slot)
            flow.addWidget(chip)
        for key, slot in (("S", self._accept), ("R", self._call_right), ("Del", self._leave_out)):
            shortcut = QShortcut(QKeySequence(key), self.grid, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        self.body.addWidget(self.words)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.grid, 1)
        self.grid.selection_changed.connect(self._selected)
        self.grid.activated_key.connect(self._open)
        self.large.shown_key.connect(self.grid.select_key)
        app_state.images_changed.connect(self._show)
        app_state.edits.undone.connect(self.grid.select_keys)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """See `EvaluationCard`: of the run, whichever of its images are shown."""
        scored: ScoredLabels | None = run.label_scores
        self._is_known, self._is_reading = scored is not None, run.is_partial
        self._compared = scored.judged if scored is not None else 0
        suspected = scored.suspected() if scored is not None else ()
        self._scored = suspected
        self._show()

    @property
    def has_images(self) -> bool:
        """True where there is anything to decide, or was."""
        return bool(self._suspects)

    def open_first(self) -> None:
        """Select the first image that was not decided on, and take the keyboard."""
        self._go_on(())
        self.grid.setFocus()

    @Slot()
    def _show(self) -> None:
        known = [one for one in self._scored if self._app_state.image(one.path) is not None]
        self._suspects = {one.path: one for one in known}
        decided = {path: self._decision(one) for path, one in self._suspects.items()}
        root = self._app_state.project.images_root if self._app_state.project is not None else None
        self.grid.set_items(
            []
            if root is None
            else [_item(one, str(root / path), decided[path]) for path, one in self._suspects.items()]
        )
        is_open = sum(one is None for one in decided.values())
        self.words.setText(self._said(is_open))
        for part in (self.chips, self.grid):
            part.setVisible(bool(self._suspects))
        vertical = QSizePolicy.Policy.Preferred if self._suspects else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self._selected(self.grid.selected_keys())

    def _said(self, still_open: int) -> str:
        if not self._is_known:
            return READING if self._is_reading else NOT_COMPARED
        labels = count(self._compared, "label")
        if not self._suspects:
            return f"None of {labels} that it learned from or was chosen by stands out as wrong."
        if not still_open:
            return "All of them are decided. Train again to see what it changes."
        rest = f"; {still_open} to decide" if still_open < len(self._suspects) else ""
        verb = "contradict" if len(self._suspects) > 1 else "contradicts"
        return (
            f"{len(self._suspects)} of {labels} {verb} what the other images say{rest}. Unusual images "
            "are among them: look before you change one."
        )

    def _decision(self, suspect: ScoredLabel) -> Change | None:
        """The decision of the person about an image; None while there is none."""
        image: ProjectImage | None = self._app_state.image(suspect.path)
        change = change_of(suspect.label, image)
        if change is None and image is not None and image.called_right:
            return Change(badge="✓ right", words="you said that its label is right")
        return change

    @Slot(list)
    def _selected(self, keys: Sequence[str]) -> None:
        for chip in (self.accept, self.right, self.relabel, self.leave_out):
            chip.setEnabled(bool(keys))
        wanted = {self._suspects[key].suggestion for key in keys if key in self._suspects}
        self.accept.setText(f"Label: {wanted.pop()}" if len(wanted) == 1 else AS_SUGGESTED)

    @Slot(str)
    def _open(self, key: str) -> None:
        items = {item.key: item for item in self.grid.items()}
        self.large.show_images([(one.key, one.path, one.tip) for one in items.values()], key=key)

    @Slot()
    def _accept(self) -> None:
        wanted = {key: self._suspects[key].suggestion for key in self.grid.selected_keys()}
        self._decide(lambda _: self._app_state.edits.set_labels(wanted), list(wanted))

    @Slot()
    def _call_right(self) -> None:
        self._decide(self._app_state.edits.call_right, self.grid.selected_keys())

    @Slot()
    def _leave_out(self) -> None:
        self._decide(self._app_state.edits.leave_out, self.grid.selected_keys())

    @Slot()
    def _relabel(self) -> None:
        place = self.relabel.mapToGlobal(QPoint(0, self.relabel.height()))
        self.relabel_requested.emit(self.grid.selected_keys(), place)

    def _decide(self, edit: Callable[[list[str]], bool], paths: list[str]) -> None:
        if paths and edit(paths):
            self._go_on(paths)

    def _go_on(self, decided: Sequence[str]) -> None:
        """Select the next image that was not decided on: after these, or else from the start."""
        keys = list(self._suspects)
        start = keys.index(decided[-1]) + 1 if decided else 0
        for key in keys[start:] + keys[:start]:
            if self._decision(self._suspects[key]) is None:
                self.grid.select_key(key)
                return


def _item(suspect: ScoredLabel, file: str, decision: Change | None) -> GridItem:
    wrong = percent(suspect.wrong or 0.0)
    lines = [
        suspect.path,
        f"label: {suspect.label}",
        f"the other images say: {suspect.suggestion}",
        f"probability that the label is wrong: {wrong}",
        *([decision.words] if decision is not None else []),
    ]
    return GridItem(
        path=file,
        caption=f"{suspect.label} → {suspect.suggestion}?",
        badge=wrong if decision is None else decision.badge,
        tip="\n".join(lines),
        key=suspect.path,
    )
