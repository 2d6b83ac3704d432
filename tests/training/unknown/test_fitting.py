"""The unknown score: what it calls odd, how it is chosen, and when it cannot be made."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tlstudio.core.unknown_words import FAR_FROM, ODD_FROM
from tlstudio.training.unknown import fitting
from tlstudio.training.unknown.fitting import FEWEST_IMAGES, fit_unknown

SIZE = 40


def clouds(count: int, classes: int, *, seed: int, apart: float = 3.0) -> tuple[Tensor, Tensor]:
    """Features of some classes, whose centres are the same for every seed, and their labels."""
    centres = torch.randn(20, SIZE, generator=torch.Generator().manual_seed(99)) * apart
    labels = torch.arange(count) % classes
    noise = torch.randn(count, SIZE, generator=torch.Generator().manual_seed(seed))
    return centres[labels] + noise + 10, labels


def folds(count: int) -> Tensor:
    return torch.arange(count) // 3 % 5


def fitted(count: int, classes: int, *, seed: int = 0, apart: float = 3.0) -> fitting.FittedUnknown:
    found = fit_unknown(*clouds(count, classes, seed=seed, apart=apart), folds=folds(count))
    assert found is not None
    return found


@pytest.mark.parametrize(("count", "classes"), [(300, 6), (60, 2), (400, 16)])
def test_new_images_of_the_classes_are_familiar_and_others_are_odd(count: int, classes: int):
    scorer = fitted(count, classes).scorer
    known, _ = clouds(500, classes, seed=1)
    scores = scorer(known)[:, 0]
    # 5 % are called odd in the long run; a threshold from 60 images is that uncertain.
    assert float((scores >= ODD_FROM).double().mean()) < 0.12
    assert float(scores.median()) < 0.25
    far = torch.randn(100, SIZE, generator=torch.Generator().manual_seed(2)) * 8
    assert float(scorer(far).min()) >= FAR_FROM


def test_images_of_a_class_that_was_not_taught_are_odd():
    everything, labels = clouds(600, 7, seed=3)
    taught, fresh = labels < 6, torch.arange(600) >= 300
    found = fit_unknown(
        everything[taught & ~fresh], labels[taught & ~fresh], folds=folds(int((taught & ~fresh).sum()))
    )
    assert found is not None
    assert found.record.left_out == 6
    assert found.record.auroc == pytest.approx(1.0, abs=0.01)
    untaught = found.scorer(everything[~taught])[:, 0]
    assert float((untaught >= ODD_FROM).double().mean()) > 0.95


def test_classes_that_cannot_be_told_apart_say_so_in_the_record():
    record = fitted(300, 6, apart=0.0).record
    assert record.auroc == pytest.approx(0.5, abs=0.1)
    assert record.images == 300


@pytest.mark.parametrize("count", [FEWEST_IMAGES - 1, 3])
def test_too_few_images_make_no_score(count: int):
    assert fit_unknown(*clouds(count, 2, seed=0), folds=folds(count)) is None


def test_classes_of_one_image_do_not_count_and_are_not_enough():
    x, _ = clouds(30, 6, seed=0)
    assert fit_unknown(x, torch.arange(30), folds=folds(30)) is None
    x, labels = clouds(60, 3, seed=0)
    labels[0] = 7
    assert fit_unknown(x, labels, folds=folds(60)) is not None


def test_one_class_leaves_none_out_and_has_a_score():
    found = fitted(60, 1)
    assert (found.record.left_out, found.record.auroc, found.record.method) == (0, None, "both")
    assert float(found.scorer(clouds(100, 1, seed=1)[0]).median()) < 0.25


def test_features_that_say_nothing_make_no_score():
    labels = torch.arange(60) % 3
    for x in (torch.ones(60, SIZE), torch.zeros(60, SIZE), torch.full((60, SIZE), math.nan)):
        assert fit_unknown(x, labels, folds=folds(60)) is None


def test_the_nearest_images_are_chosen_where_a_class_is_no_single_cloud():
    """Each class is a ring: between two rings an unknown class is nearer to the means than images are."""
    random = torch.Generator().manual_seed(0)
    labels = torch.arange(400) % 4
    angle = torch.rand(400, generator=random) * 2 * math.pi
    x = torch.randn(400, SIZE, generator=random) * 0.02
    x[:, 0] += 1
    x[:, 1] += angle.cos() * (0.2 + 0.2 * labels)
    x[:, 2] += angle.sin() * (0.2 + 0.2 * labels)
    found = fit_unknown(x, labels, folds=folds(400))
    assert found is not None
    assert found.record.method in ("neighbours", "both")
    assert "neighbours" in found.scorer.distances


def test_doubt_counts_where_images_differ_in_how_far_from_all_classes_they_are():
    """Some are noisier, and all classes share something: distances say less than whether one is near."""
    random = torch.Generator().manual_seed(0)
    labels = torch.arange(480) % 8
    x = torch.randn(480, SIZE, generator=random) * 0.1
    x *= torch.randn(480, 1, generator=random).exp()
    x[torch.arange(480), labels] += 1
    x[:, :8] += 0.5
    found = fit_unknown(x, labels, folds=folds(480))
    assert found is not None
    assert found.record.method == "both and doubt"
    assert len(found.scorer.weights) == 3


@pytest.mark.parametrize("count", [19, 39, 200])
def test_the_threshold_is_passed_by_one_in_twenty_in_the_long_run(count: int):
    random = torch.Generator().manual_seed(count)
    passed = []
    for _ in range(2000):
        values = torch.rand(count, generator=random)
        passed.append(1 - float(fitting._threshold(values)))
    assert sum(passed) / len(passed) == pytest.approx(1 / 20, abs=0.006)
    assert fitting._area(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0])) == 0.875
