"""Each method adapts: on shifted images it is right more often than a head that knows of no shift."""

from __future__ import annotations

import pytest
import torch

from tests.training.adaptation.made import domains, elsewhere, features, right
from tlstudio.core.errors import Cancelled
from tlstudio.training.adaptation import bottleneck
from tlstudio.training.adaptation.class_mix import ClassMix
from tlstudio.training.adaptation.domains import Domains
from tlstudio.training.adaptation.methods import (
    ADVISERS,
    METHODS,
    advising_methods,
    common_answers,
    common_head,
    head_of,
)
from tlstudio.training.adaptation.ridge import ridge_scores


@pytest.fixture(scope="module")
def made() -> tuple[Domains, torch.Tensor]:
    return domains()


def plain_accuracy(made: Domains, there: torch.Tensor, labels: torch.Tensor) -> float:
    """Of a head that was fitted to the source alone."""
    scores = ridge_scores(made.source, there, made.labels[None], classes_count=3, seed=0)
    return right(scores.target[0], labels)


@pytest.mark.parametrize("method", METHODS[1:])
def test_every_method_helps_on_images_that_it_has_not_seen(made, method, monkeypatch):
    monkeypatch.setattr(bottleneck, "MOST_STEPS", 80)
    pair, _ = made
    seen = 0

    def on_step() -> None:
        nonlocal seen
        seen += 1

    head = head_of(method, pair, on_step=on_step)
    new, labels = features(120, seed=7)
    assert right(head.logits(elsewhere(new)), labels) > plain_accuracy(pair, elsewhere(new), labels) + 0.1
    assert seen in (0, 80)
    module = head.as_head(dropout=0.1).eval()
    assert module.settings.dropout == 0.1
    torch.testing.assert_close(module(pair.target), head.logits(pair.target))


def test_the_common_head_answers_as_the_advisers_do_and_the_same_each_time(made, monkeypatch):
    monkeypatch.setattr(bottleneck, "MOST_STEPS", 80)
    pair, _ = made
    answers = common_answers([head_of(name, pair) for name in ("standardise", "coral")], pair.target)
    assert answers.sum(dim=1).allclose(torch.ones(len(answers)))
    one, two = (common_head(answers, pair) for _ in range(2))
    assert right(one.logits(pair.target), answers.argmax(dim=1)) > 0.9
    assert torch.equal(one.weight, two.weight)


def test_a_training_can_be_cancelled(made):
    def cancel() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        head_of("information", made[0], on_step=cancel)


def test_a_class_without_images_and_one_feature_that_never_varies_give_finite_answers(monkeypatch):
    monkeypatch.setattr(bottleneck, "MOST_STEPS", 5)
    pair, _ = domains(source=12, target=12)
    pair = Domains(
        source=pair.source * (torch.arange(48) > 0),
        labels=pair.labels.clamp_max(1),
        target=pair.target * (torch.arange(48) > 0),
        classes_count=3,
        seed=0,
    )
    for method in METHODS[1:]:
        assert head_of(method, pair).logits(pair.target).isfinite().all()


def test_methods_that_assume_the_same_mix_are_left_out_when_it_differs():
    even = torch.ones(3) / 3
    mix = ClassMix(shares=even, low=even, high=even)
    assert advising_methods(mix) == ADVISERS
    other = ClassMix(shares=even, low=even, high=even, differs=1)
    assert advising_methods(other) == ("standardise", "coral", "information")


def test_auto_is_not_one_method(made):
    with pytest.raises(ValueError, match="not one method"):
        head_of("auto", made[0])
