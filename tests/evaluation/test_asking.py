"""The threshold below which a person is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.errors import UserError
from tlstudio.evaluation.asking import (
    Answered,
    AskingRule,
    AskingRules,
    ClassRule,
    answered_at,
    asking_json,
    below_from,
    choose_rule,
    choose_rules,
    fewest_answers,
    read_rules,
    with_class_rules,
    write_rules,
)
from tlstudio.evaluation.class_sets import USUAL_COVERAGE
from tlstudio.evaluation.predictions import Predictions
from tlstudio.project.runs import RunFolder


def predictions(sure: list[float], right: list[bool]) -> Predictions:
    """Images of the first of two classes, so sure of the right class or of the other one."""
    confidence, is_right = np.array(sure), np.array(right, dtype=bool)
    of_first = np.where(is_right, confidence, 1 - confidence)
    return Predictions(
        paths=tuple(f"{number}.jpg" for number in range(len(sure))),
        classes=("a", "b"),
        probabilities=np.stack([of_first, 1 - of_first], axis=1),
        true_indices=np.zeros(len(sure), dtype=np.int64),
    )


def calibrated(n: int, *, seed: int) -> Predictions:
    """As right as it is sure."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(n, 4)) * 4
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Predictions(
        paths=tuple(map(str, range(n))),
        classes=("a", "b", "c", "d"),
        probabilities=probabilities,
        true_indices=(random.random((n, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1),
    )


def test_the_lowest_threshold_that_fulfils_the_wish_is_chosen():
    part = predictions([0.9] * 40 + [0.8] * 2 + [0.6] * 10, [True] * 40 + [False] * 2 + [False] * 10)
    rule = choose_rule(part, wish=0.95)
    assert rule is not None
    assert 0.8 < rule.threshold <= 0.9
    assert rule.found == Answered(n=52, answered=40, right=40, wrong_asked=12)


def test_it_takes_19_right_answers_for_95_percent_and_9_for_90():
    assert choose_rule(predictions([0.9] * 18, [True] * 18), wish=0.95) is None
    assert choose_rule(predictions([0.9] * 19, [True] * 19), wish=0.95) is not None
    assert choose_rule(predictions([0.9] * 8, [True] * 8), wish=0.9) is None
    assert choose_rule(predictions([0.9] * 9, [True] * 9), wish=0.9) is not None


def test_where_all_may_be_answered_nobody_is_asked():
    rule = choose_rule(predictions([0.7, 0.8, 0.9] * 20, [True] * 60), wish=0.9)
    assert rule is not None
    assert rule.threshold == 0
    assert rule.found.asked == 0


def test_equally_sure_answers_are_never_divided():
    part = predictions([0.9] * 30, [True] * 25 + [False] * 5)
    assert choose_rule(part, wish=0.95) is None


@given(st.lists(st.tuples(st.floats(0.51, 0.999), st.booleans()), max_size=80), st.sampled_from([0.8, 0.95]))
def test_the_rule_does_what_it_says(answers: list[tuple[float, bool]], wish: float):
    part = predictions([sure for sure, _ in answers], [right for _, right in answers])
    rule = choose_rule(part, wish=wish)
    if rule is None:
        return
    rule.check()
    assert rule.found == answered_at(part, AskBelow(rule.threshold))
    assert rule.found.accuracy is not None
    assert rule.found.accuracy >= wish
    assert rule.found.answered + rule.found.asked == len(answers)


def test_of_many_classifiers_the_wished_share_is_right_on_new_images():
    """The choice on 200 images does not promise too much for others: mean over 60 draws, 95 % wished."""
    right, answered = 0, 0
    for seed in range(60):
        rule = choose_rule(calibrated(200, seed=seed))
        assert rule is not None
        found = answered_at(calibrated(500, seed=1000 + seed), rule.below)
        right, answered = right + found.right, answered + found.answered
    assert 0.94 <= right / answered <= 0.97
    assert answered >= 60 * 250


def test_unlabelled_images_do_not_count():
    part = predictions([0.9] * 20, [True] * 20)
    unlabelled = replace(part, true_indices=np.full(20, -1))
    assert choose_rule(unlabelled) is None
    assert answered_at(unlabelled, AskBelow(0.5)) == Answered(n=0, answered=0, right=0)


def test_every_label_column_has_its_own_rule():
    sure, poor = predictions([0.9] * 30, [True] * 30), predictions([0.9] * 30, [False] * 30)
    assert list(choose_rules({"species": sure, "health": poor}).columns) == ["species"]


def test_rules_are_read_as_they_were_written(tmp_path: Path):
    run = RunFolder(tmp_path)
    assert read_rules(run) is None
    by_hand = AskingRule(threshold=0.7, wish=None, found=Answered(n=3, answered=2, right=1))
    rules = AskingRules(columns={"label": by_hand})
    write_rules(run, rules)
    assert read_rules(run) == rules
    assert rules.thresholds == {"label": AskBelow(0.7)}


@pytest.mark.parametrize(
    "change",
    [{"threshold": 1.2}, {"wish": 1}, {"found": {"n": 3, "answered": 4, "right": 1}}, {"threshold": "high"}],
)
def test_damaged_rules_are_refused(tmp_path: Path, change: dict):
    rule = {"threshold": 0.5, "wish": 0.9, "found": {"n": 9, "answered": 5, "right": 5}}
    run = RunFolder(tmp_path)
    run.asking.write_text(json.dumps({"columns": {"label": {**rule, **change}}}))
    with pytest.raises(UserError, match="damaged"):
        read_rules(run)


def test_the_json_tells_what_is_answered():
    rule = AskingRule(threshold=0.7, wish=0.9, found=Answered(n=3, answered=2, right=1))
    value = asking_json(rule, Answered(n=48, answered=40, right=39))
    assert {name: value[name] for name in ("threshold", "n", "answered", "right", "accuracy")} == {
        "threshold": 0.7, "n": 48, "answered": 40, "right": 39, "accuracy": 0.975,
    }  # fmt: skip
    low, high = value["interval"]
    assert low < 0.975 < high
    assert asking_json(rule, Answered(n=48, answered=0, right=0))["accuracy"] is None


def test_class_sets_are_chosen_and_read_with_the_rules(tmp_path: Path):
    rules = choose_rules({"label": calibrated(200, seed=3)})
    assert rules.sets["label"].coverage == USUAL_COVERAGE
    run = RunFolder(tmp_path)
    write_rules(run, rules)
    assert read_rules(run) == rules
    assert choose_rules({"label": calibrated(20, seed=3)}).sets == {}


def of_classes(*answers: tuple[str, str, float, int]) -> Predictions:
    """Images of one class that are taken for one of a, b, c: so sure, and so many."""
    rows = [(true, named, sure) for true, named, sure, number in answers for _ in range(number)]
    probabilities = [[sure if one == named else (1 - sure) / 2 for one in "abc"] for _, named, sure in rows]
    return Predictions(
        paths=tuple(map(str, range(len(rows)))),
        classes=("a", "b", "c"),
        probabilities=np.array(probabilities),
        true_indices=np.array(["abc".index(true) for true, _, _ in rows], dtype=np.int64),
    )


def test_a_class_with_enough_answers_gets_its_own_threshold_and_others_keep_the_overall_one():
    part = of_classes(
        ("a", "a", 0.6, 30),  # always right
        ("b", "b", 0.9, 25),
        ("c", "b", 0.8, 10),  # taken for b by mistake
        ("c", "c", 0.95, 12),  # too few for 95 %
    )
    overall = choose_rule(part, wish=0.95)
    rule = with_class_rules(overall, part)
    assert overall.threshold > 0.8
    assert set(rule.classes) == {"a", "b"}
    assert rule.classes["a"] == ClassRule(threshold=0.0, found=Answered(n=30, answered=30, right=30))
    assert 0.8 < rule.classes["b"].threshold <= 0.9
    assert rule.classes["b"].found == Answered(n=35, answered=25, right=25, wrong_asked=10)
    assert rule.below.of("c") == rule.threshold == overall.threshold
    assert rule.found == Answered(n=77, answered=67, right=67, wrong_asked=10)


@pytest.mark.parametrize("wish", [0.9, 0.95, 0.98, 0.99])
def test_the_fewest_answers_are_just_enough(wish):
    fewest = fewest_answers(wish)
    assert choose_rule(predictions([0.9] * fewest, [True] * fewest), wish=wish) is not None
    assert choose_rule(predictions([0.9] * (fewest - 1), [True] * (fewest - 1)), wish=wish) is None


def test_of_each_class_the_wished_share_of_new_answers_is_right():
    right, answered = np.zeros(4), np.zeros(4)
    for seed in range(40):
        part, new = calibrated(600, seed=seed), calibrated(600, seed=5000 + seed)
        below = with_class_rules(choose_rule(part, wish=0.9), part).below
        assert set(below.classes) == set(new.classes)
        for index in range(4):
            found = answered_at(new.where(new.predicted_indices == index), below)
            right[index] += found.right
            answered[index] += found.answered
    assert (right / answered >= 0.9 - 1.96 * np.sqrt(0.9 * 0.1 / answered)).all()
    assert (answered > 0.3 * 40 * 150).all()


def test_thresholds_of_classes_survive_the_run_folder_and_json(tmp_path: Path):
    part = calibrated(400, seed=3)
    rule = with_class_rules(choose_rule(part, wish=0.9), part)
    assert rule.classes
    run = RunFolder(tmp_path)
    write_rules(run, AskingRules(columns={"label": rule}))
    assert read_rules(run).columns["label"] == rule
    values = json.loads(json.dumps(asking_json(rule, rule.found)))
    assert below_from(values) == rule.below
    name, own = next(iter(rule.classes.items()))
    assert values["classes"][name]["n"] == own.found.n
    with pytest.raises(ValueError, match="threshold"):
        below_from({"threshold": 0.5, "classes": {"a": {"threshold": 1.5}}})
