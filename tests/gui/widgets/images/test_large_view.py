"""One image, large: zoomed by the wheel, moved by dragging."""

from __future__ import annotations

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLayout

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.images.large_view import LargeView
from tlstudio.gui.widgets.images.picture import LONGEST_SIDE, MOST_ZOOM


@pytest.fixture
def view(qtbot):
    background = Background()
    view = LargeView(background)
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show()
    yield view
    background.close()


@pytest.fixture
def halves(tmp_path):
    """An image whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (400, 200), "red")
    image.paste((0, 0, 255), (200, 0, 400, 200))
    image.save(tmp_path / "halves.png")
    return str(tmp_path / "halves.png")


def show(view: LargeView, file: str, qtbot) -> None:
    view.show_file(file, name="halves.png", before="", after="")
    qtbot.waitUntil(lambda: not view.picture.image.isNull())


def turn_wheel(view: LargeView, steps: int, *, at: QPoint) -> None:
    place, on_screen = QPointF(at), QPointF(view.picture.mapToGlobal(at))
    event = QWheelEvent(
        place,
        on_screen,
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.picture, event)


def colour_at(view: LargeView, place: QPoint) -> str:
    return QColor(view.picture.grab().toImage().pixelColor(place)).name()


def test_the_whole_image_is_shown_at_first(view, halves, qtbot):
    show(view, halves, qtbot)
    middle = view.picture.rect().center()
    assert view.picture.zoom == 1
    assert colour_at(view, middle - QPoint(200, 0)) == "#ff0000"
    assert colour_at(view, middle + QPoint(200, 0)) == "#0000ff"
    assert not view.fit.isEnabled()


def test_the_wheel_zooms_where_the_pointer_is(view, halves, qtbot):
    show(view, halves, qtbot)
    left = view.picture.rect().center() - QPoint(100, 0)
    turn_wheel(view, 6, at=left)
    assert view.picture.zoom == pytest.approx(1.25**6)
    width = view.picture.width()
    assert colour_at(view, left) == "#ff0000"
    assert colour_at(view, QPoint(width // 2 + 50, left.y())) == "#ff0000", "the border moved to the right"
    turn_wheel(view, -20, at=left)
    assert view.picture.zoom == 1
    turn_wheel(view, 1000, at=left)
    assert view.picture.zoom == MOST_ZOOM


def test_dragging_moves_a_zoomed_image_but_never_out_of_sight(view, halves, qtbot):
    show(view, halves, qtbot)
    middle = view.picture.rect().center()
    turn_wheel(view, 6, at=middle - QPoint(100, 0))
    for _ in range(8):
        QTest.mousePress(view.picture, Qt.MouseButton.LeftButton, pos=middle)
        QTest.mouseMove(view.picture, middle - QPoint(250, 0))
        QTest.mouseRelease(view.picture, Qt.MouseButton.LeftButton, pos=middle - QPoint(250, 0))
    assert colour_at(view, middle) == "#0000ff"
    assert colour_at(view, QPoint(view.picture.width() - 2, middle.y())) == "#0000ff", "no gap at the edge"
    QTest.mouseClick(view.fit, Qt.MouseButton.LeftButton)
    assert view.picture.zoom == 1
    assert colour_at(view, middle - QPoint(200, 0)) == "#ff0000"


def test_keys_zoom_move_and_close(view, halves, qtbot):
    show(view, halves, qtbot)
    moved: list[int] = []
    closed: list[bool] = []
    view.moved.connect(moved.append)
    view.closed.connect(lambda: closed.append(True))
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.picture.zoom > 1
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.picture.zoom == 1
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(view, key)
    assert moved == [1, -1, 1, -1]
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Escape):
        QTest.keyClick(view, key)
    QTest.mouseDClick(view.picture, Qt.MouseButton.LeftButton)
    assert closed == [True, True, True]


def test_another_image_is_shown_whole_and_the_next_is_read_ahead(view, halves, tmp_path, qtbot):
    Image.new("RGB", (50, 50), "green").save(tmp_path / "next.png")
    view.show_file(halves, name="halves.png", before="", after=str(tmp_path / "next.png"))
    qtbot.waitUntil(lambda: len(view.picture._ahead) == 2)
    view.picture.zoom_by(3)
    view.show_file(str(tmp_path / "next.png"), name="next.png", before=halves, after="")
    assert view.picture.zoom == 1
    assert view.picture.image.pixelColor(3, 3) == QColor("green"), "it was there at once"
    assert view.back.isEnabled()
    assert not view.next.isEnabled()


def test_zooming_into_a_large_photo_reads_all_its_pixels(view, tmp_path, qtbot):
    Image.new("RGB", (2 * LONGEST_SIDE, 900), "green").save(tmp_path / "large.png")
    show(view, str(tmp_path / "large.png"), qtbot)
    assert view.picture.image.width() == LONGEST_SIDE
    view.picture.zoom_by(10)
    qtbot.waitUntil(lambda: view.picture.image.width() == 2 * LONGEST_SIDE)


@pytest.mark.parametrize("width", [330, 486, 900])
def test_no_button_is_cut_where_room_is_short(view, qtbot, width):
    view.hide()
    view.layout().setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # as inside a page that is narrow
    view.setMinimumSize(0, 0)
    view.show_file("", name="IMG_0029.jpg", before="", after="")
    view.resize(width, 480)
    view.show()
    assert view.width() == width
    for button in (view.close_button, view.back, view.next, view.fit):
        assert button.width() >= button.sizeHint().width()
        assert view.rect().contains(button.geometry())
        assert not button.geometry().intersects(view.picture.geometry())
