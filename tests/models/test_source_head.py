"""The head that came with the weights, where one did."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.models.catalogue import backbone_info
from tlstudio.models.source_head import source_head


def test_the_packaged_backbone_has_a_head_for_its_features():
    info = backbone_info("efficientnet_lite0")
    head = source_head(info)
    assert head is not None
    assert head[0].shape == (1000, info.feature_size)
    assert head[1].shape == (1000,)


def test_weights_that_are_not_here_have_none(tmp_path):
    info = backbone_info("efficientnet_lite0")
    assert source_head(replace(info, package_file=tmp_path / "gone.pth")) is None
    assert source_head(backbone_info("resnet18")) is None
