from __future__ import annotations

import pytest
import torch

from tlstudio.models.backbones import SOURCES, preprocessing_of
from tlstudio.models.catalogue import CLIP, PACK, backbone_info, catalog
from tlstudio.models.timm_models import build_model


def test_every_source_has_backbones_and_every_backbone_a_source() -> None:
    # Without an installed weights pack, its source has none; those of CLIP are not listed.
    assert {info.source for info in catalog()} | {PACK, CLIP} == set(SOURCES.ids())


def test_preprocessing_is_read_without_building_a_model() -> None:
    for info in catalog():
        preprocessing = SOURCES.get(info.source).preprocessing(info)
        assert preprocessing.input_size == info.input_size, info.id


@pytest.mark.parametrize("backbone_id", ["efficientnet_lite1", "resnet18", "vit_small_patch16_224"])
def test_preprocessing_is_that_of_the_built_model(backbone_id: str) -> None:
    with torch.device("meta"):
        record = build_model(backbone_info(backbone_id).timm_name).pretrained_cfg
    known = preprocessing_of(backbone_id)
    assert (known.mean, known.std) == (tuple(record["mean"]), tuple(record["std"]))
    assert known.interpolation == record["interpolation"]
    assert known.resize_size == int(known.input_size / record["crop_pct"])
