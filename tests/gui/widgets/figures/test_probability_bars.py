import pytest
from PySide6.QtGui import QColor, QFont, QFontMetrics

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.figures.probability_bars import (
    NAME_SHARE,
    ROW_PIXELS,
    ProbabilityBars,
)


@pytest.fixture
def bars(qtbot):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.resize(400, 200)
    bars.set_probabilities({"ants": 0.1, "bees": 0.75, "leaves": 0.15})
    bars.show()
    return bars


def filled_share(bars: ProbabilityBars, row: int) -> float:
    """Measure the share of a row's track that has the colour of the bar."""
    image = bars.widget().grab().toImage()
    accent = QColor(theme().colours.accent)
    left, right = round(image.width() * NAME_SHARE), image.width() - bars.widget().numbers_width()
    y = row * ROW_PIXELS + ROW_PIXELS // 2
    return sum(image.pixelColor(x, y) == accent for x in range(left, right)) / (right - left)


def test_the_most_probable_comes_first_and_all_are_spoken(bars):
    assert list(bars.probabilities.items()) == [("bees", 0.75), ("leaves", 0.15), ("ants", 0.1)]
    description = bars.accessibleDescription()
    assert description.startswith("bees 75.0")
    assert description.index("leaves") < description.index("ants")


def test_bars_are_as_long_as_their_probability(bars):
    assert filled_share(bars, 0) == pytest.approx(0.75, abs=0.05)
    assert filled_share(bars, 1) == pytest.approx(0.15, abs=0.05)


def test_a_probability_of_zero_has_no_bar(bars):
    bars.set_probabilities({"bees": 1.0, "ants": 0.0})
    assert filled_share(bars, 0) > 0.95
    assert filled_share(bars, 1) == 0


def test_the_true_class_is_marked(bars):
    before = bars.widget().grab().toImage()
    bars.set_probabilities(bars.probabilities, true_class="ants")
    assert bars.widget().grab().toImage() != before


def test_percentages_have_room_in_larger_text(bars, qapp):
    theme().apply(qapp, "light", text_scale=1.3)
    bold = QFont(bars.widget().font())
    bold.setBold(True)
    widths = [QFontMetrics(bold).horizontalAdvance(text) for text in ("60.6 %", "99.9 %", "100 %")]
    assert bars.widget().numbers_width() > max(widths)


def test_many_classes_scroll_and_few_take_no_more_room_than_they_need(bars, qtbot):
    assert bars.maximumHeight() == 3 * ROW_PIXELS + 2
    bars.set_probabilities({f"class {number}": 0.01 for number in range(100)})
    qtbot.waitUntil(lambda: bars.verticalScrollBar().maximum() > 0)
    bars.set_probabilities({})
    assert bars.probabilities == {}
