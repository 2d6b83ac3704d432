"""The card “Have I done enough?”."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.test_enough import CURVE
from tests.gui.pages.evaluate.test_findings import evaluation
from tlstudio.evaluation.enough import answer
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.pages.evaluate.enough_card import EnoughCard
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.report.history_values import learning_values

IMAGES = EvaluatedImages(evaluation=evaluation(), root=Path())
OLD = EvaluatedRun(run=RunFolder(Path("run-1")), splits={})


@pytest.fixture
def card(qtbot) -> EnoughCard:
    background = Background()
    made = EnoughCard(background)
    qtbot.addWidget(made)
    made.resize(420, 320)
    made.show()
    yield made
    background.close()


def test_the_answer_stands_above_its_curve(card, qtbot):
    run = EvaluatedRun(
        run=OLD.run, splits={}, learning=learning_values(RunHistory([CURVE])), enough=answer(CURVE)
    )
    with qtbot.waitSignal(card.figure.drawn, timeout=10_000):
        card.show_evaluation(IMAGES, run=run)
    assert card.answer.finding.message == answer(CURVE).message
    assert card.figure.isVisible()


def test_a_run_without_a_curve_says_so(card):
    card.show_evaluation(IMAGES, run=OLD)
    assert "not measured" in card.answer.finding.message
    assert not card.figure.isVisible()
