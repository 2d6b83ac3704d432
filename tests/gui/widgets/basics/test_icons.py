import pytest

from tlstudio.core.files import resource
from tlstudio.gui.widgets.basics.icons import RATIO, drawing, icon

# The others have colours of their own: the app's icon, and those the style sheet takes as files.
NAMES = [
    file.stem
    for file in sorted(resource("icons").glob("*.svg"))
    if "currentColor" in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_shows_something_in_the_colour_asked_for(qapp, name):
    image = drawing(name, colour="#ff0000", size=16).toImage()
    assert image.width() == image.height() == 16 * RATIO
    side = range(image.width())
    strong = [c for x in side for y in side if (c := image.pixelColor(x, y)).alpha() > 200]
    assert strong
    assert any(colour.red() > 200 and colour.green() < 60 and colour.blue() < 60 for colour in strong)


def test_there_are_drawings():
    assert {"drop"} <= set(NAMES)


def test_an_icon_is_its_drawing(qapp):
    made = icon("drop", colour="#0000ff", size=24)
    assert not made.isNull()
    assert drawing("drop", colour="#0000ff", size=24).deviceIndependentSize().toSize().width() == 24


def test_an_unknown_drawing_raises(qapp):
    with pytest.raises(FileNotFoundError):
        drawing("no such drawing", colour="#000000", size=16)
