"""Every backbone of the catalogue, built with random weights: the contract of `models.stages`."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import timm
import torch
from torch import nn
from torchvision.models import inception_v3

from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import WORDS, BackboneInfo, backbone_info
from tlstudio.models.stages import Backbone
from tlstudio.models.timm_models import build_model

QUICK = ("efficientnet_lite0", "mobilenetv3_large_100", "resnet18", "vit_small_patch16_224")
"""They cover the families; others take up to five seconds."""
EACH = [pytest.param(key, marks=[] if key in QUICK else pytest.mark.exhaustive) for key in WORDS]


def small(backbone_id: str) -> BackboneInfo:
    """A backbone's entry; a vision transformer's for images of 4 × 4 patches, which are quick."""
    info = backbone_info(backbone_id)
    sides = {"vit_small_patch16_224": 64, "vit_small_patch14_dinov2": 56}
    return replace(info, input_size=sides.get(backbone_id, info.input_size))


def build(info: BackboneInfo) -> Backbone:
    torch.manual_seed(0)
    backbone = SOURCES.get(info.source).build(info, weights_file=None)
    randomise_statistics(backbone)
    return backbone


def randomise_statistics(model: nn.Module) -> None:
    """BatchNorm with fresh statistics hardly changes anything, which would hide a missing one."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.05)
            module.running_var.uniform_(0.8, 1.2)


def reference(info: BackboneInfo, backbone: Backbone) -> nn.Module:
    """The library's own, uncut model with the weights of a backbone, whose tensors have the same order."""
    with torch.device("meta"):  # other random weights, which would take seconds, are not needed
        if info.source == "torchvision":
            model = inception_v3(weights=None, aux_logits=False, transform_input=False, init_weights=False)
            model.fc = nn.Identity()
        else:
            model = build_model(info.timm_name, input_size=info.input_size)
    tensors = zip(model.state_dict(), backbone.state_dict().values(), strict=True)
    model.load_state_dict(dict(tensors), assign=True)
    return model.eval()


@pytest.mark.parametrize("backbone_id", EACH)
def test_stages_in_sequence_compute_the_librarys_features(backbone_id: str) -> None:
    info = small(backbone_id)
    backbone = build(info)
    # Convolutions take any size, of which Inception needs this much.
    size = info.input_size if "patch" in backbone_id else 107
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        features = backbone(x)
        torch.testing.assert_close(features, reference(info, backbone)(x), rtol=1e-5, atol=1e-6)
        assert features.shape == (2, info.feature_size)
        entered = x
        for name in backbone.stage_names:
            before = entered.clone()
            after = backbone.stage(name)(entered)
            assert torch.equal(entered, before), f"{name} writes into its input"
            entered = after
        assert torch.equal(backbone.pool(entered), features)


@pytest.mark.parametrize("backbone_id", ["efficientnet_lite0", "resnet18", "vit_small_patch16_224"])
def test_running_in_two_parts_equals_the_forward_pass_at_every_stage(backbone_id: str) -> None:
    backbone = build(small(backbone_id))
    size = min(backbone.preprocessing.input_size, 107)
    x = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        features = backbone(x)
        for name in backbone.stage_names:
            below = backbone.run_stages(x, end=name)
            assert torch.equal(backbone.run_stages(below, start=name), features), name


@pytest.mark.parametrize("backbone_id", list(WORDS))
def test_numbers_in_the_catalogue_are_those_of_the_built_model(backbone_id: str) -> None:
    info = backbone_info(backbone_id)
    with torch.device("meta"):
        backbone = SOURCES.get(info.source).build(info, weights_file=None)
    counted = {
        name: sum(t.numel() for t in backbone.stage(name).parameters()) for name in backbone.stage_names
    }
    assert counted == {stage.name: stage.parameters for stage in info.stages}
    assert sum(counted.values()) == sum(t.numel() for t in backbone.parameters()) == info.parameters
    assert backbone.preprocessing.input_size == info.input_size
    assert backbone.feature_size == info.feature_size


@pytest.mark.parametrize("backbone_id", list(WORDS))
def test_preprocessing_and_licence_are_those_that_timm_records(backbone_id: str) -> None:
    info = backbone_info(backbone_id)
    cfg = timm.get_pretrained_cfg(info.timm_name)
    assert info.licence.lower() == cfg.license
    with torch.device("meta"):
        preprocessing = SOURCES.get(info.source).build(info, weights_file=None).preprocessing
    assert preprocessing.mean == tuple(cfg.mean)
    assert preprocessing.std == tuple(cfg.std)
    if info.source != "torchvision":  # timm trusts another interpolation there than torchvision's record
        assert preprocessing.interpolation == cfg.interpolation
        assert preprocessing.resize_size == int(preprocessing.input_size / cfg.crop_pct)


def test_the_agreed_stage_names() -> None:
    blocks = ["stem", *(f"blocks.{number}" for number in range(7)), "conv_head"]
    tokens = ["patch_embed", *(f"blocks.{number}" for number in range(12)), "norm"]
    layers = ["stem", "layer1", "layer2", "layer3", "layer4"]
    mixed = [f"Mixed_{part}" for part in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")]
    expected = {
        **dict.fromkeys(("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"), blocks),
        **dict.fromkeys(("mobilenetv3_large_100", "efficientnet_b0"), blocks),
        **dict.fromkeys(("resnet18", "resnet50"), layers),
        **dict.fromkeys(("vit_small_patch16_224", "vit_small_patch14_dinov2"), tokens),
        "convnext_tiny": ["stem", "stages.0", "stages.1", "stages.2", "stages.3", "norm"],
        "vgg16_bn": ["stem", "block2", "block3", "block4", "block5", "pre_logits"],
        "inception_v3": ["stem", *mixed],
    }
    assert expected == {key: [stage.name for stage in backbone_info(key).stages] for key in WORDS}


def test_a_copy_is_independent() -> None:
    backbone = build(backbone_info("vit_small_patch16_224"))
    twin = copy.deepcopy(backbone)
    with torch.no_grad():
        for tensor in twin.parameters():
            tensor.zero_()
    assert all(
        any(t.abs().sum() > 0 for t in backbone.stage(name).parameters()) for name in backbone.stage_names
    )
