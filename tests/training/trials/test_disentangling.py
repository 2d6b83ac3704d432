"""A head without a nuisance compared with the plain head."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.head.test_erasure import N, made
from tlstudio.core.control import Control
from tlstudio.features.images import RunImage
from tlstudio.training.trials.disentangling import Correct, comparison_of, predict_left_out

LABELS = torch.arange(40) % 2
VALUES = torch.arange(40) // 20
NAMES = [(f"class {label}", f"site {value}") for label, value in zip(LABELS, VALUES, strict=True)]


def correct(after: torch.Tensor) -> Correct:
    right = torch.ones(40, dtype=torch.bool)
    return Correct(before=right, after=after, guessed_before=right, guessed_after=torch.arange(40) % 4 < 2)


def test_the_nuisance_is_no_longer_guessed_on_left_out_images_and_the_class_is():
    features, labels, values = (part[:150] for part in made())
    images = [
        RunImage(path=f"{n}", file=Path(f"{n}"), sha256=f"{n}", label=label)
        for n, label in enumerate(labels.tolist())
    ]
    found = predict_left_out(features, images, values, classes_count=2, seed=0, control=Control())
    shares = {name: getattr(found, name).double().mean() for name in Correct.__slots__}
    assert N > 150
    assert shares["guessed_before"] > 0.85
    assert shares["guessed_after"] < 0.65
    assert shares["after"] > 0.85


@pytest.mark.parametrize(("lost", "worst", "returned"), [(0, 1.0, False), (1, 0.9, False), (20, 0.0, True)])
def test_what_is_clearly_worse_is_not_kept(lost: int, worst: float, returned: bool):
    found = comparison_of(correct(torch.arange(40) >= lost), LABELS, VALUES, name="site", names=NAMES)
    assert found.start_returned is returned
    assert found.accuracy == pytest.approx(1 - lost / 40)
    assert found.interval[0] <= found.difference <= found.interval[1]
    assert found.numbers["chance"] == 0.5
    assert found.numbers["guessed"] == pytest.approx(0.5)
    assert found.numbers["worst"] == pytest.approx(worst)
    assert ("the plain head is kept" in found.sentence) is returned
    assert "(class " in found.sentence
