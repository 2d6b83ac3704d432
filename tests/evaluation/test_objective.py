from __future__ import annotations

import math

import pytest
import torch

from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH

LOGITS = torch.tensor([[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]])
LABELS = torch.tensor([0, 1, 2, 2])
SURE, WRONG = math.log(math.e**4 + 2) - 4, math.log(math.e**4 + 2)


def test_metrics_are_those_counted_by_hand():
    score = ONE_CLASS_EACH.metrics(LOGITS, LABELS)
    assert score.n == 4
    assert score.accuracy == 0.75
    assert score.confusion == ((1, 0, 0), (0, 1, 0), (0, 1, 1))
    assert score.log_loss == pytest.approx((3 * SURE + WRONG) / 4)
    assert score.interval == wilson(3, 4)


def test_scores_beyond_the_precision_of_float32_do_not_overflow():
    score = ONE_CLASS_EACH.metrics(torch.tensor([[1e4, -1e4]]), torch.tensor([1]))
    assert score.log_loss == pytest.approx(2e4)


def test_without_images_the_score_is_empty():
    assert ONE_CLASS_EACH.metrics(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)) == Score()


def test_probabilities_are_float64_rows_that_sum_to_one_and_fit_the_loss():
    probabilities = ONE_CLASS_EACH.probabilities(LOGITS)
    assert probabilities.dtype == torch.float64
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(4, dtype=torch.float64))
    assert torch.equal(probabilities.argmax(dim=1), ONE_CLASS_EACH.decide(LOGITS))
    losses = ONE_CLASS_EACH.loss(LOGITS.double(), LABELS, reduction="none")
    torch.testing.assert_close(losses, -probabilities[range(4), LABELS].log())


def test_class_weights_and_label_smoothing_change_the_loss_as_described():
    weights = torch.tensor([1.0, 1.0, 3.0])
    loss = ONE_CLASS_EACH.loss(LOGITS, LABELS, class_weights=weights, reduction="sum")
    assert float(loss) == pytest.approx(SURE + SURE + 3 * WRONG + 3 * SURE, rel=1e-4)
    smoothed = ONE_CLASS_EACH.loss(LOGITS, LABELS, label_smoothing=0.3, reduction="none")
    assert float(smoothed[0]) == pytest.approx(0.8 * SURE + 0.2 * WRONG, rel=1e-4)
