"""The chapter on ways of transferring knowledge, as the window shows it."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from tlstudio.gui.dialogs.ways_dialog import OVERVIEW, WaysDialog
from tlstudio.specs import STRATEGIES


def test_every_strategy_has_a_page_and_its_picture_fits(qtbot):
    dialog = WaysDialog(page="no-such-strategy")
    qtbot.addWidget(dialog)
    assert dialog.pages == [OVERVIEW, *(spec.id for spec in STRATEGIES)]
    assert "Ways of transferring knowledge" in dialog.text.toPlainText()
    for number, name in enumerate(dialog.pages[1:], start=1):
        dialog.list.setCurrentIndex(dialog.list.model().index(number, 0))
        assert dialog.text.source().fileName() == f"{name}.md"
        assert "When it helps." in dialog.text.toPlainText()
        picture = dialog.text.loadResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(f"pictures/{name}.png")
        )
        assert 0 < picture.deviceIndependentSize().width() < dialog.text.viewport().width()


def test_a_link_in_the_text_marks_its_page_in_the_list(qtbot):
    dialog = WaysDialog()
    qtbot.addWidget(dialog)
    name = dialog.pages[-1]
    dialog.text.setSource(QUrl(f"{name}.md"))
    assert dialog.list.currentIndex().row() == dialog.pages.index(name)
    assert "When it helps." in dialog.text.toPlainText()
