"""Which runs can be cross-validated in a moment."""

from __future__ import annotations

import pytest

from tlstudio.specs import STRATEGIES
from tlstudio.specs.cross_validated import can_be_cross_validated
from tlstudio.specs.recipe import build_recipe


def test_a_linear_head_on_frozen_features_and_nothing_else():
    assert can_be_cross_validated(build_recipe({}))
    assert not can_be_cross_validated(build_recipe({"head": {"kind": "hidden"}}))


@pytest.mark.parametrize("strategy", [spec.id for spec in STRATEGIES if spec.trains_stages])
def test_not_where_stages_learn(strategy):
    assert not can_be_cross_validated(build_recipe({"strategy": strategy}))
