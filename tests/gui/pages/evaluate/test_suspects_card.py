"""Training labels that look wrong are decided on, one after the other, where they are shown."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.pages.test_evaluate import make
from tests.gui.robots.evaluate import EvaluateRobot
from tlstudio.evaluation.label_scores import ScoredLabel, ScoredLabels, write_label_scores
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.evaluate.suspects_card import AS_SUGGESTED, NOT_COMPARED


def shown(opened, qtbot, *, suspects: int, is_known: bool = True) -> EvaluateRobot:
    run = make(opened)
    classes = opened.project.classes()
    if is_known:
        labels = tuple(
            ScoredLabel(
                path=image.path,
                label=image.label(),
                suggestion=classes[(classes.index(image.label()) + 1) % len(classes)],
                wrong=0.95 - 0.001 * number if number < suspects else 0.01,
            )
            for number, image in enumerate(opened.images())
        )
        scored = ScoredLabels(labels=labels, rate=0.1, interval=(0.05, 0.2), is_shown=bool(suspects))
        write_label_scores(run, scored)
    return EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()


@pytest.fixture
def robot(opened, qtbot) -> EvaluateRobot:
    return shown(opened, qtbot, suspects=3)


def badges(card) -> list[str]:
    return [item.badge for item in card.grid.items()]


def test_each_image_stands_with_its_label_and_the_suggestion(robot, opened):
    card = robot.page.view.suspects
    first = opened.images()[0]
    classes = opened.project.classes()
    assert [item.key for item in card.grid.items()] == [image.path for image in opened.images()[:3]]
    assert card.grid.items()[0].caption == f"{first.label()} → {classes[1]}?"
    assert badges(card) == ["95 %", "95 %", "95 %"]
    assert card.words.text().startswith(f"3 of {len(opened.images())} labels contradict")


def test_the_keyboard_decides_one_after_the_other_and_undo_takes_it_back(robot, opened, qtbot):
    card = robot.page.view.suspects
    paths = [item.key for item in card.grid.items()]
    card.open_first()
    assert card.grid.selected_keys() == paths[:1]
    for key in (Qt.Key.Key_S, Qt.Key.Key_R, Qt.Key.Key_Delete):
        QTest.keyClick(card.grid, key)
    assert badges(card) == ["relabelled", "✓ right", "left out"]
    assert opened.image(paths[0]).label() == opened.project.classes()[1]
    assert opened.image(paths[1]).called_right
    assert opened.image(paths[2]).left_out
    assert card.words.text() == "All of them are decided. Train again to see what it changes."
    qtbot.waitUntil(robot.page.again.button.isVisible)
    assert "1 image relabelled, 1 image not used any more" in robot.page.again.words.text()
    for _ in range(2):
        opened.edits.undo()
    assert badges(card) == ["relabelled", "95 %", "95 %"]
    assert card.grid.selected_keys() == [paths[1]]
    assert "2 to decide" in card.words.text()


def test_several_are_accepted_at_once_each_with_its_own_suggestion(robot, opened):
    card = robot.page.view.suspects
    opened.edits.set_label([opened.images()[1].path], class_name=opened.project.classes()[2])
    keys = [item.key for item in card.grid.items()]
    card.grid.select_keys(keys)
    QTest.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    assert {opened.image(key).label() for key in keys} == {opened.project.classes()[1]}
    assert set(badges(card)) == {"relabelled"}


def test_the_finding_leads_to_them_and_enter_shows_one_large(robot, qtbot):
    card = robot.page.view.suspects
    robot.page.view.show_suspects()
    qtbot.waitUntil(card.grid.hasFocus)
    assert card.accept.text().startswith("Label: ")
    QTest.keyClick(card.grid, Qt.Key.Key_Space)
    assert card.large.isVisible()
    assert "the other images say" in card.large.words.text()
    QTest.keyClick(card.large.view, Qt.Key.Key_Right)
    assert card.grid.selected_keys() == [card.grid.items()[1].key]
    QTest.keyClick(card.large.view, Qt.Key.Key_Escape)
    assert not card.large.isVisible()


@pytest.mark.parametrize(
    ("is_known", "words"),
    [(True, "None of 24 labels that it learned from or was chosen by"), (False, NOT_COMPARED)],
)
def test_without_any_the_card_says_so_and_takes_no_more_room_than_that(opened, qtbot, is_known, words):
    robot = shown(opened, qtbot, suspects=0, is_known=is_known)
    card = robot.page.view.suspects
    assert card.words.text().startswith(words)
    assert not card.grid.isVisible()
    assert not card.accept.isVisible()
    qtbot.waitUntil(lambda: card.height() < 120)


def test_a_selection_moves_nothing_beside_it(robot):
    card = robot.page.view.suspects
    assert card.accept.text() == AS_SUGGESTED
    before = [chip.pos() for chip in (card.right, card.relabel, card.leave_out)]
    card.open_first()
    assert card.accept.text() != AS_SUGGESTED
    assert [chip.pos() for chip in (card.right, card.relabel, card.leave_out)] == before


def test_relabelling_moves_nothing_that_is_looked_at(robot, qtbot):
    card = robot.page.view.suspects
    before = [
        widget.mapTo(robot.page, widget.rect().topLeft()) for widget in (robot.page.view.headline, card)
    ]
    card.open_first()
    QTest.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    scrolled = robot.page.view._page.verticalScrollBar().value()
    qtbot.waitUntil(robot.page.again.button.isVisible)
    qtbot.wait(50)
    after = [widget.mapTo(robot.page, widget.rect().topLeft()) for widget in (robot.page.view.headline, card)]
    assert robot.page.view._page.verticalScrollBar().value() == scrolled
    assert before == after
    assert np.all([place.y() >= 0 for place in before])
