"""HTML written as PDF by Qt."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPixmap

from tlstudio.gui import pdf
from tlstudio.gui.pdf import write_pdf


def test_a_page_of_html_becomes_a_pdf(qapp, tmp_path):
    out = tmp_path / "page.pdf"
    write_pdf("<html><head><title>Ants</title></head><body><h1>Ants and bees</h1></body></html>", out)
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_place_that_cannot_be_written_is_an_error(qapp, tmp_path):
    with pytest.raises(OSError, match="cannot be written"):
        write_pdf("<p>x</p>", tmp_path / "nowhere" / "page.pdf")


def test_no_heading_stays_alone_at_the_foot_of_a_sheet(qapp, tmp_path, monkeypatch):
    """Headings with a large picture below each: the picture of some begins on the next sheet."""
    picture = QPixmap(10, 10)
    picture.fill()
    picture.save(str(tmp_path / "white.png"))
    part = f"<h2>Title</h2><p><img src='{tmp_path / 'white.png'}' width='500' height='390'></p>"
    found = []
    monkeypatch.setattr(pdf, "_keep_headings", lambda document: found.append(alone(document)))
    write_pdf(part * 6, tmp_path / "before.pdf")
    monkeypatch.undo()
    kept = pdf._keep_headings

    def keep(document):
        kept(document)
        found.append(alone(document))

    monkeypatch.setattr(pdf, "_keep_headings", keep)
    write_pdf(part * 6, tmp_path / "after.pdf")
    assert found[0] > 0
    assert found[1] == 0


def alone(document):
    """Number of headings on another sheet than what they are above."""
    return sum(pdf._stands_alone(document, block) for block in pdf._blocks(document))
