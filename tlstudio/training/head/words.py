"""A head from words; no image is learned from.

Of a backbone that was pretrained on ImageNet the hidden layer is its own last layer, and its softmax: the
probability of each of the 1000 classes. The logit of a class is the mean, by these probabilities, of how
close its words are in meaning to each of the 1000.

Of a CLIP backbone the words of a class are compared with the image itself: its logit is the cosine between
the feature and the vector of its words, times the scale that the model has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.core.class_words import ClassWords
from tlstudio.models.catalogue import is_clip
from tlstudio.models.clip import without_file
from tlstudio.models.heads import Head, build_head
from tlstudio.models.words.pretrained_classes import (
    class_meanings,
    closeness,
    mean_vector,
    pretrained_layer,
)
from tlstudio.models.words.sentences import embed_texts, require_words
from tlstudio.models.words.text_tower import load_text_tower
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
    if is_clip(backbone_id):
        return _head_of_text_tower(
            words, backbone_id, weights_file=weights_file, feature_size=feature_size, dropout=dropout
        )
    weight, bias = pretrained_layer(backbone_id, weights_file=weights_file, feature_size=feature_size)
    meanings = torch.stack([_meaning(of_class, embed_texts) for of_class in words])
    settings = HeadSettings(kind="hidden", hidden_units=len(bias), activation="softmax", dropout=dropout)
    head = build_head(settings, feature_size=feature_size, classes_count=len(words))
    first = next(module for module in head.hidden.modules() if isinstance(module, torch.nn.Linear))
    first.weight.copy_(weight)
    first.bias.copy_(bias)
    head.linear.weight.copy_(closeness(meanings))
    head.linear.bias.zero_()
    return head


def _head_of_text_tower(
    words: Sequence[ClassWords],
    backbone_id: str,
    *,
    weights_file: Path | None,
    feature_size: int,
    dropout: float,
) -> Head:
    """The head of a CLIP backbone, whose features all have the length √F."""
    if weights_file is None:
        raise without_file()
    tower = load_text_tower(backbone_id, weights_file=weights_file)
    meanings = torch.stack([_meaning(of_class, tower.embed) for of_class in words])
    settings = HeadSettings(kind="linear", dropout=dropout)
    head = build_head(settings, feature_size=feature_size, classes_count=len(words))
    head.set_linear(tower.scale / feature_size**0.5 * meanings, torch.zeros(len(words)))
    return head


def require_text_network(backbone_id: str) -> None:
    """Make sure that words can be read for a backbone; a CLIP model brings its own network for them.

    Raises:
        UserError: The optional part is missing.
    """
    if not is_clip(backbone_id):
        require_words()


def require_known_things(backbone_id: str, *, weights_file: Path | None, feature_size: int) -> None:
    """Make sure that the backbone names things, and that their meanings are those of the installed network.

    A CLIP backbone names nothing, and needs not to.

    Args:
        backbone_id: The backbone that the features come from.
        weights_file: The person's own weights of it.
        feature_size: Of the backbone.

    Raises:
        UserError: They do not, with what to do.
    """
    if not is_clip(backbone_id):
        pretrained_layer(backbone_id, weights_file=weights_file, feature_size=feature_size)
        class_meanings()


def _meaning(words: ClassWords, embed: Callable[[Sequence[str]], Tensor]) -> Tensor:
    """The meaning of a class [V]: its name counts as much as each of its descriptions."""
    name = mean_vector(embed([wording.replace("{}", words.spaced_name) for wording in WORDINGS]))
    if not words.descriptions:
        return name
    return mean_vector(torch.cat([name[None], embed(words.descriptions)]))
