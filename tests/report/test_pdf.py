"""The report on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.project.runs import RunFolder
from tlstudio.report import pdf
from tlstudio.report.contents import gather
from tlstudio.report.html import render, write_report

PAGE = re.compile(rb"/Type\s*/Page\b")


def test_the_report_is_written_as_pdf_without_a_screen(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    file = write_report(run, tmp_path / "report.pdf")
    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(PAGE.findall(data)) >= 3
    assert b"/URI" not in data, "no link leads out"
    assert list(tmp_path.glob("report*")) == [file]


@pytest.mark.usefixtures("quick_figures")
def test_paper_holds_what_the_page_holds(run: RunFolder):
    contents = gather(run)
    screen, paper = render(contents), render(contents, layout="print")
    assert _headings(paper) == [*_headings(screen)[:-1], "All settings (recipe.json)", _headings(screen)[-1]]
    for words in (contents.verdict.message, contents.recipe.model_dump_json()[:20], "Precision"):
        assert (words in screen) == (words in paper)
    assert paper.count("<img") == screen.count("<img"), "the same figures and mistakes"
    assert "prefers-color-scheme" not in paper
    assert "http:" not in paper
    assert "https:" not in paper


def _headings(page: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", page)


def test_where_qt_cannot_run_the_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "WRITER", (pdf.WRITER[0], "-c", "import sys; sys.exit('no libEGL.so.1')"))
    with pytest.raises(UserError, match=r"no libEGL\.so\.1") as caught:
        pdf.write_pdf("<p>x</p>", tmp_path / "x.pdf")
    assert ".html" in caught.value.mend
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "WRITER", (pdf.WRITER[0], "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(pdf, "LONGEST_SECONDS", 0.2)
    with pytest.raises(UserError, match="it took more than"):
        pdf.write_pdf("<p>x</p>", tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []
