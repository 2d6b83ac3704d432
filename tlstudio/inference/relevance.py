"""Finds where a classifier looked: how much each part of an image speaks for a class.

For convolutional backbones this is Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) at the last stage whose
output is still a picture: each of its channels counts by the mean gradient of the class's logit.

A transformer's gradient says little: where one patch decides, the logit is saturated and the gradient all but
nought. There the tokens of some patches at a time, as they enter the first block, are replaced by those of a
plain image, and they count by how much the class loses. A backbone of a single stage has no such place; there
parts of the image itself are covered.
"""

from __future__ import annotations

from itertools import pairwise
from math import isqrt

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from tlstudio.data.preprocessing import normalise
from tlstudio.models.classifier import Classifier

COVERS = 7
"""Parts along each side that are covered in turn, at most."""
COVERED_SHARE = 0.25
"""Share of the picture that the check of a map covers."""
SMALLEST = 1e-7
BATCH = 25
"""Changed images that are computed at once."""


def relevance_map(classifier: Classifier, pixels: Tensor, *, class_index: int) -> Tensor:
    """Make the map of how much each place of an image speaks for a class.

    Args:
        classifier: In eval mode.
        pixels: uint8 [3, S, S], as the preprocessing makes it.
        class_index: Of the first label column.

    Returns:
        float32 [S, S], 0 … 1 with the most relevant place at 1; all 0 where nothing speaks for the class.
    """
    place, has_tokens = _place_to_look(classifier, pixels)
    if place is None:
        coarse = _by_covering(classifier, pixels, class_index=class_index)
    elif has_tokens:
        coarse = _by_tokens(classifier, pixels, first=place, class_index=class_index)
    else:
        coarse = _by_gradient(classifier, pixels, last=place, class_index=class_index)
    size = pixels.shape[-1]
    scaled = _scaled(coarse.clamp_min(0))
    smooth = interpolate(scaled[None, None], size=(size, size), mode="bilinear", align_corners=False)
    return _scaled(smooth[0, 0])


def probabilities_when_covered(
    classifier: Classifier, pixels: Tensor, relevance: Tensor, *, class_index: int
) -> tuple[float, float, float]:
    """Check a map: find what becomes of a probability when parts of the image are covered.

    A map that shows what matters lets the probability fall where its most relevant part is covered, and
    leaves it where its least relevant part is.

    Args:
        classifier: In eval mode.
        pixels: uint8 [3, S, S].
        relevance: The map [S, S].
        class_index: As for `relevance_map`.

    Returns:
        The probability for the whole image, without its most and without its least relevant quarter.
    """
    number = round(COVERED_SHARE * relevance.numel())
    order = relevance.flatten().argsort(descending=True, stable=True)
    batch = pixels.repeat(3, 1, 1, 1)
    for image, hidden in zip(batch[1:], (order[:number], order[-number:]), strict=True):
        image.flatten(1)[:, hidden] = _usual_colour(pixels)
    whole, without, elsewhere = classifier.probabilities(_like(batch, classifier))[:, class_index].tolist()
    return whole, without, elsewhere


def _place_to_look(classifier: Classifier, pixels: Tensor) -> tuple[int | None, bool]:
    """The last stage that gives a picture, else the first that gives tokens; whether it gives tokens."""
    backbone = classifier.backbone
    pictures: list[int] = []
    tokens: list[int] = []
    with torch.no_grad():
        x = _normalised(pixels[None], classifier)
        for number, name in enumerate(backbone.stage_names):
            x = backbone.stage(name)(x)
            if x.ndim == 4 and min(_sides(x)) > 1:
                pictures.append(number)
            elif x.ndim == 3 and x.shape[1] > 1:
                tokens.append(number)
    if pictures:
        return pictures[-1], False
    return (tokens[0], True) if tokens else (None, False)


def _by_gradient(classifier: Classifier, pixels: Tensor, *, last: int, class_index: int) -> Tensor:
    """Grad-CAM [h, w] of the output of a stage."""
    with torch.no_grad():
        activations = _run(classifier, _normalised(pixels[None], classifier), stages=slice(last + 1))
    (gradient,) = _gradient(classifier, activations, after=last, class_index=class_index)
    (activations,) = activations.detach()
    if _is_channels_last(activations):
        activations, gradient = activations.permute(2, 0, 1), gradient.permute(2, 0, 1)
    weighted: Tensor = (gradient.mean(dim=(1, 2), keepdim=True) * activations).sum(dim=0)
    return weighted.float().cpu()


