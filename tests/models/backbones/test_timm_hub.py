from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from tlstudio.core.errors import UserError
from tlstudio.models.backbones import find_backbone, load_backbone
from tlstudio.models.backbones.timm_hub import describe, search_backbones
from tlstudio.models.catalogue import cached_weights


def test_search_finds_names_with_all_words() -> None:
    found = search_backbones("DINOv2 small")
    assert "vit_small_patch14_dinov2.lvd142m" in found
    assert all("dinov2" in name and "small" in name for name in found)
    assert search_backbones("no such network") == []
    assert len(search_backbones("")) > 500


def test_a_model_outside_the_catalogue_is_described() -> None:
    info = describe("regnetx_002")
    assert info.timm_name == "regnetx_002.pycls_in1k"
    assert info.licence
    assert [stage.name for stage in info.stages] == ["stem", "s1", "s2", "s3", "s4"]
    assert sum(stage.parameters for stage in info.stages) == info.parameters
    assert info.feature_size == 368
    assert info.input_size == 224
    assert info.download_bytes > info.parameters * 4
    assert not find_backbone("regnetx_002").stages


def test_a_model_that_is_not_a_chain_becomes_one_stage() -> None:
    info = describe("xcit_nano_12_p16_224.fb_in1k")
    assert [stage.name for stage in info.stages] == ["stem"]
    assert info.stages[0].parameters == info.parameters
    backbone = load_backbone(info.id, pretrained=False)
    with torch.inference_mode():
        assert backbone(torch.zeros(1, 3, 224, 224)).shape == (1, info.feature_size)


@pytest.mark.parametrize(
    ("wrong", "near"), [("convnext_tinny", "convnext_tiny"), ("gcvit_tiny", "convnext_tiny")]
)
def test_similar_names_are_offered_and_exist(wrong: str, near: str) -> None:
    """timm knows gcvit, but its weights are not on the hub."""
    with pytest.raises(UserError, match="no backbone") as caught:
        load_backbone(wrong)
    assert near in caught.value.mend
    assert "gcvit" not in caught.value.mend


def test_weights_are_loaded_from_a_persons_file(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = timm.create_model("resnet18", num_classes=7)
    save_file(model.state_dict(), tmp_path / "mine.safetensors")
    torch.save(
        {"state_dict": {f"module.{k}": v for k, v in model.state_dict().items()}}, tmp_path / "mine.pth"
    )
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        expected = model.eval().forward_head(model.forward_features(x), pre_logits=True)
        for name in ("mine.safetensors", "mine.pth"):
            torch.testing.assert_close(load_backbone("resnet18", weights_file=tmp_path / name)(x), expected)
        with pytest.raises(UserError, match=r"mine\.pth do not fit"):
            load_backbone("resnet50", weights_file=tmp_path / "mine.pth")


def test_cached_weights_are_used_without_a_network(fresh_cache: Path, no_network: None) -> None:
    from tlstudio.core.files import sha256_of

    torch.manual_seed(1)
    model = timm.create_model("resnet18", num_classes=1000)
    path = cached_weights(find_backbone("resnet18"))
    path.parent.mkdir(parents=True)
    save_file(model.state_dict(), path)
    path.with_suffix(".sha256").write_text(sha256_of(path))
    backbone = load_backbone("resnet18")
    assert torch.equal(backbone.stage("stem").conv1.weight, model.conv1.weight)
