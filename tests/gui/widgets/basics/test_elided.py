import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.widgets.basics.elided import ElidedLabel, elided

PATH = "/pictures/2024/holidays by the sea/insects/bees/photo-0001.jpg"


@pytest.fixture
def label(qtbot):
    label = ElidedLabel(PATH, middle=True)
    qtbot.addWidget(label)
    return label


def test_the_label_has_a_minimum_width(label):
    least, full = label.minimumSizeHint(), label.sizeHint()
    assert 0 < least.width() < full.width() / 2
    assert least.height() == full.height()
    label.setText("bee")
    assert label.minimumSizeHint().width() == label.sizeHint().width()


def test_the_tip_has_the_full_text_only_while_it_is_elided(label):
    label.resize(120, 20)
    label.grab()
    assert label.toolTip() == PATH
    label.resize(label.sizeHint().width() + 10, 20)
    label.grab()
    assert label.toolTip() == ""


def test_a_path_keeps_its_end(qtbot, label):
    """Cut in the middle, two files of one folder look different; cut at the end, alike."""
    other = PATH.replace("0001.jpg", "0002.jpg")
    pictures = {}
    for middle in (True, False):
        for text in (PATH, other):
            one = ElidedLabel(text, middle=middle)
            qtbot.addWidget(one)
            one.resize(160, 20)
            pictures[middle, text] = one.grab().toImage()
    assert pictures[True, PATH] != pictures[True, other]
    assert pictures[False, PATH] == pictures[False, other]


def test_text_is_never_read_as_markup(qtbot):
    plain = ElidedLabel("<b>bees</b>")
    qtbot.addWidget(plain)
    assert plain.sizeHint().width() >= plain.fontMetrics().horizontalAdvance("<b>bees</b>")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("lymphocyte → neutrophil", ("lym", "neu")),
        ("nut → a very long name of a class", ("nut", "a ver")),
        ("a very long name of a class → nut", ("a ver", "nut")),
    ],
)
def test_something_is_left_of_both_names_beside_an_arrow(label, text, kept):
    metrics = label.fontMetrics()
    width = metrics.horizontalAdvance(text) * 3 // 4
    shown = elided(text, metrics, width=width, mode=Qt.TextElideMode.ElideMiddle)
    assert metrics.horizontalAdvance(shown) <= width
    parts = shown.split(" → ")
    assert all(part.startswith(start) for part, start in zip(parts, kept, strict=True))
    whole = elided(text, metrics, width=2 * width, mode=Qt.TextElideMode.ElideMiddle)
    assert whole == text
