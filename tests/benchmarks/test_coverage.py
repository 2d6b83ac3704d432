"""The intervals hold the truth about as often as they promise; the benchmark itself takes more draws."""

from __future__ import annotations

from tests.benchmarks.coverage import (
    band_coverage,
    brier,
    group_coverage,
    log_loss,
    loss_coverage,
    paired_coverage,
    wilson_coverage,
)
from tlstudio.evaluation.intervals import wilson, wilson_of_groups


def test_wilson():
    assert 0.93 <= wilson_coverage(300).mean <= 0.97


def test_paired_difference():
    assert 0.93 <= paired_coverage(100).mean <= 0.98


def test_images_in_groups_need_an_interval_of_their_own():
    assert group_coverage(30, "groups", wilson_of_groups).mean >= 0.93
    assert group_coverage(30, "images", lambda right, sizes: wilson(sum(right), sum(sizes))).mean < 0.9


def test_the_calibration_error_that_chance_makes():
    assert 0.93 <= band_coverage(300, counts=(50,)).mean <= 0.98


def test_losses():
    for loss in (brier, log_loss):
        assert 0.92 <= loss_coverage(100, loss.__name__, loss, counts=(50,)).mean <= 0.98
