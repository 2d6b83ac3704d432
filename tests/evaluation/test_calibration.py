import numpy as np
import pytest

from tlstudio.evaluation.calibration import (
    ECE_BINS,
    Calibration,
    calibrated_limit,
    calibration_bins,
    expected_calibration_error,
)


def test_confidence_that_equals_accuracy_has_no_error():
    confidence = np.full(10, 0.7)
    correct = np.array([True] * 7 + [False] * 3)
    assert expected_calibration_error(confidence, correct) == pytest.approx(0)


def test_overconfidence_is_the_gap_to_the_accuracy():
    assert expected_calibration_error(np.full(8, 1.0), np.array([True, False] * 4)) == pytest.approx(0.5)


def test_bins_are_weighted_by_their_images():
    confidence = np.array([0.95, 0.95, 0.95, 0.55])
    correct = np.array([True, True, True, False])
    assert expected_calibration_error(confidence, correct) == pytest.approx((3 * 0.05 + 0.55) / 4)


def test_every_image_lies_in_one_bin_even_on_the_edges():
    confidence = np.array([0.0, 1 / 10, 0.55, 1.0])
    bins = calibration_bins(confidence, np.ones(4, dtype=bool))
    assert len(bins) == ECE_BINS == 10
    assert sum(part.n for part in bins) == 4
    assert bins[0].n == 2
    assert bins[-1].n == 1


def test_without_images_the_error_is_zero():
    assert expected_calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) == 0


def test_a_calibration_can_be_written_and_read():
    confidence, correct = np.array([0.9, 0.95, 0.4]), np.array([True, False, True])
    calibration = Calibration(bins=calibration_bins(confidence, correct), ece=0.3, limit=0.2)
    assert Calibration.from_json(calibration.as_json()) == calibration
    assert calibration.overconfidence == pytest.approx((0.9 + 0.95 + 0.4) / 3 - 2 / 3)


def test_a_calibration_without_predictions_knows_no_overconfidence():
    assert Calibration.from_json({}).overconfidence is None


@pytest.mark.parametrize(("n", "limit"), [(60, 0.13), (300, 0.06)])
def test_chance_alone_makes_an_error(n: int, limit: float):
    """A classifier of two classes that is right 83 % of the time."""
    scores = np.random.default_rng(0).normal(size=(n, 2)) * 2
    confidence = 1 / (1 + np.exp(-np.abs(scores[:, 0] - scores[:, 1])))
    assert calibrated_limit(confidence) == pytest.approx(limit, abs=0.015)


def test_chance_makes_no_error_where_all_is_certain():
    assert calibrated_limit(np.ones(20)) == calibrated_limit(np.zeros(0)) == 0


def test_the_order_of_the_images_does_not_matter():
    confidence = np.random.default_rng(0).random(50)
    assert calibrated_limit(confidence) == calibrated_limit(confidence[::-1])
