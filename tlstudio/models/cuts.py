"""Cuts timm models into stages named like their top-level modules; the first stage is called `stem`."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from timm.layers.pool1d import global_pool_nlc
from timm.models.convnext import ConvNeXt
from timm.models.efficientnet import EfficientNet
from timm.models.mobilenetv3 import MobileNetV3
from timm.models.resnet import ResNet
from timm.models.vgg import VGG
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A model as a chain of named stages and a pool; they share their tensors with the original model."""

    stages: tuple[tuple[str, nn.Module], ...]
    pool: nn.Module


def cut_model(model: nn.Module) -> Cut:
    """Cut a timm model that was built with `num_classes=0`.

    Each family in the catalogue has its own rule. Any other model is assumed to be a chain of its top-level
    modules; call `holds` to check that.

    Args:
        model: Its modules are taken out; do not run it afterwards.

    Returns:
        Stages in order and a pool without parameters.
    """
    if isinstance(model, EfficientNet):
        return _efficientnet(model)
    if isinstance(model, MobileNetV3):
        return _mobilenet(model)
    if isinstance(model, ResNet):
        return _resnet(model)
    if isinstance(model, ConvNeXt):
        return _convnext(model)
    if isinstance(model, VGG):
        return _vgg(model)
    if isinstance(model, VisionTransformer) and getattr(model, "attn_pool", None) is None:
        return _vision_transformer(model)
    return _chain(model)


def whole(model: nn.Module) -> Cut:
    """Take the whole model as one stage, for models that are no chain: all of it is frozen, or nothing."""
    return Cut(stages=(("stem", model),), pool=nn.Identity())


@torch.inference_mode()
def holds(cut: Cut, *, images: Tensor, features: Tensor) -> bool:
    """Return whether a cut computes the features of the uncut model and no stage modifies its input.

    Args:
        cut: In eval mode.
        images: float [N, 3, S, S].
        features: [N, F] of the uncut model in eval mode on the same images.
    """
    x = images
    try:
        for _, stage in cut.stages:
            before = x.clone()
            output: object = stage(x)
            if not isinstance(output, Tensor) or not torch.equal(before, x):
                return False
            x = output
        x = cut.pool(x)
    except (RuntimeError, TypeError, ValueError, NotImplementedError, AttributeError, IndexError):
        return False
    return x.shape == features.shape and torch.allclose(x, features, rtol=1e-4, atol=1e-5)


def _named(**parts: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(parts))


def _children(name: str, modules: nn.Module) -> list[tuple[str, nn.Module]]:
    return [(f"{name}.{key}", child) for key, child in modules.named_children()]


def _efficientnet(model: EfficientNet) -> Cut:
    stem = _named(conv_stem=model.conv_stem, bn1=model.bn1)
    top = _named(conv_head=model.conv_head, bn2=model.bn2)
    stages = [("stem", stem), *_children("blocks", model.blocks), ("conv_head", top)]
    return Cut(stages=tuple(stages), pool=model.global_pool)


def _mobilenet(model: MobileNetV3) -> Cut:
    stem = _named(conv_stem=model.conv_stem, bn1=model.bn1)
    # This family pools before its last convolution.
    top = _named(
        global_pool=model.global_pool,
        conv_head=model.conv_head,
        norm_head=model.norm_head,
        act2=model.act2,
        flatten=model.flatten,
    )
    stages = [("stem", stem), *_children("blocks", model.blocks), ("conv_head", top)]
    return Cut(stages=tuple(stages), pool=nn.Identity())


def _resnet(model: ResNet) -> Cut:
    stem = _named(conv1=model.conv1, bn1=model.bn1, act1=model.act1, maxpool=model.maxpool)
    layers = [(name, getattr(model, name)) for name in ("layer1", "layer2", "layer3", "layer4")]
    return Cut(stages=(("stem", stem), *layers), pool=model.global_pool)


def _convnext(model: ConvNeXt) -> Cut:
    top = _named(norm_pre=model.norm_pre, head=model.head)
    stages = [("stem", model.stem), *_children("stages", model.stages), ("norm", top)]
    return Cut(stages=tuple(stages), pool=nn.Identity())


def _vgg(model: VGG) -> Cut:
    blocks: list[nn.Sequential] = [nn.Sequential()]
    for layer in model.features:
        blocks[-1].append(layer)
        if isinstance(layer, nn.MaxPool2d):
            blocks.append(nn.Sequential())
    filled = [block for block in blocks if len(block)]
    named = [("stem" if number == 1 else f"block{number}", block) for number, block in enumerate(filled, 1)]
    return Cut(stages=(*named, ("pre_logits", model.pre_logits)), pool=model.head)


class _TokenStem(nn.Module):
    """Turns an image into tokens by timm's own code: patches, class token and position embedding."""

    def __init__(self, model: VisionTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        tokens: Tensor = self.model.norm_pre(
            self.model.patch_drop(self.model._pos_embed(self.model.patch_embed(x)))
        )
        return tokens


class _TokenPool(nn.Module):
    """Pools tokens to one feature as in pre-training: the class token, or the mean of the others."""

    def __init__(self, model: VisionTransformer) -> None:
        super().__init__()
        self.kind: str = model.global_pool
        self.prefix_tokens: int = model.num_prefix_tokens
        self.include_prefix: bool = model.pool_include_prefix

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = global_pool_nlc(
            x,
            pool_type=self.kind,
            num_prefix_tokens=self.prefix_tokens,
            reduce_include_prefix=self.include_prefix,
        )
        return pooled


def _vision_transformer(model: VisionTransformer) -> Cut:
    blocks = _children("blocks", model.blocks)
    top = _named(norm=model.norm, pool=_TokenPool(model), fc_norm=model.fc_norm, head_drop=model.head_drop)
    # The class token and the position embedding are parameters of the model itself, so the model without its
    # blocks and norms is the first stage.
    model.blocks = nn.Sequential()
    for name in ("norm", "fc_norm", "head_drop", "head"):
        setattr(model, name, nn.Identity())
    return Cut(stages=(("patch_embed", _TokenStem(model)), *blocks, ("norm", top)), pool=nn.Identity())


def _chain(model: nn.Module) -> Cut:
    """Top-level modules in order; lists are split up, layers without weights join the stage before them."""
    parts: list[tuple[str, nn.Module]] = []
    for name, child in model.named_children():
        if isinstance(child, (nn.Sequential, nn.ModuleList)) and name != "stem" and len(child) > 1:
            parts += _children(name, child)
        else:
            parts.append((name, child))
    groups: list[tuple[str, nn.Sequential]] = []
    for name, part in parts:
        has_weights = any(tensor.ndim > 1 for tensor in part.parameters())
        if groups and not has_weights:
            groups[-1][1].append(part)
        else:
            groups.append((name if groups else "stem", nn.Sequential(part)))
    if len({name.replace(".", "_") for name, _ in groups}) < len(groups) or not groups:
        return whole(model)
    return Cut(stages=tuple(groups), pool=nn.Identity())
