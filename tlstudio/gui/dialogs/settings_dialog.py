"""The settings dialog. Every change takes effect at once; there is no Apply button."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.files import cache_dir, projects_dir
from tlstudio.gui.engine_client import Background, EngineClient
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.number_text import memory
from tlstudio.gui.settings import TEXT_SCALES, Settings, available_threads
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.basics.folding import scrolling
from tlstudio.gui.widgets.basics.scroll_safe import indent
from tlstudio.gui.widgets.basics.term_tips import TermTips, wrapped
from tlstudio.specs import RUNTIMES

AUTOMATIC = "Automatic: what is fastest here"
FEATURES_LIMIT_BYTES = 10 * 10**9
"""Size limit of the engine's cached activations (features/store.py)."""
APPEARANCES = {"Like the desktop": "system", "Light": "light", "Dark": "dark"}

CLEAR_TIP = "Frees disk space. What is needed again is computed again."
LEAST_PIXELS, SIDE_PIXELS = 520, 40
"""Least width of the dialog; width beside the settings, with a scroll bar."""
WAIT_TIP = "Possible once the running work has ended"


class SettingsDialog(QDialog):
    """Appearance, text size, threads, runtime, projects folder, cache.

    Args:
        settings: As they are.
        background: Measures and clears the cache.
        engine: Says which runtimes there are. While it works, the cache cannot be cleared.

    Signals:
        changed: The new `Settings`.
    """

    changed = Signal(object)

    def __init__(
        self,
        settings: Settings,
        *,
        background: Background,
        engine: EngineClient,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Settings")
        TermTips(self)
        self._settings = settings
        self._background = background
        self._engine = engine
        self._cache_bytes = 0
        form = QFormLayout()
        form.setVerticalSpacing(14)
        form.setHorizontalSpacing(18)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._add_appearance(form)
        self._add_threads(form)
        self._add_runtime(form)
        self._add_folders(form)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(18)
        self._inside = QWidget()
        self._inside.setProperty("plain", True)
        self._inside.setLayout(form)
        layout.addWidget(scrolling(self._inside, name="Settings"), 1)
        layout.addWidget(self._buttons)
        background.done.connect(self._background_done)
        background.submit(("cache size", id(self)), cache_bytes)
        engine.submit("runtimes").succeeded.connect(self._runtimes_known)
        engine.busy_changed.connect(self._allow_clearing)
        theme().changed.connect(self._fit)

    def showEvent(self, event: QShowEvent) -> None:
        """Find the size now, when all parts have their fonts."""
        super().showEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Show all of it where the screen is high enough, also in larger text; else it scrolls."""
        self.ensurePolished()
        width = max(LEAST_PIXELS, self._inside.minimumSizeHint().width() + 2 * SIDE_PIXELS)
        edges = self._layout.contentsMargins()
        around = edges.top() + edges.bottom() + self._layout.spacing() + self._buttons.sizeHint().height()
        height = self._inside.heightForWidth(width - 2 * SIDE_PIXELS) + around
        wanted = QSize(width, height)
        self.setMinimumWidth(width)
        self.resize(wanted.boundedTo(self.screen().availableGeometry().size() - FRAME))

    def _add_appearance(self, form: QFormLayout) -> None:
        self.appearance = QComboBox()
        self.appearance.addItems(list(APPEARANCES))
        self.appearance.setCurrentIndex(list(APPEARANCES.values()).index(self._settings.appearance))
        self.appearance.setToolTip("Light or dark colours")
        self.appearance.currentTextChanged.connect(self._choose_appearance)
        self.text_size = QComboBox()
        self.text_size.addItems(list(TEXT_SCALES))
        scales = list(TEXT_SCALES.values())
        nearest = min(scales, key=lambda scale: abs(scale - self._settings.text_scale))
        self.text_size.setCurrentIndex(scales.index(nearest))
        self.text_size.setToolTip("Size of all text in the window")
        self.text_size.currentTextChanged.connect(self._choose_text_size)
        form.addRow("&Appearance", self.appearance)
        form.addRow("Te&xt size", self.text_size)

    def _add_threads(self, form: QFormLayout) -> None:
        self.threads = QSpinBox()
        indent(self.threads)
        self.threads.setRange(0, available_threads())
        self.threads.setSpecialValueText(f"All ({available_threads()})")
        self.threads.setValue(min(self._settings.threads or 0, available_threads()))
        # The style sheet does not apply to the field inside a spin box.
        self.threads.lineEdit().setTextMargins(6, 0, 0, 0)
        self.threads.setToolTip(
            "How many processor threads training may use; fewer leave more for other programs"
        )
        self.threads.valueChanged.connect(self._choose_threads)
        form.addRow("&Threads for training", self.threads)
        note = _note("Applies from the next run on. Another number can change results in their last digits.")
        form.addRow("", note)

    def _add_runtime(self, form: QFormLayout) -> None:
        self.runtime = QComboBox()
        self.runtime.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.runtime.setToolTip(
            wrapped(
                "The software that computes the frozen stages of the backbone. Before one is used, "
                "its results are "
                "compared with those of PyTorch. They differ in speed, and in the last digits of results."
            )
        )
        self.runtime.addItem(AUTOMATIC, "auto")
        if self._settings.runtime not in (None, "auto"):
            self._add_runtime_item(self._settings.runtime)
            self.runtime.setCurrentIndex(1)
        self.runtime.currentIndexChanged.connect(self._choose_runtime)
        form.addRow("Compute &with", self.runtime)
        form.addRow(
            "",
            _note(
                "The software that computes the frozen stages. Automatic measures once for each "
                "backbone which is "
                "fastest on this computer; that takes a second or two."
            ),
        )

    def _add_runtime_item(self, runtime: str) -> None:
        self.runtime.addItem(_runtime_title(runtime), runtime)

    def _add_folders(self, form: QFormLayout) -> None:
        self.projects = _path(str(projects_dir()))
        self.change_projects = quiet_button("C&hange…", tip="Choose where new projects are made")
        self.change_projects.clicked.connect(self._choose_projects)
        form.addRow("New projects", _row(self.projects, self.change_projects))
        self.cache = _path("Measuring…")
        self.clear_cache = quiet_button("Cl&ear…", tip=CLEAR_TIP)
        self.clear_cache.setEnabled(False)
        self.clear_cache.clicked.connect(self._clear_cache)
        form.addRow("Cache", _row(self.cache, self.clear_cache))
        form.addRow(
            "",
            _note(
                "Intermediate results are kept here, so that the next run is faster. They take "
                f"{FEATURES_LIMIT_BYTES // 10**9} GB at most; then the ones unused for longest are deleted."
            ),
        )

    @Slot(str)
    def _choose_appearance(self, text: str) -> None:
        self._change(appearance=APPEARANCES[text])

    @Slot(str)
    def _choose_text_size(self, text: str) -> None:
        self._change(text_scale=TEXT_SCALES[text])

    @Slot(int)
    def _choose_threads(self, threads: int) -> None:
        self._change(threads=threads or None)

    @Slot(dict)
    def _runtimes_known(self, result: dict[str, Any]) -> None:
        available = [str(runtime) for runtime in result["ids"]]
        for runtime in available:
            if self.runtime.findData(runtime) < 0:
                self._add_runtime_item(runtime)
        chosen = self._settings.runtime or "auto"
        if chosen not in ("auto", *available):
            name = f"{_runtime_title(chosen)} (not on this computer)"
            self.runtime.setItemText(self.runtime.findData(chosen), name)
        self._fit()  # a long title makes the form wider

    @Slot(int)
    def _choose_runtime(self, index: int) -> None:
        self._change(runtime=self.runtime.itemData(index))

    @Slot()
    def _choose_projects(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for new projects", str(projects_dir()))
        if folder:
            self.projects.setText(folder)
            self._change(projects=folder)

    @Slot()
    def _clear_cache(self) -> None:
        answer = QMessageBox.question(
            self,
            "Clear the cache",
            "Intermediate results will be computed again when they are needed, and backbones "
            "downloaded again. "
            "Projects, labels and runs are not touched. Clear it?",
        )
        if answer == QMessageBox.StandardButton.Yes:
            self._cache_bytes = 0
            self._allow_clearing()
            self.cache.setText("Clearing…")
            self._background.submit(("cache size", id(self)), empty_cache)

    @Slot(object, object)
    def _background_done(self, key: object, result: object) -> None:
        if key != ("cache size", id(self)):
            return
        if not isinstance(result, int):
            self.cache.setText(f"{cache_dir()} cannot be read ({result}).")
            return
        self.cache.setText(f"{memory(result)} in {cache_dir()}")
        self._cache_bytes = result
        self._allow_clearing()

    @Slot()
    def _allow_clearing(self) -> None:
        busy = bool(self._engine.open_jobs())
        self.clear_cache.setEnabled(self._cache_bytes > 0 and not busy)
        self.clear_cache.setToolTip(WAIT_TIP if busy else CLEAR_TIP)

    def _change(self, **changes: Any) -> None:
        self._settings = replace(self._settings, **changes)
        self.changed.emit(self._settings)


def cache_bytes() -> int:
    """Size of everything in the cache, in bytes."""
    return sum(path.lstat().st_size for path in cache_dir().rglob("*") if path.is_file())


def empty_cache() -> int:
    """Remove what is in the cache; a file that is in use stays.

    Returns:
        What is left, in bytes.
    """
    folder: Path = cache_dir()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return cache_bytes()


def _runtime_title(runtime_id: str) -> str:
    """Title of a runtime; the id of one that this version does not have."""
    return RUNTIMES.get(runtime_id).title if runtime_id in RUNTIMES else runtime_id


def _path(text: str) -> ElidedLabel:
    label = ElidedLabel(text, middle=True)
    label.setProperty("muted", True)
    return label


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _row(label: QLabel, button: QWidget) -> QHBoxLayout:
    # As wide as the form: what is measured later may be longer than what was said before.
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    row = QHBoxLayout()
    row.addWidget(label, 1)
    row.addWidget(button)
    return row
