"""Help: the chapter on ways of transferring knowledge, a page with a picture for each strategy."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, QStringListModel, Qt, QUrl, Slot
from PySide6.QtGui import QImage, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListView,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.files import document
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.theme import theme
from tlstudio.specs import STRATEGIES

SIZE = QSize(1000, 680)
LIST_PIXELS = 196
TEXT_MARGIN, PARAGRAPH_PIXELS = 14, 8
PICTURE_SCALE = 2
"""Number of pixels of a picture that lie side by side in one of the page."""
TITLE = "Ways of transferring knowledge"
OVERVIEW = "index"


class ChapterBrowser(QTextBrowser):
    """Shows pages with pictures, none wider than the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document().setDocumentMargin(TEXT_MARGIN)
        # The width for pictures must not change when a page turns out to be long.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.sourceChanged.connect(self._space_paragraphs)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load a page, or a picture at the size at which it is shown."""
        loaded = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return loaded
        picture = QImage(self.source().resolved(QUrl(name)).toLocalFile())
        wanted = theme().pixels(picture.width() / PICTURE_SCALE)
        width = min(wanted, self.viewport().width() - 2 * TEXT_MARGIN)
        ratio = self.devicePixelRatioF()
        scaled = picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        return scaled

    @Slot()
    def _space_paragraphs(self) -> None:
        """Put room between paragraphs, which Markdown has none of; not within tables and commands."""
        spaced = QTextBlockFormat()
        spaced.setBottomMargin(theme().pixels(PARAGRAPH_PIXELS))
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            if cursor.currentTable() is None and not block.blockFormat().nonBreakableLines():
                cursor.mergeBlockFormat(spaced)
            block = block.next()


class WaysDialog(QDialog):
    """The pages of the chapter, listed at the left.

    Args:
        page: Id of the strategy whose page is shown first; the overview for one without a page.
    """

    def __init__(self, *, page: str = OVERVIEW, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        pages = {OVERVIEW: "Overview"} | {spec.id: spec.title for spec in STRATEGIES}
        self._files = {name: document(f"transfer/{name}.md") for name in pages}
        self.pages = [name for name, file in self._files.items() if file.is_file()]
        self.list = QListView()
        self.list.setModel(QStringListModel([pages[name] for name in self.pages], self))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(theme().pixels(LIST_PIXELS))
        self.list.setAccessibleName("Pages")
        self.text = ChapterBrowser()
        self.text.setAccessibleName(TITLE)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.list)
        row.addWidget(self.text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)
        wanted = SIZE * theme().text_scale
        self.resize(wanted.boundedTo(self.screen().availableGeometry().size() - FRAME))
        layout.activate()  # the pictures are made as wide as the page
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.text.sourceChanged.connect(self._opened)
        self.show_page(page)
        self.list.setFocus()

    def show_page(self, name: str) -> None:
        """Show the page of a strategy; the overview for one without a page."""
        row = self.pages.index(name if name in self.pages else OVERVIEW)
        self.list.setCurrentIndex(self.list.model().index(row, 0))

    @Slot(QModelIndex)
    def _chosen(self, index: QModelIndex) -> None:
        file = QUrl.fromLocalFile(str(self._files[self.pages[index.row()]]))
        if self.text.source() != file:
            self.text.setSource(file)

    @Slot(QUrl)
    def _opened(self, source: QUrl) -> None:
        """Mark the page that a link in the text has led to."""
        self.show_page(source.fileName().removesuffix(".md"))


def show_ways(*, page: str, parent: QWidget) -> None:
    """Open the chapter.

    Args:
        page: Id of the strategy whose page is shown.
        parent: Any part of the window.
    """
    dialog = WaysDialog(page=page, parent=parent.window())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
