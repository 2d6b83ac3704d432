"""Predicting every image by phases that ran without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import torch

from tests.training.trials.shifting import ShiftBackbone
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.models.weights import weights_sha256
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import PhaseResult
from tlstudio.training.phases.refit_head import RefitHead
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.folds_progress import FoldsProgress
from tlstudio.training.trials.out_of_fold import (
    CROSS_VALIDATED_UP_TO,
    Fold,
    folds_count,
    folds_of_run,
    held_out_labels,
    logits_by_fold,
    out_of_fold_logits,
)

MakeState = Callable[..., TrainingState]
PROBE = (ExtractFeatures(first_trainable=None), FitHead(is_result=True))
FINE = (
    ExtractFeatures(first_trainable="top"),
    FitHead(is_result=False),
    FineTune(trains_stages=True),
)


def quiet(folds: Sequence[Fold]) -> FoldsProgress:
    return FoldsProgress(len(folds), stage="s", title="t", run_id="r", emit=ignore)


def test_large_sets_are_compared_on_their_validation_images():
    assert folds_count(train=CROSS_VALIDATED_UP_TO, validation=10) == 3
    assert folds_count(train=CROSS_VALIDATED_UP_TO + 1, validation=10) == 1
    assert folds_count(train=CROSS_VALIDATED_UP_TO + 1, validation=0) == 3


def test_every_image_is_held_out_once(make_state: MakeState):
    state = make_state()
    folds = folds_of_run(state)
    count = len(state.train) + len(state.validation)
    assert sorted(torch.cat([fold.held_out for fold in folds]).tolist()) == list(range(count))
    for fold in folds:
        assert not set(fold.train.tolist()) & set(fold.held_out.tolist())
    assert len(held_out_labels(state, folds)) == count


def test_the_classifier_is_as_before_whatever_the_phases_change(make_state: MakeState):
    state = make_state()
    head, before = state.classifier.head, weights_sha256(state.classifier)
    for phases in (PROBE, FINE, (ShiftBackbone(), *PROBE)):
        folds = folds_of_run(state)
        logits = out_of_fold_logits(phases, state, folds, progress=quiet(folds), control=Control())
        assert logits is not None
        assert logits.shape == (len(held_out_labels(state, folds)), 3)
        assert logits.isfinite().all()
        assert state.classifier.head is head
        assert weights_sha256(state.classifier) == before


def test_a_fold_leaves_the_comparison_of_the_run_alone(make_state: MakeState):
    """A strategy that compares itself would otherwise take one fold's finding for that of the run."""
    own, of_fold = (
        StrategyComparison(
            start_accuracy=0.5,
            accuracy=accuracy,
            n=8,
            difference=accuracy - 0.5,
            interval=(0.1, 0.4),
            start_returned=False,
        )
        for accuracy in (0.75, 0.625)
    )
    read = []

    class Comparing(FitHead):
        def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
            read.append(state.strategy_comparison())
            state.keep_strategy_comparison(of_fold)
            return super().run(state, emit=emit, control=control)

    state = make_state()
    state.keep_strategy_comparison(own)
    phases, folds = (PROBE[0], Comparing(is_result=True)), folds_of_run(state)
    out_of_fold_logits(phases, state, folds, progress=quiet(folds), control=Control())
    assert read == [None, None, None]
    assert state.strategy_comparison() == own


def test_a_stopped_trial_has_no_result(make_state: MakeState):
    state, control = make_state(), Control()
    control.stop()
    folds = folds_of_run(state)
    assert out_of_fold_logits(PROBE, state, folds, progress=quiet(folds), control=control) is None


def test_folds_that_are_not_needed_any_more_are_not_run(make_state: MakeState):
    state = make_state()
    head, before = state.classifier.head, weights_sha256(state.classifier)
    folds = folds_of_run(state)
    with closing(logits_by_fold(FINE, state, folds, emit=ignore, control=Control())) as predicted:
        (logits,) = next(predicted)
        assert len(logits) == len(folds[0].held_out)
    assert state.classifier.head is head
    assert weights_sha256(state.classifier) == before


def test_a_last_phase_that_may_be_left_out_is_judged_with_and_without(make_state: MakeState):
    state = make_state()
    fine = (*FINE[:1], FitHead(is_result=False, is_repeated=True), *FINE[2:], RefitHead())
    folds = folds_of_run(state)
    ends = list(logits_by_fold(fine, state, folds, emit=ignore, control=Control()))
    assert [len(of_fold) for of_fold in ends] == [2] * len(folds)
    without = out_of_fold_logits(fine[:-1], state, folds, progress=quiet(folds), control=Control())
    assert without is not None
    assert torch.equal(torch.cat([of_fold[0] for of_fold in ends]), without)
    assert not torch.equal(torch.cat([of_fold[1] for of_fold in ends]), without)
