"""Has the engine choose what to label next and suggest a class for it; takes suggestions over as labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.data.filter import Shown, Suggestion
from tlstudio.gui.pages.data.panels import ShowCard
from tlstudio.gui.pages.data.view import DataView

NEXT = "next-labels"
COUNTS = {"useful": 20, "sure": 400}
"""Most images of each of the two filters."""
AGAIN_AFTER_MS = 300
"""Suggestions follow the labels, but not every one of several quick key presses."""
MEANWHILE = frozenset({NEXT, "check-project", "check-features"})
"""Operations that leave the engine soon, so that suggestions need not be put off."""


class Suggesting(QObject):
    """Keeps the images of *Most useful next* and *It is sure of*, and renews them after each label.

    Args:
        app_state: State of the window.
        view: Shows the images; Enter on them takes their suggestions.
        card: With the two filters.

    Signals:
        changed: There are other images or suggestions to show.
    """

    changed = Signal()

    def __init__(self, app_state: AppState, view: DataView, card: ShowCard) -> None:
        super().__init__(view)
        self._app_state, self._view, self._card = app_state, view, card
        self._kind = ""
        self._paths: tuple[str, ...] | None = None
        self._suggestions: dict[str, Suggestion] = {}
        self._job: Job | None = None
        self._has_failed = self._is_late = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AGAIN_AFTER_MS)
        self._timer.timeout.connect(self._request)
        view.accepted.connect(self.accept)
        app_state.images_changed.connect(self._images_changed)
        app_state.engine.busy_changed.connect(self._busy_changed)

    def show(self, shown: Shown) -> None:
        """Follow the filter that was chosen: ask for the images of one with suggestions, or stop asking."""
        if shown.kind not in COUNTS:
            self._leave()
        elif shown.kind != self._kind or self._has_failed:
            self._leave()
            self._kind = shown.kind
            self._request()

    def filled(self, shown: Shown) -> Shown:
        """The filter with its images, as far as they are known."""
        if shown.kind not in COUNTS:
            return shown
        self._view.suggested = self._suggestions
        return replace(shown, paths=self._paths or ())

    @property
    def is_waiting(self) -> bool:
        """True as long as the images of the filter are not known."""
        return bool(self._kind) and self._paths is None

    def waiting_words(self) -> tuple[str, str]:
        """Title and sentence to show meanwhile."""
        if self._has_failed:
            return "There are no suggestions", "Choose the list on the left again to try once more."
        if self._is_put_off():
            return "Suggestions come later", "They need the engine, which is busy: see below."
        return (
            "Looking at your images…",
            "The first time this takes a while; then suggestions follow each label.",
        )

    @Slot()
    def accept(self) -> None:
        """Give the selected images the classes that are suggested for them, and go to the next one."""
        grid = self._view.grid
        keys = grid.selected_keys()
        images = {key: image for key in keys if (image := self._app_state.image(key)) is not None}
        taken = {
            key: self._suggestions[key].class_name
            for key, image in images.items()
            if image.label() is None and key in self._suggestions
        }
        if not taken:
            return
        following = grid.key_after(keys[-1]) or grid.key_before(keys[0])
        grid.select_key(following)
        if not self._app_state.edits.set_labels(taken):
            grid.select_keys(keys)

    def _leave(self) -> None:
        self._kind, self._paths, self._suggestions, self._job = "", None, {}, None
        self._has_failed = self._is_late = False
        self._timer.stop()
        self._card.learned.hide()

    def _is_put_off(self) -> bool:
        jobs = self._app_state.engine.open_jobs()
        return any(job.operation not in MEANWHILE for job in jobs)

    @Slot()
    def _images_changed(self) -> None:
        project = self._app_state.project
        if project is None:
            self._leave()
        elif self._kind:
            self._timer.start()

    @Slot(bool)
    def _busy_changed(self, busy: bool) -> None:
        if not busy and self._is_late:
            self._timer.start()

    @Slot()
    def _request(self) -> None:
        project = self._app_state.project
        if project is None or not self._kind or self._has_failed:
            return
        self._is_late = self._is_put_off()
        if self._is_late:
            return
        if self._job is not None and self._job.is_open:
            self._timer.start()  # what it finds is of the labels before
            return
        self._job = self._app_state.submit(
            NEXT, project=str(project.folder), count=COUNTS[self._kind], order=self._kind
        )
        self._job.succeeded.connect(self._found)
        self._job.failed.connect(self._ended_without)
        self._job.cancelled.connect(self._ended_without)

    @Slot()
    def _ended_without(self) -> None:
        if self.sender() is self._job:
            self._has_failed, self._paths = True, None
            self.changed.emit()

    @Slot(dict)
    def _found(self, result: dict[str, Any]) -> None:
        if self.sender() is not self._job:
            return  # of another filter, or another project
        is_first, selected = self._paths is None, self._view.grid.selected_keys()
        found = {
            row["path"]: Suggestion(class_name=row["suggestion"], probability=row["probability"])
            for row in result["images"]
            if row["suggestion"] is not None
        }
        # What a person is looking at must neither move away nor change below the next key press.
        kept = {key: self._suggestions[key] for key in selected if key in self._suggestions}
        stay = [key for key in selected if key in (self._paths or ())]
        self._suggestions = {**found, **kept}
        self._paths = tuple(dict.fromkeys([*stay, *(row["path"] for row in result["images"])]))
        self._card.learned.setText(_learned_words(result))
        self._card.learned.show()
        self.changed.emit()
        grid = self._view.grid
        if is_first and self._kind == "useful" and not selected and self._paths:
            grid.select_key(self._paths[0])
            grid.setFocus()


def _learned_words(result: dict[str, Any]) -> str:
    """Say how often suggestions are right, by labelled images that were held out."""
    if not result["n"]:
        return "Suggestions come once two classes have a few labels each."
    of = count(result["n"], "labelled image")
    words = (
        f"Suggestions are right for about {percent(result['accuracy'])} "
        f"({percent_range(*result['interval'])}), by {of} that were held out."
    )
    return words.replace(" %", "\u00a0%")  # else a line may end before it
