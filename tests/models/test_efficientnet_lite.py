"""The networks of our own are timm's, bit for bit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import backbone_info
from tlstudio.models.cuts import cut_model
from tlstudio.models.efficientnet_lite import SCALES, EfficientNetLite
from tlstudio.models.timm_models import build_model, recorded_preprocessing

EACH = pytest.mark.parametrize("backbone_id", list(SCALES))


def both(backbone_id: str) -> tuple[EfficientNetLite, nn.Module]:
    """Our network and timm's with the same random weights and statistics."""
    torch.manual_seed(0)
    ours = EfficientNetLite(SCALES[backbone_id]).eval()
    generator = torch.Generator().manual_seed(1)
    for module in ours.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.05, generator=generator)
            module.running_var.uniform_(0.8, 1.2, generator=generator)
            nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            nn.init.normal_(module.bias, 0, 0.1, generator=generator)
    timms = build_model(backbone_info(backbone_id).timm_name)
    timms.load_state_dict(ours.state_dict())
    return ours, timms


def run(stages: list[nn.Module], x: torch.Tensor) -> torch.Tensor:
    for stage in stages:
        x = stage(x)
    return x


@EACH
def test_tensors_have_timms_names_shapes_and_order(backbone_id: str):
    with torch.device("meta"):
        ours = EfficientNetLite(SCALES[backbone_id]).state_dict()
        timms = build_model(backbone_info(backbone_id).timm_name).state_dict()
    assert [(name, tensor.shape) for name, tensor in ours.items()] == [
        (name, tensor.shape) for name, tensor in timms.items()
    ]


def test_random_weights_have_timms_spread():
    """So activations neither die nor grow through the network while nothing is loaded."""
    torch.manual_seed(5)
    ours = EfficientNetLite(SCALES["efficientnet_lite0"]).state_dict()
    timms = build_model(backbone_info("efficientnet_lite0").timm_name).state_dict()
    for name, tensor in timms.items():
        if tensor.ndim == 4:
            assert float(ours[name].std()) == pytest.approx(float(tensor.std()), rel=0.2), name
        else:
            assert torch.equal(ours[name], tensor), name


@EACH
@pytest.mark.parametrize("size", [224, 107])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_every_stage_is_timms_bit_for_bit(backbone_id: str, size: int, memory_format: torch.memory_format):
    ours, timms = both(backbone_id)
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(2))
    x = x.contiguous(memory_format=memory_format)
    with torch.inference_mode():
        whole = timms(x)
        cut = cut_model(timms)
        assert [name for name, _ in ours.stages()] == [name for name, _ in cut.stages]
        for (name, mine), (_, theirs) in zip(ours.stages(), cut.stages, strict=True):
            after = theirs(x)
            assert torch.equal(mine(x), after), name
            x = after
        pool = SOURCES.get("embedded").build(backbone_info(backbone_id), weights_file=None).pool
        assert torch.equal(pool(x), whole)


def test_gradients_are_timms_bit_for_bit():
    ours, timms = both("efficientnet_lite0")
    x = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(3))
    run([stage for _, stage in ours.stages()], x).square().mean().backward()
    timms.forward_features(x).square().mean().backward()
    expected = dict(timms.named_parameters())
    for name, parameter in ours.named_parameters():
        assert parameter.grad is not None
        assert torch.equal(parameter.grad, expected[name].grad), name


@EACH
def test_the_preprocessing_is_the_one_that_timm_records(backbone_id: str):
    info = backbone_info(backbone_id)
    assert SOURCES.get("embedded").preprocessing(info) == recorded_preprocessing(info.timm_name)
