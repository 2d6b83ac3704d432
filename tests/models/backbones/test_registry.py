from __future__ import annotations

from tlstudio.models.backbones import SOURCES, load_backbone, preprocessing_of
from tlstudio.models.catalog import catalog


def test_each_source_has_backbones_and_each_backbone_a_source() -> None:
    assert {info.source for info in catalog()} == set(SOURCES.ids())


def test_preprocessing_is_known_without_building_anything() -> None:
    for info in catalog():
        preprocessing = SOURCES.get(info.source).preprocessing(info)
        assert preprocessing.input_size == info.input_size, info.id
    assert preprocessing_of("efficientnet_lite0") == load_backbone("efficientnet_lite0").preprocessing
