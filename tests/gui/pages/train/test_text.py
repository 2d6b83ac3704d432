"""Events in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gui.made_runs import epoch_event
from tlstudio.core.events import (
    ClassifierEvaluated,
    Event,
    FindingsChanged,
    JobCancelled,
    JobFailed,
    JobSucceeded,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.core.finding import Finding
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.gui.pages.train.text import (
    epoch_word,
    is_trying,
    progress_in_words,
    result_accuracy,
    result_in_words,
    run_findings,
    stage_in_words,
    start_returned,
    story,
    strategy_in_words,
    trials_in_words,
    validation_chip,
    validation_kind,
    waiting_in_words,
)
from tlstudio.project.history import RunHistory

FINE_TUNE = {"strategy": "fine-tune", "freeze": "blocks.4"}


def after(*events: Event) -> RunHistory:
    return RunHistory(events)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"strategy": "linear-probe", "freeze": "head"}, "only the head learns"),
        ({"strategy": "fine-tune", "freeze": "blocks.4"}, "fine-tuning from blocks 4 up"),
        ({"strategy": "fine-tune", "freeze": "none"}, "fine-tuning of all stages"),
        ({"strategy": "fine-tune", "freeze": "auto"}, "choosing the freeze line"),
        ({"strategy": "fine-tune", "freeze": "head"}, "fine-tuning of the head alone"),
        ({"strategy": "of-another-version", "freeze": "head"}, "of-another-version"),
    ],
)
def test_strategies(recipe, words):
    assert strategy_in_words(recipe) == words


def test_a_strategy_that_did_not_help_is_not_named_as_what_the_run_is():
    recipe, history = {"strategy": "zero-shot", "freeze": "head"}, RunHistory()
    assert not start_returned(history)
    assert strategy_in_words(recipe) == "sorted by words"
    history.add(WarningRaised(run_id="r", code="strategy-helped", message="It did not."))
    assert start_returned(history)
    assert strategy_in_words(recipe, start_returned=True) == "plain head (“Only words” did not help)"


def test_a_linear_head_is_solved_setting_by_setting():
    probe = {"strategy": "linear-probe", "head": {"kind": "linear"}}
    assert epoch_word(after(), probe) == "setting"
    assert epoch_word(after(), {"strategy": "linear-probe", "head": {"kind": "hidden"}}) == "epoch"
    assert epoch_word(after(), FINE_TUNE) == "epoch"
    assert epoch_word(after(), {"strategy": "of-a-later-version"}) == "epoch"
    setting = replace(epoch_event(1), axis="setting")
    assert epoch_word(after(setting), FINE_TUNE) == "setting", "the events know better than the recipe"
    assert "regularisation" in story(after(setting), probe, running=True)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "getting ready"),
        (
            [StageStarted(run_id="r", stage="features", title="Looking at the images")],
            "looks at every image once",
        ),
        ([epoch_event(0), epoch_event(1)], "Before the first step 50 % of the check images were right."),
        ([epoch_event(0)], "The first epoch is under way."),
        ([epoch_event(3)], "Epoch 3 is the best"),
        ([epoch_event(3, best=2)], "No better result on the check images for 1 epoch;"),
        ([epoch_event(6, best=2)], "for 4 epochs; epoch 2 is kept so far"),
        (
            [epoch_event(9), replace(epoch_event(10), validation_accuracy=0.1)],
            "for 1 epoch; the last epoch counts",
        ),
        ([replace(epoch_event(3), validation_loss=None)], "No check images"),
    ],
)
def test_a_running_run_in_words(events, words):
    assert words in story(after(*events), FINE_TUNE, running=True)


def test_early_stopping_is_announced():
    words = story(after(epoch_event(6, best=2)), {**FINE_TUNE, "patience": 5}, running=True)
    assert "stops by itself after 5" in words


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([epoch_event(6, best=4), JobSucceeded(run_id="r")], "ended after epoch 6 of 15"),
        ([epoch_event(15, best=4), JobSucceeded(run_id="r")], "Epoch 4 was the best"),
        ([epoch_event(0), epoch_event(15, best=0), JobSucceeded(run_id="r")], "The start (epoch 0) is kept"),
        ([epoch_event(6), JobCancelled(run_id="r")], "You cancelled this run after epoch 6"),
        ([epoch_event(6)], "interrupted after epoch 6"),
        ([], "interrupted before its first epoch"),
        (
            [JobFailed(run_id="r", what="The disk is full.", work="All stays.", mend="Free space.")],
            "All stays.",
        ),
        (
            [JobFailed(run_id="r", what="Full.", work="All stays.", mend="Free space.", goes_on=True)],
            "Free space. Then press Resume.",
        ),
        ([epoch_event(15), JobSucceeded(run_id="r", result={"seconds": {"total": 95.2}})], "1 min 35 s"),
    ],
)
def test_the_end_of_a_run_in_words(events, words):
    assert words in story(after(*events), FINE_TUNE, running=False)


def test_a_failure_is_told_before_anything_else():
    failed = JobFailed(run_id="r", what="The disk is full.", work="All stays.", mend="Free space.")
    assert story(after(epoch_event(0), epoch_event(6), failed), FINE_TUNE, running=False).startswith(
        "The disk"
    )


def test_what_is_done_after_learning_is_told_alone():
    comparing = StageStarted(run_id="r", stage="comparing", title="Comparing")
    assert story(after(epoch_event(6), comparing), FINE_TUNE, running=True) == "Comparing."


def test_a_head_that_is_fitted_anew_is_explained():
    anew = StageStarted(run_id="r", stage="new-head", title="Fitting the head anew")
    words = story(after(epoch_event(6), anew), FINE_TUNE, running=True)
    assert words == (
        "Fitting the head anew. The stages have learned; the head is solved once more for what they see now."
    )


def found(severity, message, *, check="c", **rest) -> Finding:
    return Finding(check=check, severity=severity, message=message, **rest)


def findings_changed(*findings: Finding) -> FindingsChanged:
    return FindingsChanged(run_id="r", findings=tuple(finding.as_values() for finding in findings))


def test_the_newest_findings_of_the_checks_are_shown_most_severe_first():
    history = after(
        findings_changed(found("ok", "All is well so far.")),
        findings_changed(found("ok", "Better than guessing."), found("warning", "Few images.", paths=("a",))),
    )
    assert run_findings(history) == [
        found("warning", "Few images.", paths=("a",)),
        found("ok", "Better than guessing."),
    ]


def test_warnings_of_the_training_are_among_the_findings():
    history = after(
        findings_changed(found("warning", "Learnt by heart.", check="over-fitting")),
        WarningRaised(run_id="r", code="over-fitting", message="Learnt by heart. More images help."),
        WarningRaised(run_id="r", code="skipped", message="3 files were skipped."),
    )
    messages = [finding.message for finding in run_findings(history)]
    assert messages == ["Learnt by heart.", "3 files were skipped."], "what a check found is said once"


def test_the_verdict_comes_first_and_is_made_from_the_figures():
    old = found("ok", "3 points better than blind guessing.", check="better-than-guessing")
    poor = replace(epoch_event(3), confusion=((9, 11), (8, 12)), validation_accuracy=21 / 40)
    findings = run_findings(after(poor, findings_changed(old, found("warning", "Few images."))), ["a", "b"])
    assert [finding.severity for finding in findings] == ["serious", "warning"]
    assert "cannot be told from chance" in findings[0].message
    assert validation_kind(after(poor)) == "bad"


def test_a_finished_run_has_one_verdict_that_of_the_figure_in_its_headline():
    good = replace(epoch_event(3), confusion=((50, 0), (1, 49)))
    values = {"accuracy": 0.5, "n": 40, "interval": [0.35, 0.65]}
    history = after(good, JobSucceeded(run_id="r", result={"test": values}))
    assert run_findings(history) == [], "a verdict on other images would be read as one on this figure"
    metrics = Metrics(classes=("a", "b"), n=40, accuracy=0.5, confusion=((9, 11), (9, 11)))
    tested = Evaluation(subset="test", columns={"class": ColumnEvaluation(metrics=metrics)})
    (judged,) = run_findings(history, evaluation=tested)
    assert judged.severity == "serious"
    assert "50.0 % of 40 test images" in judged.message
    history.add(findings_changed(found("warning", "Only 9 check images.")))
    (_, kept) = run_findings(history, evaluation=tested)
    assert kept.message == "Only 9 check images.", "a run of before the checks of the test images"
    tested = replace(tested, findings=(found("note", "Only 40 test images."),))
    (_, shown) = run_findings(history, evaluation=tested)
    assert shown.message == "Only 40 test images."


@pytest.mark.parametrize("severity", ["note", "warning"])
def test_what_asks_nothing_of_the_person_is_a_note(severity):
    warning = WarningRaised(run_id="r", code="skipped", message="3 files.", severity=severity)
    (finding,) = run_findings(after(warning))
    assert finding.severity == severity


@pytest.mark.parametrize(
    ("confusion", "kind"),
    [(((50, 0), (1, 49)), "ok"), (((9, 1), (1, 9)), "plain"), (((65, 35), (35, 65)), "warn"), ((), "plain")],
)
def test_a_figure_is_green_only_when_the_classifier_is_usable(confusion, kind):
    assert validation_kind(after(replace(epoch_event(3), confusion=confusion))) == kind


def test_the_validation_chip_shows_the_interval():
    event = replace(epoch_event(5), validation_accuracy=0.938, validation_interval=(0.83, 0.98))
    assert validation_chip(after(event)) == "check images 93.8 % (95 % interval 83–98)"
    assert validation_chip(RunHistory()) == ""


def test_the_figure_of_a_finished_run_is_that_of_the_test_images():
    test = {"accuracy": 0.841, "interval": [0.69, 0.93], "n": 36}
    validation = {"accuracy": 0.9, "interval": [0.7, 0.97], "n": 30}
    done = JobSucceeded(run_id="r", result={"test": test, "validation": validation})
    assert result_in_words(after(done)) == "84.1 % of 36 test images right (95 % interval 69–93)"
    assert result_accuracy(after(done)) == 0.841
    untested = JobSucceeded(run_id="r", result={"test": {"accuracy": None, "n": 0}, "validation": validation})
    assert result_in_words(after(untested)) == "90.0 % of 30 check images right (95 % interval 70–97)"
    assert result_in_words(after(JobSucceeded(run_id="r"))) == result_in_words(after(epoch_event(3))) == ""


def test_the_accuracy_is_shown_while_the_checks_on_the_classifier_still_run():
    known = ClassifierEvaluated(run_id="r", side="test", accuracy=0.841, interval=(0.69, 0.93), n=36)
    history = after(
        epoch_event(3), known, StageStarted(run_id="r", stage="labels", title="Checking the labels")
    )
    assert result_in_words(history) == "84.1 % of 36 test images right (95 % interval 69–93)"
    assert result_accuracy(history) == 0.841
    words = story(history, FINE_TUNE, running=True)
    assert words.endswith("What is still computed says how far to trust it: checking the labels.")
    history.add(epoch_event(4))  # resumed, and trained on
    assert result_in_words(history) == ""


def test_tries_are_read_out_with_their_gain():
    trial = TrialEnded(
        run_id="r",
        freeze="blocks.6",
        accuracy=0.855,
        interval=(0.8, 0.9),
        n=240,
        elapsed_seconds=1.0,
        best=False,
        against="head",
        difference=0.012,
        noise=0.039,
    )
    head = replace(trial, freeze="head", accuracy=0.843, best=True, against=None, difference=None, noise=None)
    assert trials_in_words([head, trial]) == (
        "only the head: 84.3 %, the choice so far; "
        "from blocks 6 up: 85.5 % (+1.2 points, give or take 3.9: not clearly more)"
    )


def test_a_try_with_more_right_that_is_not_chosen_is_explained():
    head = TrialEnded(
        run_id="r", freeze="head", accuracy=0.776, interval=(0.7, 0.8), n=98, elapsed_seconds=1.0, best=True
    )
    lower, higher = (replace(head, freeze="blocks.6", accuracy=share, best=False) for share in (0.7, 0.796))
    trying = StageStarted(run_id="r", stage="choice", title="Try 3 of 4: from blocks 5 up")
    choice = "The choice so far is only the head with 77.6 %. "
    assert f"{choice}“Stop and keep it” ends" in story(after(head, lower, trying), FINE_TUNE, running=True)
    words = story(after(head, higher, trying), FINE_TUNE, running=True)
    assert f"{choice}What got more right is not clearly better. “Stop" in words


def test_while_freeze_lines_are_tried_there_is_one_progress():
    history = after(
        StageStarted(run_id="r", stage="choice", title="Try 2 of 4: from blocks 6 up"),
        StageProgress(run_id="r", stage="choice", done=37, total=100, seconds_left=95.0),
    )
    assert is_trying(history)
    assert stage_in_words(history) == "Try 2 of 4: from blocks 6 up"
    assert progress_in_words(history) == "1 min 35 s left"
    assert history.fraction == 0.37


def test_before_the_first_point_the_elapsed_time_is_shown():
    fitting = after(StageStarted(run_id="r", stage="head", title="Fitting the head"))
    words = waiting_in_words(fitting, word="epoch", running=True, seconds=7)
    assert words == "Fitting the head · 7 s\nThe curve begins with the first epoch."
    looking = after(
        StageStarted(run_id="r", stage="features", title="Looking at the images", total=20),
        StageProgress(run_id="r", stage="features", done=12, total=20),
    )
    assert "12 of 20\n" in waiting_in_words(looking, word="setting", running=True, seconds=7)
    assert waiting_in_words(looking, word="setting", running=False, seconds=7) == (
        "This run ended before its first setting, so there is no curve."
    )
