"""A head from words: each class is met by the meaning of what the backbone was pretrained to name.

The hidden layer is the backbone's own last layer, and its softmax: the probability of each of the 1000
classes of ImageNet. The logit of a class is the mean, by these probabilities, of how close its words are in
meaning to each of the 1000. No image is learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.core.class_words import ClassWords
from tlstudio.models.heads import Head, build_head
from tlstudio.models.words.pretrained_classes import (
    class_meanings,
    closeness,
    mean_vector,
    pretrained_layer,
)
from tlstudio.models.words.sentences import embed_texts
from tlstudio.specs.recipe import HeadSettings

WORDINGS = ("{}", "a {}", "a photo of a {}")
"""Ways of writing a name. What a wording adds of its own is less in their mean."""


@torch.no_grad()
def head_of_words(
    words: Sequence[ClassWords],
    *,
    backbone_id: str,
    weights_file: Path | None,
    feature_size: int,
    dropout: float,
) -> Head:
    """Make the head.

    Args:
        words: Of each class.
        backbone_id: The backbone that the features come from.
        weights_file: The person's own weights of it.
        feature_size: Of the backbone.
        dropout: Written into its settings; it has no effect on predictions.

    Raises:
        UserError: The optional part is missing, or the weights come without the layer that is needed.
    """
    weight, bias = pretrained_layer(backbone_id, weights_file=weights_file, feature_size=feature_size)
    meanings = torch.stack([_meaning(of_class) for of_class in words])
    settings = HeadSettings(kind="hidden", hidden_units=len(bias), activation="softmax", dropout=dropout)
    head = build_head(settings, feature_size=feature_size, classes_count=len(words))
    first = next(module for module in head.hidden.modules() if isinstance(module, torch.nn.Linear))
    first.weight.copy_(weight)
    first.bias.copy_(bias)
    head.linear.weight.copy_(closeness(meanings))
    head.linear.bias.zero_()
    return head


def require_known_things(backbone_id: str, *, weights_file: Path | None, feature_size: int) -> None:
    """Make sure that the backbone names things, and that their meanings are those of the installed network.

    Args:
        backbone_id: The backbone that the features come from.
        weights_file: The person's own weights of it.
        feature_size: Of the backbone.

    Raises:
        UserError: They do not, with what to do.
    """
    pretrained_layer(backbone_id, weights_file=weights_file, feature_size=feature_size)
    class_meanings()


def _meaning(words: ClassWords) -> Tensor:
    """The meaning of a class [384]: its name counts as much as each of its descriptions."""
    name = mean_vector(embed_texts([wording.replace("{}", words.spaced_name) for wording in WORDINGS]))
    if not words.descriptions:
        return name
    return mean_vector(torch.cat([name[None], embed_texts(words.descriptions)]))
