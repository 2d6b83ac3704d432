from __future__ import annotations

from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalog import catalog


def test_each_source_has_backbones_and_each_backbone_a_source() -> None:
    assert {info.source for info in catalog()} == set(SOURCES.ids())
