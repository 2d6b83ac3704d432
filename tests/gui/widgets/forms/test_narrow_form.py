"""Forms in narrow columns."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSpinBox, QWidget

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.forms.narrow_form import NarrowForm


def test_labels_stand_above_the_fields_in_larger_text(qapp, qtbot):
    holder, label, field = QWidget(), QLabel("A name"), QSpinBox()
    qtbot.addWidget(holder)
    form = NarrowForm()
    form.addRow(label, field)
    holder.setLayout(form)
    holder.show()
    qtbot.waitUntil(lambda: field.x() > label.x())
    theme().apply(qapp, "light", text_scale=1.3)
    qtbot.waitUntil(lambda: field.y() > label.y())
