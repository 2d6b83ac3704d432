"""Names that look like markup."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from tlstudio.gui.widgets.basics.plain_text import as_plain_text


def test_all_texts_of_a_message_box_are_shown_as_they_are(qtbot):
    box = QMessageBox()
    qtbot.addWidget(box)
    box.setText("Merge “<h1>Big</h1>”?")
    box.setInformativeText("All images of “<h1>Big</h1>”.")
    as_plain_text(box)
    texts = [label for label in box.findChildren(QLabel) if "<h1>" in label.text()]
    assert len(texts) == 2
    assert {label.textFormat() for label in texts} == {Qt.TextFormat.PlainText}
