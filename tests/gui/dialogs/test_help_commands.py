"""The Help menu of the window."""

from __future__ import annotations

from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel

from tlstudio.core.files import settings_dir
from tlstudio.gui.dialogs.glossary_dialog import GlossaryDialog
from tlstudio.gui.dialogs.help_dialog import ShortcutsDialog
from tlstudio.gui.dialogs.ways_dialog import OVERVIEW, WaysDialog


def test_help_lists_every_shortcut(window):
    window.actions_.shortcuts.trigger()
    dialog = window.findChild(ShortcutsDialog)
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"Ctrl+O", "Ctrl+1", "Ctrl+5", "F1", "Shift+F1", "Ctrl+Q"} <= words
    dialog.close()


def test_the_log_opens_its_folder(window, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    window.actions_.log.trigger()
    assert [url.toLocalFile() for url in opened] == [str(settings_dir())]


def test_the_glossary_opens_from_the_menu_and_a_search_narrows_it(window):
    window.actions_.glossary.trigger()
    dialog = window.findChild(GlossaryDialog)
    assert "Backbone" in dialog.text.toPlainText()
    dialog.search.setText("macro f1")
    shown = dialog.text.toPlainText()
    assert shown.startswith("F1.")
    assert "Backbone" not in shown
    dialog.search.setText("no such term")
    assert "No term" in dialog.text.toPlainText()
    dialog.close()


def test_the_chapter_on_ways_opens_from_the_menu(window):
    window.actions_.ways.trigger()
    dialog = window.findChild(WaysDialog)
    assert dialog.text.source().fileName() == f"{OVERVIEW}.md"
    dialog.close()
