from __future__ import annotations

import math

import pytest
import torch

from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH, SeveralColumns, objective_of

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


SEVERAL = torch.cat([LOGITS, LOGITS[:, :2].flip(1)], dim=1)
COLUMNS = torch.stack([LABELS, torch.tensor([0, -1, 1, -1])], dim=1)


def test_several_columns_count_each_image_only_where_it_has_a_label():
    losses = SeveralColumns((3, 2)).loss(SEVERAL, COLUMNS, reduction="none")
    first = ONE_CLASS_EACH.loss(LOGITS, LABELS, reduction="none")
    second = ONE_CLASS_EACH.loss(SEVERAL[:, 3:], COLUMNS[:, 1].clamp_min(0), reduction="none")
    torch.testing.assert_close(losses, (first + second * torch.tensor([1.0, 0, 1, 0])) / 2)


def test_a_column_with_few_labels_counts_as_much_as_one_with_many():
    objective = SeveralColumns((3, 2), weights=[1.0, 2.0])  # half of the images have a label there
    own = ONE_CLASS_EACH.loss(SEVERAL[[0, 2], 3:], COLUMNS[[0, 2], 1])
    expected = (ONE_CLASS_EACH.loss(LOGITS, LABELS) + own) / 2
    torch.testing.assert_close(objective.loss(SEVERAL, COLUMNS), expected)
    torch.testing.assert_close(objective.loss(SEVERAL, COLUMNS, reduction="sum"), 4 * expected)


def test_images_without_a_label_have_no_gradient_there():
    logits = SEVERAL.clone().requires_grad_()
    SeveralColumns((3, 2)).loss(logits, COLUMNS, label_smoothing=0.1).backward()
    assert logits.grad is not None
    assert not logits.grad[[1, 3], 3:].any()
    assert logits.grad[[0, 2], 3:].any()


def test_a_batch_in_which_a_column_has_no_label_has_a_loss():
    none = torch.stack([LABELS, torch.full((4,), -1)], dim=1)
    torch.testing.assert_close(
        SeveralColumns((3, 2)).loss(SEVERAL, none), ONE_CLASS_EACH.loss(LOGITS, LABELS) / 2
    )


def test_classes_weigh_by_column():
    weights = [torch.tensor([1.0, 2.0, 3.0]), torch.ones(2)]
    got = SeveralColumns((3, 2), class_weights=weights).loss(SEVERAL, COLUMNS, reduction="none")
    plain = SeveralColumns((3, 2)).loss(SEVERAL, COLUMNS, reduction="none")
    extra = ONE_CLASS_EACH.loss(LOGITS, LABELS, reduction="none") * torch.tensor([0.0, 1, 2, 2]) / 2
    torch.testing.assert_close(got, plain + extra)


def test_the_figures_of_several_columns_are_those_of_the_first_with_the_loss_of_all():
    objective = SeveralColumns((3, 2))
    score = objective.metrics(SEVERAL, COLUMNS)
    alone = ONE_CLASS_EACH.metrics(LOGITS, LABELS)
    second = ONE_CLASS_EACH.metrics(SEVERAL[[0, 2], 3:], COLUMNS[[0, 2], 1])
    assert (score.n, score.accuracy, score.confusion) == (4, alone.accuracy, alone.confusion)
    assert score.log_loss == pytest.approx((alone.log_loss + second.log_loss) / 2)
    assert objective.metrics(SEVERAL[:0], COLUMNS[:0]) == Score()
    unlabelled = torch.where(torch.arange(4)[:, None] == 0, torch.tensor([-1, 0]), COLUMNS)
    assert objective.correct(SEVERAL, unlabelled) == (2, 3)


def test_probabilities_of_each_column_sum_to_one():
    objective = objective_of((3, 2))
    probabilities = objective.probabilities(SEVERAL)
    torch.testing.assert_close(probabilities[:, :3], ONE_CLASS_EACH.probabilities(LOGITS))
    torch.testing.assert_close(probabilities[:, 3:].sum(dim=1), torch.ones(4, dtype=torch.float64))
    assert torch.equal(objective.decide(SEVERAL), ONE_CLASS_EACH.decide(LOGITS))
    assert objective_of((3,)) is ONE_CLASS_EACH
