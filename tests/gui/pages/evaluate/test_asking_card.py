"""The card “When unsure, ask a person”."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.test_asking import calibrated, predictions
from tlstudio.core.ask_below import AskBelow
from tlstudio.evaluation.asking import STEPS, Answered, AskingRule, AskingRules, read_rules, write_rules
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.evaluate.asking_card import STORE_AFTER_MS, WISHES, AskingCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.project.runs import RunFolder

TEST = calibrated(60, seed=1)


@pytest.fixture
def background(qapp) -> Background:
    made = Background()
    yield made
    made.close()


@pytest.fixture
def card(qtbot, background) -> AskingCard:
    made = AskingCard(background)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run-1")
    folder.create()
    found = Answered(n=200, answered=120, right=116)
    write_rules(folder, AskingRules(columns={"label": AskingRule(threshold=0.9, wish=0.95, found=found)}))
    return folder


def show(card: AskingCard, run: RunFolder, *, validation: Predictions | None, qtbot) -> None:
    images = EvaluatedImages(evaluation=evaluate_predictions(TEST, subset="test"), root=Path())
    splits = {"test": images}
    if validation is not None:
        evaluation = evaluate_predictions(validation, subset="validation")
        splits["validation"] = EvaluatedImages(evaluation=evaluation, root=Path())
    card.show_evaluation(images, run=EvaluatedRun(run=run, splits=splits))
    qtbot.waitUntil(lambda: bool(card.chosen.text()))  # what is read of the run has arrived


def test_it_shows_the_threshold_and_what_it_gives_on_the_shown_images(card, run, qtbot):
    show(card, run, validation=calibrated(200, seed=2), qtbot=qtbot)
    answered = int((TEST.confidence >= 0.9).sum())
    assert card.slider.value() == 900
    assert card.words.text() == "Less than 90.0 % sure: a person is asked."
    assert card.figures[0].text() == f"{answered} of 60"
    assert card.wish.currentText() == "95 % right"
    assert card.chosen.text().startswith(
        "Chosen for 95 % right: 120 of 200 images that it had not learned from"
    )


def test_the_slider_sets_it_by_hand_and_is_kept_with_the_run(card, run, qtbot):
    show(card, run, validation=calibrated(200, seed=2), qtbot=qtbot)
    card.slider.setValue(600)
    assert card.words.text() == "Less than 60.0 % sure: a person is asked."
    assert card.chosen.text().startswith("Set by hand.")
    assert card.wish.currentIndex() == len(WISHES)
    qtbot.waitUntil(
        lambda: read_rules(run).thresholds == {"label": AskBelow(0.6)}, timeout=20 * STORE_AFTER_MS
    )


def test_a_wish_chooses_it_anew(card, run, qtbot):
    show(card, run, validation=calibrated(400, seed=2), qtbot=qtbot)
    card.wish.setCurrentIndex(0)
    assert card.rule.wish == 0.9
    assert card.slider.value() == round(card.rule.threshold * STEPS) < 900
    qtbot.waitUntil(lambda: read_rules(run).columns["label"].wish == 0.9, timeout=20 * STORE_AFTER_MS)


def test_a_wish_that_cannot_be_fulfilled_says_so_and_changes_nothing(card, run, qtbot):
    show(card, run, validation=calibrated(50, seed=2), qtbot=qtbot)
    before = read_rules(run)
    card.wish.setCurrentIndex(WISHES.index(0.99))
    assert "50 images that it had not learned from cannot show that 99 %" in card.chosen.text()
    assert card.wish.currentText() == "95 % right"
    assert card.rule == before.columns["label"]


def test_without_images_to_choose_by_nothing_can_be_changed(card, run, qtbot):
    run.asking.unlink()
    show(card, run, validation=None, qtbot=qtbot)
    assert not card.slider.isEnabled()
    assert not card.wish.isEnabled()
    assert "no check images" in card.chosen.text()


def test_where_nothing_fulfils_the_usual_wish_nobody_is_asked(card, run, qtbot):
    run.asking.unlink()
    show(card, run, validation=predictions([0.9] * 30, [True, False] * 15), qtbot=qtbot)
    assert "So nobody is asked yet." in card.chosen.text()
    assert card.slider.value() == 0


def test_a_change_is_kept_when_another_run_is_shown_at_once(card, run, qtbot, tmp_path):
    show(card, run, validation=calibrated(200, seed=2), qtbot=qtbot)
    card.slider.setValue(700)
    other = RunFolder(tmp_path / "run-2")
    other.create()
    show(card, other, validation=calibrated(200, seed=3), qtbot=qtbot)
    qtbot.waitUntil(lambda: read_rules(run).thresholds == {"label": AskBelow(0.7)})
    assert read_rules(other) is None


def test_classes_with_enough_answers_get_thresholds_of_their_own(card, run, qtbot):
    show(card, run, validation=calibrated(400, seed=2), qtbot=qtbot)
    assert card.per_class.isEnabled()
    assert not card.holder.isVisible()
    card.per_class.click()
    own = card.rule.classes
    assert own
    assert card.holder.isVisible()
    for name in TEST.classes:
        words = card.table.texts(name)[1:]
        assert (words == ["as overall", "–"]) == (name not in own)
        if name in own:
            assert words[1].startswith(f"{own[name].found.right} of {own[name].found.answered} (")
    limits = [card.rule.below.of(TEST.classes[index]) for index in TEST.predicted_indices]
    assert card.figures[0].text() == f"{int((TEST.confidence >= limits).sum())} of 60"
    kept = {"label": card.rule.below}
    qtbot.waitUntil(lambda: read_rules(run).thresholds == kept, timeout=20 * STORE_AFTER_MS)
    card.per_class.click()
    assert not card.rule.classes
    assert not card.holder.isVisible()


def test_thresholds_of_classes_are_only_offered_with_enough_answers_and_a_wish(card, run, qtbot):
    show(card, run, validation=calibrated(40, seed=2), qtbot=qtbot)
    assert not card.per_class.isEnabled()
    show(card, run, validation=calibrated(400, seed=2), qtbot=qtbot)
    qtbot.waitUntil(card.per_class.isEnabled)
    card.per_class.click()
    card.slider.setValue(600)  # by hand: one for all
    assert card.rule.classes == {}
    assert not card.per_class.isEnabled()
    assert not card.per_class.isChecked()
