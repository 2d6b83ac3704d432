"""Writes a page of HTML as a PDF file: `python -m tlstudio.gui.pdf OUT`, with the HTML on standard input.

A process of its own, as the command line and the engine have no Qt. It needs no screen, and loads nothing
that is not within the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

MARGIN_MILLIMETRES = 18.0
FOOT = 0.03
"""Share of a sheet's height for the number of the page."""
DOTS_PER_INCH = 300
MOST_PASSES = 60
"""Most headings that are moved to the next sheet, so that it ends whatever the document is like."""


def write_pdf(html: str, out: Path) -> None:
    """Lay out a page of HTML on sheets of A4 and write them.

    Args:
        html: What Qt's rich text knows of HTML; pictures within it.
        out: The file.

    Raises:
        OSError: It cannot be written.
    """
    writer = QPdfWriter(str(out))
    writer.setCreator("tlstudio")
    writer.setResolution(DOTS_PER_INCH)
    margins = QMarginsF(*[MARGIN_MILLIMETRES] * 4)
    sheet, portrait = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(sheet, portrait, margins, QPageLayout.Unit.Millimeter))
    document = _laid_out(html, writer)
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{out} cannot be written")
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        _draw(document, painter, number=number, height=writer.height())
    painter.end()


def _laid_out(html: str, writer: QPdfWriter) -> QTextDocument:
    """Lay out a page so that no heading stands at the foot of a sheet with its text on the next one."""
    breaks: list[int] = []
    while True:
        document = _document(html, writer, breaks=breaks)
        blocks = _blocks(document)
        alone = next((n for n, block in enumerate(blocks) if _stands_alone(document, block)), None)
        if alone is None or len(breaks) == MOST_PASSES:
            return document
        breaks.append(alone)


def _document(html: str, writer: QPdfWriter, *, breaks: Sequence[int]) -> QTextDocument:
    """Lay out a page on sheets.

    Qt lays out no more than it is asked for, and loses text of a document that is changed meanwhile. So this
    one is changed before it is laid out, and then laid out to its end.

    Args:
        html: The page.
        writer: Of the sheets.
        breaks: Numbers of the blocks before which a new sheet begins.
    """
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    document.setHtml(html)
    blocks = _blocks(document)
    for number in breaks:
        form = blocks[number].blockFormat()
        form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
        QTextCursor(blocks[number]).setBlockFormat(form)
    document.setPageSize(QSizeF(writer.width(), writer.height() * (1 - FOOT)))
    document.pageCount()
    return document


def _blocks(document: QTextDocument) -> list[QTextBlock]:
    blocks, block = [], document.begin()
    while block.isValid():
        blocks.append(block)
        block = block.next()
    return blocks


def _stands_alone(document: QTextDocument, block: QTextBlock) -> bool:
    is_heading = block.blockFormat().headingLevel() > 0 and block.next().isValid()
    breaks = block.blockFormat().pageBreakPolicy() & QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
    return is_heading and not breaks and _sheet(document, block) != _sheet(document, block.next())


def _sheet(document: QTextDocument, block: QTextBlock) -> int:
    """Number of the sheet that the first line of a block is on."""
    # One dot more, as heights are rounded: a line at the top of a sheet may seem to lie on the one before.
    top = document.documentLayout().blockBoundingRect(block).top()
    first = block.layout().lineAt(0) if block.layout().lineCount() else None
    return int((top + (first.y() if first is not None else 0.0) + 1) // document.pageSize().height())


def _draw(document: QTextDocument, painter: QPainter, *, number: int, height: int) -> None:
    """Draw one sheet and its number."""
    size = document.pageSize()
    painter.save()
    painter.translate(0, -number * size.height())
    document.drawContents(painter, QRectF(0, number * size.height(), size.width(), size.height()))
    painter.restore()
    foot = QRectF(0, size.height(), size.width(), height - size.height())
    words = f"{number + 1} / {document.pageCount()}"
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), words)


def main() -> None:
    """Read the page from standard input and write it."""
    html = sys.stdin.buffer.read().decode("utf-8")
    app = QGuiApplication(sys.argv[:1])
    write_pdf(html, Path(sys.argv[1]))
    app.quit()


if __name__ == "__main__":
    main()
