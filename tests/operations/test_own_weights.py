"""Weights of the person's own: the backbone that they are of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.tiny_clip import NAME, REASON, forget_tiny_clip, tiny_clip
from tlstudio.models.backbones.clip import describe
from tlstudio.operations.own_weights import with_recognised_backbone
from tlstudio.specs.recipe import build_recipe

ID = f"clip:{NAME}"


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Path]:
    yield tiny_clip(tmp_path)
    forget_tiny_clip()
    describe.cache_clear()


def test_only_a_backbone_that_is_to_be_recognised_is_changed(weights: Path):
    recipe = build_recipe({"backbone": {"id": "clip", "weights_file": str(weights)}})
    assert with_recognised_backbone(recipe).backbone.id == ID
    for backbone in ({"id": "resnet18", "weights_file": str(weights)}, {"id": "clip"}):
        recipe = build_recipe({"backbone": backbone})
        assert with_recognised_backbone(recipe) == recipe


def test_weights_of_clip_are_recognised_where_another_backbone_was_chosen(do, weights: Path):
    cut = do("stages", backbone="efficientnet_lite0", weights_file=weights)
    assert (cut["backbone"], cut["feature_size"], cut["input_size"]) == (ID, 24, 32)
    assert [stage["name"] for stage in cut["stages"]] == ["stem"]
    assert do("stages", backbone=ID, weights_file=None)["backbone"] == ID


def test_architectures_of_clip_are_found_by_name(do):
    pytest.importorskip("open_clip", reason=REASON)
    assert "clip:ViT-B-32" in do("search-backbones", text="clip:vit-b-32")["ids"]
