"""The card of export formats: lists the exports of a run with their parity, and makes new ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import memory
from tlstudio.gui.pages.use.contents import UsableRun, quoted
from tlstudio.gui.places import proposed_folder, remember_folder
from tlstudio.gui.show_in_folder import show_in_folder
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.specs import EXPORTS
from tlstudio.specs.spec import ExportSpec

COLUMNS = (
    Column("format"),
    Column("size", "Of the file, or of all files of the folder.", is_figure=True, may_be_left_out=True),
    Column(
        "same answers",
        "Each export is opened again by a fresh program and tried on images of this run: how many "
        "got the same "
        "class, and the largest difference of any probability.",
        is_figure=True,
        may_be_left_out=True,
    ),
    Column("state"),
)
FORMAT_PIXELS = 240
MEASURED = (1, 2)
"""Columns that say nothing before an export was made."""
INSIDE = (
    "Inside every export: the class names, the exact preprocessing, and a card with these results. "
    "An export that gives other answers is refused."
)

PURPOSE = "export"
"""Purpose of the dialog for saving, as `tlstudio.gui.places` takes it."""
COPY_TIP = "Copy the command that classifies a folder of photos without this window."


class ExportCard(Card):
    """Lists the export formats of a run; one can be exported, or its command line copied.

    Signals:
        exported: An export was made.
    """

    exported = Signal()

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Export", parent)
        self._app_state = app_state
        self._run: UsableRun | None = None
        self._model = ""
        self._busy = ""
        self._job: Job | None = None
        self._new: dict[str, Mapping[str, Any]] = {}
        self.table = FiguresTable(COLUMNS, name="Export formats", sortable=False, first_pixels=FORMAT_PIXELS)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        inside = QLabel(INSIDE)
        inside.setWordWrap(True)
        inside.setProperty("muted", True)
        self.export = primary_button(
            "E&xport…", tip="Write the selected format, and check it on images of this run."
        )
        self.copy = quiet_button("Copy command &line", tip=COPY_TIP)
        self.command = ElidedLabel(middle=True)
        self.command.setProperty("muted", True)
        self.place = ElidedLabel(middle=True)
        self.show_file = quiet_button("Show in fol&der", tip="Show the exported file where it lies.")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.export)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addWidget(self.summary)
        texts.addWidget(inside)
        texts.addWidget(self.command)
        # A widget of its own: an empty layout beside the wrapped texts would make them as narrow as can be.
        self.where = QWidget()
        where = QHBoxLayout(self.where)
        where.setContentsMargins(0, 0, 0, 0)
        where.setSpacing(8)
        where.addWidget(self.place, 1)
        where.addWidget(self.show_file)
        texts.addWidget(self.where)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(texts)
        self.body.addLayout(buttons)
        self.table.row_selected.connect(self._selected)
        self.table.row_chosen.connect(self._export_row)
        self.export.clicked.connect(self._export)
        self.copy.clicked.connect(self._copy)
        self.show_file.clicked.connect(self._show_file)
        theme().changed.connect(self._show)

    def show_run(self, run: UsableRun | None, *, model: str) -> None:
        """Show the formats of a run; without a run, only the command line of a model file.

        Args:
            run: The run to export.
            model: Path of the run or model file in use.
        """
        if self._run is None or run is None or run.run != self._run.run:
            self._new = {}
        self._run, self._model = run, model
        self._show()
        if run is not None and not self.table.selected_key():
            self.table.select_key(next(spec.id for spec in EXPORTS if spec.default))
        self._selected(self.table.selected_key())

    @Slot()
    def _show(self) -> None:
        made = {spec.id: self._made(spec.id) for spec in EXPORTS}
        self.table.set_rows([(spec.id, self._cells(spec, made[spec.id])) for spec in EXPORTS])
        self.table.hide_columns(() if any(made.values()) else MEASURED)

    def _made(self, key: str) -> Mapping[str, Any] | None:
        """The newest export in a format; None without one."""
        return {**(self._run.exports if self._run else {}), **self._new}.get(key)

    def _cells(self, spec: ExportSpec, made: Mapping[str, Any] | None) -> list[Cell]:
        size, same, state = Cell("—"), Cell("—"), Cell("not made")
        if made is not None:
            parity = made.get("parity") or {}
            n, same_class = int(parity.get("n", 0)), int(parity.get("same_class", 0))
            size = Cell(memory(int(made.get("bytes", 0))), tip=str(made.get("file", "")))
            difference = float(parity.get("max_abs_difference", 0.0))
            same = Cell(
                f"{same_class} / {n}, Δ {_short(difference)}",
                tip=f"{same_class} of {count(n, 'image')} got the same class; no probability differs by "
                f"more than {difference:.1e}.",
            )
            # The columns of these figures are left out where width is short.
            where = f"{same.tip}\n{size.text}: {size.tip}"
            state = Cell("✓ checked", tip=where, colour=theme().colours.ok)
            if same_class < n:
                state = Cell(f"! {n - same_class} differ", tip=where, colour=theme().colours.warn)
        if self._busy == spec.id:
            words = "cancelling …" if self._job is not None and self._job.is_cancelling else "exporting …"
            state = Cell(words, tip="It is being written and checked.", colour=theme().colours.accent)
        title = Cell(spec.title, tip=f"{spec.audience}.\n{spec.summary}", detail=spec.audience)
        return [title, size, same, state]

    @Slot(str)
    def _selected(self, key: str) -> None:
        spec = EXPORTS.get(key) if key in EXPORTS else None
        self.export.setEnabled(spec is not None and self._run is not None and not self._busy)
        if self._run is None:
            self.summary.setText("This model is exported already; open a project to export one of its runs.")
        else:
            self.summary.setText(spec.summary if spec else "Choose a format.")
        made = self._made(key)
        self.place.setText(
            "" if made is None else f"✓ It is in {made['file']}".replace(str(Path.home()), "~")
        )
        self.where.setVisible(made is not None)
        command = self._command()
        # A shell reads "~" as the home folder only outside quotation marks.
        home = str(Path.home())
        self.command.setText(command if '"' in command else command.replace(home, "~"))
        self.copy.setToolTip(wrapped(f"{COPY_TIP}\n{command}"))

    def _command(self) -> str:
        made = self._made(self.table.selected_key())
        return f"tlstudio predict {quoted(str(made['file']) if made else self._model)} photos/"

    @Slot(str)
    def _export_row(self, _key: str) -> None:
        if self.export.isEnabled():
            self._export()

    @Slot()
    def _export(self) -> None:
        run, key = self._run, self.table.selected_key()
        if run is None or not key or self._busy:
            return
        spec = EXPORTS.get(key)
        assert self._app_state.project is not None
        images = self._app_state.project.images_root
        what = f"{spec.title} (*{spec.suffix})" if spec.suffix else ""
        folder = proposed_folder(PURPOSE, images=images)
        proposed = str(folder / f"{self._file_name(spec)}{spec.suffix}")
        out, _ = QFileDialog.getSaveFileName(self, f"Export: {spec.title}", proposed, what)
        if not out:
            return
        if spec.suffix and not Path(out).suffix:
            out += spec.suffix
        remember_folder(PURPOSE, Path(out).parent)
        self._busy = key
        self._job = self._app_state.submit(
            "export",
            run=str(run.run.path),
            format=key,
            out=out,
            images_root=str(images),
        )
        self._job.succeeded.connect(self._done)
        self._job.ended.connect(self._ended)
        self._job.cancelling.connect(self._show)
        self._show()
        self._selected(key)

    @Slot()
    def _show_file(self) -> None:
        made = self._made(self.table.selected_key())
        if made is not None and not show_in_folder(Path(str(made["file"]))):
            self._app_state.status_message.emit(f"It is in {Path(str(made['file'])).parent}")

    def _file_name(self, spec: ExportSpec) -> str:
        project = self._app_state.project.name if self._app_state.project is not None else "model"
        name = (
            "".join(char if char.isalnum() or char in "-_ " else "-" for char in project).strip() or "model"
        )
        assert self._run is not None
        return f"{name} {self._run.run.path.name}" + ("" if spec.default else f" {spec.id}")

    @Slot(dict)
    def _done(self, result: Mapping[str, Any]) -> None:
        self._new[self._busy] = result
        parity = result["parity"]
        self._app_state.status_message.emit(
            f"Exported {Path(str(result['file'])).name}, and read it back: "
            f"{parity['same_class']} of {parity['n']} answers the same"
        )

    @Slot()
    def _ended(self) -> None:
        self._busy, self._job = "", None
        self._show()
        self._selected(self.table.selected_key())
        self.exported.emit()

    @Slot()
    def _copy(self) -> None:
        QApplication.clipboard().setText(self._command())
        self._app_state.status_message.emit("The command line is on the clipboard.")


def _short(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-")
