"""HTML written as PDF by Qt."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPdfWriter, QPixmap

from tlstudio.gui import pdf
from tlstudio.gui.pdf import write_pdf


def test_a_page_of_html_becomes_a_pdf(qapp, tmp_path):
    out = tmp_path / "page.pdf"
    write_pdf("<html><head><title>Ants</title></head><body><h1>Ants and bees</h1></body></html>", out)
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_place_that_cannot_be_written_is_an_error(qapp, tmp_path):
    with pytest.raises(OSError, match="cannot be written"):
        write_pdf("<p>x</p>", tmp_path / "nowhere" / "page.pdf")


def test_no_heading_stays_alone_at_the_foot_of_a_sheet(qapp, tmp_path):
    """Headings with a large picture below each: the picture of some begins on the next sheet."""
    part = headed_picture(tmp_path)
    writer = QPdfWriter(str(tmp_path / "page.pdf"))
    assert alone(pdf._document(part * 6, writer, breaks=[])) > 0
    laid_out = pdf._laid_out(part * 6, writer)
    assert alone(laid_out) == 0
    assert laid_out.pageCount() > 1


def headed_picture(folder):
    picture = QPixmap(10, 10)
    picture.fill()
    picture.save(str(folder / "white.png"))
    return f"<h2>Title</h2><p><img src='{folder / 'white.png'}' width='500' height='390'></p>"


def alone(document):
    """Number of headings on another sheet than what they are above."""
    return sum(pdf._stands_alone(document, block) for block in pdf._blocks(document))


def test_nothing_is_lost_where_headings_are_moved(qapp, tmp_path):
    """Qt loses what follows when a document is changed that it has laid out in part."""
    page = headed_picture(tmp_path) * 6 + "<h2>Title</h2>" + "<p>Some words.</p>" * 90
    writer = QPdfWriter(str(tmp_path / "page.pdf"))
    plain, kept = pdf._document(page, writer, breaks=[]), pdf._laid_out(page, writer)
    assert alone(plain) > 0
    assert kept.pageCount() >= plain.pageCount() > 2
    bottom = kept.documentLayout().blockBoundingRect(kept.lastBlock()).bottom()
    assert bottom > (kept.pageCount() - 1) * kept.pageSize().height()
