from __future__ import annotations

import pytest

from tlstudio.gui.pages.model.text import (
    advice,
    freeze_value,
    frozen_count,
    head_weights,
    relative_rates,
)
from tlstudio.models.catalogue import backbone_info
from tlstudio.specs import LINES_TRIED
from tlstudio.specs.freeze_line import top_stages_frozen
from tlstudio.specs.recipe import HeadSettings, OptimiserSettings

NAMES = ("stem", "layer1", "layer2", "layer3")


@pytest.mark.parametrize(("freeze", "frozen"), [("head", 4), ("none", 0), ("layer2", 2), ("stem", 0)])
def test_frozen_count(freeze, frozen):
    assert frozen_count(freeze, NAMES) == frozen


@pytest.mark.parametrize("frozen", [0, 1, 2, 3, 4])
def test_freeze_value_is_read_back(frozen):
    assert frozen_count(freeze_value(frozen, NAMES), NAMES) == frozen


def test_an_unknown_stage_counts_as_top_stages():
    assert frozen_count("blocks.9", NAMES) == top_stages_frozen(4)


def test_rates_fall_with_depth_as_in_training():
    rates = relative_rates(3, OptimiserSettings())
    assert rates == pytest.approx([0.064, 0.08, 0.1])


def test_head_weights():
    assert head_weights(HeadSettings(), feature_size=1280, classes=5) == 1281 * 5
    hidden = HeadSettings(kind="hidden", hidden_units=10)
    assert head_weights(hidden, feature_size=4, classes=3) == 5 * 10 + 11 * 3


def test_advice_counts_what_trains():
    info = backbone_info("efficientnet_lite0")
    count = len(info.stages)
    assert not advice(info, frozen=count, head=6405, train_images=222).worrying
    assert "222 training images" in advice(info, frozen=count, head=6405, train_images=222).text
    assert "6.41\u00a0k of" in advice(info, frozen=count, head=6405, train_images=222).text
    assert not advice(info, frozen=5, head=6405, train_images=240).worrying
    few = advice(info, frozen=0, head=6405, train_images=12)
    assert few.worrying
    assert "by heart" in few.text


def test_choose_for_me_freezes_the_stages_that_the_engine_does_not_try():
    assert frozen_count("auto", NAMES) == len(NAMES) - LINES_TRIED == 1
    assert frozen_count("auto", NAMES[:2]) == 0