@torch.inference_mode()
def _by_tokens(classifier: Classifier, pixels: Tensor, *, first: int, class_index: int) -> Tensor:
    """By how much the class loses where the tokens of some patches are those of a plain image: [h, w]."""
    plain = _usual_colour(pixels)[:, :, None].expand_as(pixels)
    both = _normalised(torch.stack([plain, pixels]), classifier)
    empty, tokens = _run(classifier, both, stages=slice(first + 1))
    side = isqrt(len(tokens))
    before = len(tokens) - side * side  # class and register tokens come before the patches
    together = -(-side // COVERS)
    group = torch.arange(side) // together
    groups = int(group[-1]) + 1
    of_patch = (group[:, None] * groups + group).flatten()
    changed = tokens.repeat(groups * groups, 1, 1)
    for number, one in enumerate(changed):
        rows = before + (of_patch == number).nonzero()[:, 0]
        one[rows] = empty[rows]
    features = [
        classifier.backbone.pool(_run(classifier, part, stages=slice(first + 1, None)))
        for part in (tokens[None], *torch.split(changed, BATCH))
    ]
    return _lost(classifier, torch.cat(features), class_index=class_index).reshape(groups, groups)


def _gradient(classifier: Classifier, activations: Tensor, *, after: int, class_index: int) -> Tensor:
    """The gradient of a class's logit with respect to what a stage gave for one image."""
    with torch.enable_grad():
        activations = activations.detach().requires_grad_()
        features = classifier.backbone.pool(_run(classifier, activations, stages=slice(after + 1, None)))
        logit = classifier.answer(features)[0, class_index]
        (gradient,) = torch.autograd.grad(logit, activations)
    return gradient


def _run(classifier: Classifier, x: Tensor, *, stages: slice) -> Tensor:
    for name in classifier.backbone.stage_names[stages]:
        x = classifier.backbone.stage(name)(x)
    return x


@torch.inference_mode()
def _by_covering(classifier: Classifier, pixels: Tensor, *, class_index: int) -> Tensor:
    """By how much the class loses where each part of the image is covered: [COVERS, COVERS]."""
    size = pixels.shape[-1]
    edges = [round(number * size / COVERS) for number in range(COVERS + 1)]
    images = [pixels]
    for top, bottom in pairwise(edges):
        for left, right in pairwise(edges):
            covered = pixels.clone()
            covered[:, top:bottom, left:right] = _usual_colour(pixels)[:, :, None]
            images.append(covered)
    features = [
        classifier.backbone(_normalised(part, classifier)) for part in torch.split(torch.stack(images), BATCH)
    ]
    return _lost(classifier, torch.cat(features), class_index=class_index).reshape(COVERS, COVERS)


def _lost(classifier: Classifier, features: Tensor, *, class_index: int) -> Tensor:
    """The loss of log probability of a class from the first of some features [1 + N, F] to the others."""
    logits = classifier.answer(features)[:, : classifier.sizes[0]]
    whole, *parts = logits.float().log_softmax(dim=1)[:, class_index].cpu()
    lost: Tensor = whole - torch.stack(parts)
    return lost


def _usual_colour(pixels: Tensor) -> Tensor:
    """The colour of most of an image, its median, to cover parts of it with: uint8 [3, 1]."""
    return pixels.flatten(1).median(dim=1, keepdim=True).values


def _normalised(batch: Tensor, classifier: Classifier) -> Tensor:
    return normalise(_like(batch, classifier), classifier.preprocessing)


def _like(batch: Tensor, classifier: Classifier) -> Tensor:
    return batch.to(next(classifier.parameters()).device)


def _sides(activations: Tensor) -> tuple[int, int]:
    shape = activations.shape
    return (shape[1], shape[2]) if _is_channels_last(activations[0]) else (shape[2], shape[3])


def _is_channels_last(activations: Tensor) -> bool:
    """Return whether [a, b, c] of one image has its channels last, as windowed transformers have them."""
    first, middle, last = activations.shape
    return first == middle != last


def _scaled(values: Tensor) -> Tensor:
    """Values shifted and scaled to 0 … 1; all 0 where they do not differ."""
    lowest = values.min()
    return (values - lowest) / (SMALLEST + (values - lowest).max())
