"""Backbones: listed, found, fetched, looked into."""

import pytest

from tests.training.tiny import tiny_backbone
from tlstudio.core.errors import UserError
from tlstudio.operations import backbones, download_weights, search_backbones, stages


def test_only_backbones_that_need_no_download_are_listed_offline(do):
    every, offline = do("backbones")["backbones"], do("backbones", offline=True)["backbones"]
    assert "efficientnet_lite0" in [row["id"] for row in offline]
    assert len(every) > len(offline)
    assert {row["state"] for row in offline} <= {"embedded", "cached"}
    assert backbones.IMPLEMENTATION is backbones.backbones


def test_other_backbones_are_found_by_a_part_of_their_name(do):
    found = do("search-backbones", text="resnet34")["ids"]
    assert found
    assert all("resnet34" in name for name in found)
    assert search_backbones.IMPLEMENTATION is search_backbones.search_backbones


def test_weights_that_are_here_need_no_network(do, no_network):
    path = do("download-weights", backbone="efficientnet_lite0")["path"]
    assert path.endswith((".safetensors", ".pth", ".pt"))
    with pytest.raises(UserError, match="efficientnet_litte0"):
        do("download-weights", backbone="efficientnet_litte0")
    assert download_weights.IMPLEMENTATION is download_weights.download_weights


def test_stages_of_a_backbone_are_listed_with_their_size(do, monkeypatch):
    loaded = []
    monkeypatch.setattr(
        stages,
        "load_backbone",
        lambda name, **rest: loaded.append((name, rest["pretrained"])) or tiny_backbone(),
    )
    value = do("stages", backbone="tiny")
    assert [stage["name"] for stage in value["stages"]] == ["stem", "middle", "top"]
    parameters = sum(parameter.numel() for parameter in tiny_backbone().parameters())
    assert sum(stage["parameters"] for stage in value["stages"]) == parameters
    assert (value["feature_size"], value["input_size"]) == (24, 32)
    do("stages", backbone="tiny", weights_file="own.safetensors")
    assert loaded == [("tiny", False), ("tiny", True)]  # without a file nothing needs to be fetched
