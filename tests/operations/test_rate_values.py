"""What was found, as plain values."""

import json

import pytest

from tlstudio.operations.rate_values import rate_values
from tlstudio.specs.recipe import Recipe, build_recipe
from tlstudio.training.loop.rate_sweep import RateSweep
from tlstudio.training.rates.finder import FoundRate
from tlstudio.training.rates.judgement import RateJudgement

SWEEP = RateSweep(start_loss=1.0, rates=(1e-5, 1e-4), losses=(1.0, 0.8), counts=(8, 8))


def found(suggestion: float | None) -> FoundRate:
    falls = None if suggestion is None else (suggestion / 3, suggestion)
    judgement = RateJudgement(smoothed=(1.0, 0.9), falls=falls)
    return FoundRate(images=16, sweep=SWEEP, judgement=judgement)


@pytest.mark.parametrize(
    ("optimiser", "head"),
    [({}, 0.007), ({"learning_rate_head": 3e-4}, 0.0007), ({"learning_rate_head": 1.0}, 1.0)],
)
def test_the_rate_of_the_head_keeps_its_ratio(optimiser, head):
    values = rate_values(found(0.00074), build_recipe({"optimiser": optimiser}))
    assert values["suggestion"] == {"stages": 0.0007, "head": head}
    assert json.loads(json.dumps(values)) == values
    assert values["curve"][1] == {"rate": 1e-4, "loss": 0.8, "smoothed": 0.9}


def test_where_nothing_is_suggested_there_is_no_number():
    values = rate_values(found(None), Recipe())
    assert (values["suggestion"], values["falls"]) == (None, None)
