"""The picture of what happens to the images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from tlstudio.gui.class_looks import class_looks
from tlstudio.gui.pages.model.flow_picture import (
    HIGHEST_PIXELS,
    LOWEST_PIXELS,
    FlowPicture,
    one_of_each,
)
from tlstudio.gui.pages.model.plan_text import Parts
from tlstudio.gui.theme import theme


@pytest.fixture
def picture(opened, qtbot) -> FlowPicture:
    picture = FlowPicture(opened.background)
    qtbot.addWidget(picture)
    return picture


def colours_in_the_middle(picture: FlowPicture) -> list[str]:
    """The colours along the middle, each once, from left to right."""
    image = picture.grab().toImage()
    line = [QColor(image.pixel(x, image.height() // 2)).name() for x in range(image.width())]
    return list(dict.fromkeys(line))


def test_what_stays_is_left_of_what_learns(picture):
    picture.resize(600, 120)
    picture.show_flow(images=[], parts=Parts(kept=5, total=9, is_tried=False), classes=[])
    found = colours_in_the_middle(picture)
    ice, fire = theme().colours.ice_soft, theme().colours.fire_soft
    assert found.index(ice) < found.index(fire)
    picture.show_flow(images=[], parts=Parts(kept=0, total=9, is_tried=False), classes=[])
    assert ice not in colours_in_the_middle(picture)
    picture.show_flow(images=[], parts=Parts(kept=0, total=0, is_tried=False), classes=[])
    assert {ice, fire} <= set(colours_in_the_middle(picture))  # parts that are not known yet


def test_names_are_elided_where_the_room_ends(picture, monkeypatch):
    written = []
    monkeypatch.setattr(
        picture, "_write", lambda _painter, _text, area, **_rest: written.append(area.right())
    )
    picture.resize(190, 120)
    names = ["a rather long name of a class", "another"]
    picture.show_flow(
        images=["a", "b", "c"],
        parts=Parts(kept=5, total=9, is_tried=False),
        classes=class_looks(names, colours={}),
    )
    picture.grab()
    assert written
    assert max(written) <= picture.width()


def test_an_image_appears_when_it_has_been_read(picture, opened, qtbot):
    picture.resize(600, 120)
    root = opened.project.images_root
    images = one_of_each([(image.label(), image.path) for image in opened.images()], root=root)
    assert len(images) == 3
    picture.show_flow(images=images, parts=Parts(kept=9, total=9, is_tried=False), classes=[])
    before = picture.grab().toImage()
    with qtbot.waitSignals([picture._thumbnails.ready] * 3):
        pass
    assert picture.grab().toImage() != before


@pytest.mark.parametrize("size", [(300, 104), (480, 104), (900, 180)])
@pytest.mark.parametrize("count", [0, 1, 5, 6, 40])
def test_any_number_of_classes_is_drawn_in_any_width(size, count, picture, own_windows):
    looks = class_looks([f"a class with a very long name {number}" for number in range(count)], colours={})
    picture.resize(*size)
    picture.show_flow(images=["missing.jpg"], parts=Parts(kept=6, total=9, is_tried=True), classes=looks)
    assert picture.grab().toImage().size() == QSize(*size)


def test_it_grows_with_the_room_and_not_beyond_what_looks_good(picture):
    for room, height in ((QSize(300, 2000), LOWEST_PIXELS), (QSize(900, 9000), round(0.18 * 900)),
                         (QSize(2000, 2000), HIGHEST_PIXELS)):  # fmt: skip
        picture.fit_into(room)
        assert picture.height() == height


def test_one_image_of_each_of_the_first_classes():
    paths = [(None, "x.jpg"), ("a", "1.jpg"), ("a", "2.jpg"), ("b", "3.jpg"), ("c", "4.jpg"), ("d", "5.jpg")]
    assert one_of_each(paths, root=Path("/r")) == tuple(str(Path("/r") / f"{n}.jpg") for n in (1, 3, 4))
