"""Scores of images by heads that were fitted without them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.features.images import RunImage
from tlstudio.training.head.cross_validation import held_out_scores


def made(n: int = 60) -> tuple[torch.Tensor, list[RunImage]]:
    """Features of three classes that lie apart, and their images."""
    labels = [number % 3 for number in range(n)]
    noise = torch.randn(n, 8, generator=torch.Generator().manual_seed(0))
    table = 3 * torch.nn.functional.one_hot(torch.tensor(labels), 8).float() + noise
    images = [
        RunImage(path=str(number), file=Path("x"), sha256=str(number), label=label)
        for number, label in enumerate(labels)
    ]
    return table, images


def scores(table, images, **rest) -> torch.Tensor:
    return held_out_scores(table, images, **{"classes_count": 3, "seed": 0, "control": Control(), **rest})


def test_classes_that_lie_apart_are_told_apart():
    table, images = made()
    right = scores(table, images).argmax(dim=1) == torch.tensor([image.label for image in images])
    assert right.double().mean() > 0.8


def test_an_images_own_label_has_no_part_in_its_score():
    table, images = made()
    generator = torch.Generator().manual_seed(1)
    shuffled = [
        RunImage(path=image.path, file=image.file, sha256=image.sha256, label=int(label))
        for image, label in zip(images, torch.randint(3, (60,), generator=generator), strict=True)
    ]
    right = scores(table, shuffled).argmax(dim=1) == torch.tensor([image.label for image in shuffled])
    assert right.double().mean() < 0.6, "labels that mean nothing cannot be predicted"


def test_it_can_be_cancelled():
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        scores(*made(), control=control)
