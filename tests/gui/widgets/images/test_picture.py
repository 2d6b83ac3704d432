import pytest
from PIL import Image
from PySide6.QtGui import QColor

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.images.picture import LONGEST_SIDE, Picture


@pytest.fixture
def picture(qtbot):
    background = Background()
    picture = Picture(background)
    qtbot.addWidget(picture)
    picture.resize(300, 200)
    yield picture
    background.close()


def save(file, colour: str, *, size=(30, 20)) -> str:
    Image.new("RGB", size, colour).save(file)
    return str(file)


def test_a_file_is_shown_centred_with_its_name_as_description(picture, qtbot, tmp_path):
    picture.show_file(save(tmp_path / "bee.png", "red"))
    qtbot.waitUntil(lambda: not picture.image.isNull())
    assert picture.accessibleDescription() == "bee.png"
    shown = picture.grab().toImage()
    red = QColor("red")
    assert shown.pixelColor(150, 100) == red
    # Four times as large as it is, not filling the room: 120 × 80 around the middle.
    assert shown.pixelColor(100, 70) == red
    assert shown.pixelColor(80, 100) != red


def test_the_newest_requested_file_is_shown(picture, qtbot, tmp_path):
    first, second = save(tmp_path / "1.png", "red"), save(tmp_path / "2.png", "blue")
    picture.show_file(first)
    picture.show_file(second)
    qtbot.waitUntil(lambda: not picture.image.isNull())
    qtbot.wait(50)
    assert picture.image.pixelColor(0, 0) == QColor("blue")
    picture.show_file("")
    assert picture.image.isNull()


def test_large_images_are_read_small(picture, qtbot, tmp_path):
    picture.show_file(save(tmp_path / "large.png", "green", size=(2 * LONGEST_SIDE, 40)))
    qtbot.waitUntil(lambda: not picture.image.isNull())
    assert picture.image.width() == LONGEST_SIDE


def test_an_unreadable_file_shows_a_sentence(picture, qtbot, tmp_path):
    empty = picture.grab().toImage()
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 torn")
    picture.show_file(str(tmp_path / "torn.jpg"))
    qtbot.waitUntil(lambda: picture.grab().toImage() != empty)
    assert picture.image.isNull()
