from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.images import thumbnails
from tlstudio.gui.widgets.images.thumbnails import MOST_WAITING, Thumbnails, read_small


@pytest.fixture
def background(qapp):
    background = Background()
    yield background
    background.close()


def picture(path: Path, *, size: tuple[int, int] = (300, 200), **options: object) -> str:
    Image.new("RGB", size, (200, 30, 40)).save(path, **options)
    return str(path)


def test_read_small_keeps_the_shape(qapp, tmp_path):
    image = read_small(picture(tmp_path / "a.jpg"), side=100)
    assert (image.width(), image.height()) == (100, 66)


def test_read_small_does_not_enlarge(qapp, tmp_path):
    image = read_small(picture(tmp_path / "a.png", size=(20, 10)), side=100)
    assert (image.width(), image.height()) == (20, 10)


def test_read_small_turns_as_exif_says(qapp, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = read_small(picture(tmp_path / "a.jpg", exif=exif), side=100)
    assert (image.width(), image.height()) == (66, 100)


def test_see_through_parts_are_white_as_in_training(qapp, tmp_path):
    Image.new("RGBA", (20, 10), (200, 30, 40, 0)).save(tmp_path / "a.png")
    assert read_small(str(tmp_path / "a.png"), side=100).pixelColor(3, 3).name() == "#ffffff"


def test_read_small_of_a_very_long_image(qapp, tmp_path):
    image = read_small(picture(tmp_path / "a.png", size=(3000, 1)), side=100)
    assert image.width() <= 100
    assert image.height() == 1


def test_formats_that_qt_cannot_read_go_through_the_decoder(qapp, tmp_path):
    path = tmp_path / "grey.tif"
    ramp = np.linspace(0, 60_000, 64 * 48, dtype=np.uint16).reshape(48, 64)
    Image.fromarray(ramp).save(path, format="PPM")
    image = read_small(str(path), side=100)
    assert (image.width(), image.height()) == (64, 48)


@pytest.mark.parametrize("content", [b"", b"no image at all"])
def test_read_small_of_no_image_is_null(qapp, tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert read_small(str(path), side=100).isNull()


def test_get_returns_at_once_and_ready_is_emitted_later(background, tmp_path, qtbot):
    path = picture(tmp_path / "a.jpg")
    thumbs = Thumbnails(background, side=100)
    with qtbot.waitSignal(thumbs.ready) as emitted:
        assert thumbs.get(path) is None
    assert emitted.args == [path]
    assert thumbs.get(path).width() == 100
    assert not thumbs.cannot_show(path)


def test_an_unreadable_file_is_requested_once(background, tmp_path, qtbot):
    thumbs = Thumbnails(background, side=100)
    path = str(tmp_path / "gone.jpg")
    with qtbot.waitSignal(thumbs.ready):
        thumbs.get(path)
    assert thumbs.get(path) is None
    assert thumbs.cannot_show(path)
    assert not thumbs._waiting


def test_two_caches_can_share_a_background(background, tmp_path, qtbot):
    path = picture(tmp_path / "a.jpg")
    small, large = Thumbnails(background, side=50), Thumbnails(background, side=100)
    with qtbot.waitSignals([small.ready, large.ready]):
        small.get(path)
        large.get(path)
    assert (small.get(path).width(), large.get(path).width()) == (50, 100)


def test_only_the_newest_requests_are_kept(qapp, tmp_path):
    class Idle(Background):
        def submit(self, key, work):
            self.asked.append(key.path)

    idle = Idle()
    idle.asked = []
    thumbs = Thumbnails(idle, side=50)
    for number in range(MOST_WAITING + 50):
        thumbs.get(f"{number}.jpg")
    assert len(idle.asked) == thumbnails.AT_ONCE
    assert len(thumbs._waiting) == MOST_WAITING
    assert f"{MOST_WAITING + 49}.jpg" in thumbs._waiting
    assert "2.jpg" not in thumbs._waiting
    idle.close()


def test_memory_is_bounded(background, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails, "CACHE_BYTES", 3 * 100 * 66 * 4)
    thumbs = Thumbnails(background, side=100)
    paths = [picture(tmp_path / f"{number}.jpg") for number in range(6)]
    for path in paths:
        with qtbot.waitSignal(thumbs.ready):
            thumbs.get(path)
    assert list(thumbs._cached) == paths[-3:]
    assert isinstance(thumbs, QObject)
