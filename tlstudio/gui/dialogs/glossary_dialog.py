"""Help: the glossary, with a search."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from tlstudio.core.glossary import Entry, glossary
from tlstudio.gui.geometry import FRAME

SIZE = QSize(620, 560)
NOTHING = "No term or explanation holds these letters."


class GlossaryDialog(QDialog):
    """Every term of the app with its meaning, in alphabetical order; typing filters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Glossary")
        self._entries = sorted(glossary(), key=lambda entry: entry.title.casefold())
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search…")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the glossary")
        self.search.setToolTip("Part of a term or of its explanation")
        self.text = QTextBrowser()
        self.text.setAccessibleName("Glossary")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        for widget in (self.search, self.text, buttons):
            layout.addWidget(widget)
        self.resize(SIZE.boundedTo(self.screen().availableGeometry().size() - FRAME))
        self.search.textChanged.connect(self._filter)
        self._filter("")

    @Slot(str)
    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        chosen = [entry for entry in self._entries if wanted in _searched(entry)]
        # A term that is named so comes before terms whose explanation mentions it.
        chosen.sort(key=lambda entry: not any(name.casefold().startswith(wanted) for name in entry.names))
        paragraphs = [f"**{entry.title}.** {entry.text}" for entry in chosen]
        self.text.setMarkdown("\n\n".join(paragraphs) or NOTHING)


def _searched(entry: Entry) -> str:
    return f"{' '.join(entry.names)} {entry.text}".casefold()
