"""The freeze line that stands when nobody has moved it."""

from __future__ import annotations

import pytest

from tlstudio.specs.freeze_line import first_top_stage, top_stages_frozen


@pytest.mark.parametrize(("count", "frozen"), [(9, 5), (5, 3), (14, 8), (1, 0), (2, 1)])
def test_top_stages(count: int, frozen: int):
    assert top_stages_frozen(count) == frozen


def test_at_least_one_stage_trains():
    assert first_top_stage(("stem", "layer1", "layer2", "layer3", "layer4")) == "layer3"
    assert first_top_stage(("all",)) == "all"
