import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from tlstudio.gui.widgets.basics.scroll_safe import (
    ScrollSafeComboBox,
    ScrollSafeDecimalBox,
    ScrollSafeSpinBox,
)


@pytest.mark.parametrize("make", [ScrollSafeSpinBox, ScrollSafeDecimalBox, ScrollSafeComboBox])
def test_the_mouse_wheel_is_ignored(qtbot, make):
    field = make()
    qtbot.addWidget(field)
    if isinstance(field, ScrollSafeComboBox):
        field.addItems(["one", "two", "three"])
        field.setCurrentIndex(1)
    else:
        field.setValue(5)
    field.show()
    before = field.currentIndex() if isinstance(field, ScrollSafeComboBox) else field.value()
    turn = QWheelEvent(
        QPointF(4, 4),
        QPointF(4, 4),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, turn)
    assert not turn.isAccepted()
    assert (field.currentIndex() if isinstance(field, ScrollSafeComboBox) else field.value()) == before
    assert field.focusPolicy() == Qt.FocusPolicy.StrongFocus  # WheelFocus would take the focus by the wheel


@pytest.mark.parametrize("make", [ScrollSafeSpinBox, ScrollSafeDecimalBox])
def test_a_number_is_emitted_when_editing_finishes(qtbot, make):
    field = make()
    qtbot.addWidget(field)
    field.setRange(0, 99)
    values = []
    field.valueChanged.connect(values.append)
    field.selectAll()
    qtbot.keyClicks(field, "42")
    assert values == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert values == [42]
