from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest

from tlstudio.gui.stage_text import count_words
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.layer_stack import LayerStack, StackStage


@pytest.fixture
def stack(qtbot) -> LayerStack:
    stack = LayerStack()
    qtbot.addWidget(stack)
    show(stack, 5, frozen=3)
    stack.resize(500, 360)
    stack.show()
    return stack


def show(stack: LayerStack, count: int, *, frozen: int) -> None:
    stages = [StackStage(name=f"blocks.{n}", weights=1000 * (n + 1), rate=0.1) for n in range(count)]
    stack.set_stack(stages, head="New head", head_weights=99, input_text="224 × 224 photo", frozen=frozen)


def test_showing_a_backbone_emits_nothing(stack, qtbot):
    with qtbot.assertNotEmitted(stack.frozen_changed):
        show(stack, 8, frozen=2)
    assert stack.first_trainable() == "blocks.2"


@pytest.mark.parametrize(
    ("key", "frozen"),
    [(Qt.Key.Key_Up, 4), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Home, 5), (Qt.Key.Key_End, 0)],
)
def test_keys(stack, qtbot, key, frozen):
    with qtbot.waitSignal(stack.frozen_changed) as emitted:
        QTest.keyClick(stack, key)
    assert emitted.args == [frozen]


def test_head_alone_has_no_trainable_stage(stack):
    QTest.keyClick(stack, Qt.Key.Key_Home)
    assert stack.first_trainable() is None


@pytest.mark.parametrize("frozen", range(6))
def test_dragging_reaches_every_place(stack, frozen):
    start, end = QPoint(40, round(stack.line_y())), QPoint(40, round(stack._boundary(frozen)))
    QTest.mousePress(stack, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(stack, (start + end) / 2)
    QTest.mouseMove(stack, end)
    QTest.mouseRelease(stack, Qt.MouseButton.LeftButton, pos=end)
    assert stack.value() == frozen


def test_pressing_the_line_without_dragging_changes_nothing(stack, qtbot):
    with qtbot.assertNotEmitted(stack.frozen_changed):
        QTest.mouseClick(stack, Qt.MouseButton.LeftButton, pos=QPoint(40, round(stack.line_y())))


@pytest.mark.parametrize(("stage", "frozen"), [(0, 0), (2, 2), (3, 4), (4, 5)])
def test_a_click_unfreezes_or_freezes_a_stage(stack, stage, frozen):
    QTest.mouseClick(stack, Qt.MouseButton.LeftButton, pos=stack.row_rect(stage).center().toPoint())
    assert stack.value() == frozen


def test_frozen_is_ice_and_training_is_fire(stack):
    picture = stack.grab().toImage()

    def colour(index: int) -> QColor:
        rect = stack.row_rect(index)
        return picture.pixelColor(round(rect.left() + 200), round(rect.top() + 4))

    colours = theme().colours
    assert [colour(index).name() for index in range(6)] == 3 * [colours.ice_soft] + 3 * [colours.fire_soft]


@pytest.mark.parametrize(("count", "height"), [(5, 360), (14, 400), (30, 800)])
@pytest.mark.parametrize("frozen", [0, 3])
def test_rows_never_overlap_nor_leave_the_widget(stack, count, height, frozen):
    show(stack, count, frozen=frozen)
    stack.resize(400, max(height, stack.minimumSizeHint().height()))
    rects = [stack.row_rect(index) for index in range(count + 1)]
    assert all(upper.bottom() < lower.top() for lower, upper in itertools.pairwise(rects))
    assert rects[-1].top() > 0
    assert rects[0].bottom() < stack.height()
    assert stack.line_y() < stack.height()


def test_a_screen_reader_finds_a_slider_with_words(stack):
    interface = QAccessible.queryAccessibleInterface(stack)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Freeze line"
    assert "3 of 5 stages are frozen; blocks 3 and all above it train" in stack.accessibleDescription()
    QTest.keyClick(stack, Qt.Key.Key_End)
    assert "Nothing is frozen" in stack.accessibleDescription()


def test_tips_have_the_exact_numbers(stack):
    assert "1\u202f000 weights stay" in stack._tip_at(stack.row_rect(0).center())
    assert "5\u202f000 weights learn" in stack._tip_at(stack.row_rect(4).center())
    assert "99 new weights" in stack._tip_at(stack.row_rect(5).center())
    assert "Below the line" in stack._tip_at(QPointF(1, 1))


@pytest.mark.parametrize(
    ("count", "words"),
    [(512, "512"), (6405, "6.41\u00a0k"), (722_000, "0.72\u00a0M"), (23_508_032, "23.5\u00a0M")],
)
def test_count_words(count, words):
    assert count_words(count) == words


def test_stages_whose_line_will_be_found_look_neither_frozen_nor_training(stack, qtbot):
    stages = [StackStage(name=f"blocks.{n}", weights=1000, rate=0.1) for n in range(5)]
    stack.set_stack(stages, head="New head", head_weights=9, input_text="photo", frozen=2, undecided=3)
    picture = stack.grab().toImage()
    colours = theme().colours
    grounds = [
        picture.pixelColor(stack.row_rect(index).topLeft().toPoint() + QPoint(200, 4)) for index in range(5)
    ]
    assert grounds[0] == grounds[1] == QColor(colours.ice_soft)
    assert set(map(QColor.name, grounds[2:])) == {QColor(colours.surface).name()}
    assert "found by trying" in stack.accessibleDescription()
    with qtbot.waitSignal(stack.frozen_changed) as emitted:
        QTest.keyClick(stack, Qt.Key.Key_Down)
    assert emitted.args == [1]
    assert "found by trying" not in stack.accessibleDescription()
