"""The bar at the top: project, saved, run, device, offline, help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from tlstudio.core.wording import count
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.elided import ElidedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """One line of the run menu.

    Attributes:
        path: Folder of the run.
        title: e.g. "Run 3".
        details: e.g. "94.7 % (86–99)".
    """

    path: str
    title: str
    details: str


OFFLINE, OFFLINE_SHORT = "Offline: nothing leaves this computer", "Offline"
LEAST_NAME_PIXELS, WIDEST_NAME_PIXELS = 150, 260
"""Room that the project's name keeps before other words become shorter; a longer name is elided."""


class Header(QFrame):
    """The header: open project, run, device, and help.

    Attributes:
        brand: Button with the menu of the whole app.
        help: Chip with the help menu.

    Signals:
        run_chosen: Folder of the run.
    """

    run_chosen = Signal(str)

    def __init__(self, *, threads: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "header")
        self.setFixedHeight(44)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 16, 0)
        row.setSpacing(10)
        self.brand = QPushButton("tlstudio ▾")
        self.brand.setProperty("brand", True)
        self.brand.setAccessibleName("tlstudio menu")
        self.brand.setToolTip("Home, open, settings, quit")
        self.project = ElidedLabel(middle=True)
        self.project.setProperty("muted", True)
        self.saved = Chip("● saved", kind="ok", tip="Every label and every setting is saved at once.")
        self.run = Chip("No run yet ▾", tip="Which training run the pages show")
        self.run_menu = QMenu(self)
        self.run_menu.setAccessibleName("Runs")
        self._runs = QActionGroup(self)
        self._runs.triggered.connect(self._choose_run)
        attach_menu(self.run, self.run_menu)
        self.device = Chip(
            "", tip="Training and evaluation run here. You can change the number of threads in Settings."
        )
        self.set_threads(threads)
        self.offline = Chip(
            OFFLINE,
            tip="Images, labels and models stay here. The internet is used only when you download a "
            "backbone.",
        )
        self.help = Chip("? Help", tip="Glossary (Shift+F1), shortcuts (F1), the log, about")
        row.addWidget(self.brand)
        row.addWidget(self.project)
        row.addWidget(self.saved)
        row.addStretch(1)
        for chip in (self.run, self.device, self.offline, self.help):
            row.addWidget(chip)
        self.set_project(None)

    def event(self, event: QEvent) -> bool:
        """Fit the chips, also when what they say has changed."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return done

    def _fit(self) -> None:
        """Say less where room is short: first why it is offline, then on which device training runs."""
        least = 0 if self.project.isHidden() else theme().pixels(LEAST_NAME_PIXELS)
        words, has_device = OFFLINE, True
        if self._width_beside_name(words, has_device=True) + least > self.width():
            words = OFFLINE_SHORT
            has_device = self._width_beside_name(words, has_device=True) + least <= self.width()
        self.offline.setText(words)
        self.device.setVisible(has_device)
        # Only the name is cut: the layout would take from all of them.
        left = self.width() - self._width_beside_name(words, has_device=has_device)
        self.project.setMaximumWidth(
            min(max(left, self.project.minimumSizeHint().width()), WIDEST_NAME_PIXELS)
        )

    def _width_beside_name(self, offline: str, *, has_device: bool) -> int:
        parts = [part for part in (self.brand, self.saved, self.run, self.help) if not part.isHidden()]
        parts += [self.device] if has_device else []
        advance = self.offline.fontMetrics().horizontalAdvance
        widths = [part.sizeHint().width() for part in parts]
        widths.append(self.offline.sizeHint().width() + advance(offline) - advance(self.offline.text()))
        margins = self._row.contentsMargins()
        # The name and the stretch have a gap each.
        return sum(widths) + self._row.spacing() * (len(widths) + 1) + margins.left() + margins.right()

    def set_project(self, name: str | None) -> None:
        """Show the open project's name; None while there is none."""
        self.project.setText(name or "")
        for widget in (self.project, self.saved, self.run):
            widget.setVisible(name is not None)

    def set_threads(self, threads: int) -> None:
        """Show how many threads training uses."""
        self.device.setText(f"CPU · {count(threads, 'thread')}")

    def set_runs(self, entries: Sequence[RunEntry], *, current: str | None) -> None:
        """Fill the run menu, newest first.

        Args:
            entries: Oldest first.
            current: Folder of the run shown.
        """
        self.run_menu.clear()
        titles = {entry.path: entry.title for entry in entries}
        self.run.setText(f"{titles.get(current or '', 'No run yet')} ▾")
        self.run.setEnabled(bool(entries))
        for entry in reversed(entries):
            action = QAction(f"{entry.title}   {entry.details}", self.run_menu)
            action.setData(entry.path)
            action.setCheckable(True)
            action.setChecked(entry.path == current)
            self._runs.addAction(action)
            self.run_menu.addAction(action)

    @Slot(QAction)
    def _choose_run(self, action: QAction) -> None:
        self.run_chosen.emit(action.data())


def attach_menu(button: QPushButton, menu: QMenu) -> None:
    """Let a button open a menu, by mouse and by keyboard."""
    button.setMenu(menu)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
