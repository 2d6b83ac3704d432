"""What gives a class away without a look at what images show."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import roc_auc_score
from torch import Tensor

from tlstudio.checks.cues import STRENGTHS, auc, find_give_aways, guesses, measure_cues, rim_pixels
from tlstudio.checks.overviews import overviews_of

SIZE = 64
LABELS = np.repeat(np.arange(3), 30)


def images(*, seed: int) -> NDArray[np.float64]:
    """Noise on grounds of any colour, with a square in the middle whose brightness hints at the class."""
    random = np.random.default_rng(seed)
    made = random.uniform(60, 190, (90, 3, 1, 1)) + random.normal(0, 20, (90, 3, SIZE, SIZE))
    made[:, :, 24:40, 24:40] += random.normal(6 * LABELS, 20)[:, None, None, None]
    return made


def found(made: NDArray[np.float64], *, units: list[int] | None = None, reached: float = 1.0):
    pixels = torch.from_numpy(np.clip(made, 0, 255).astype(np.uint8))
    cues = measure_cues(pixels, overviews_of(pixels))
    return find_give_aways(
        cues, LABELS, units=units or list(range(90)), reached=dict.fromkeys(range(3), reached)
    )


def rim(value: float = 1.0) -> NDArray[np.float64]:
    """The pixels of the rim: [S, S]."""
    return value * rim_pixels(SIZE).numpy()


@pytest.mark.parametrize("seed", range(5))
def test_grounds_of_any_kind_give_nothing_away(seed: int):
    assert found(images(seed=seed)) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_rim_of_another_kind_gives_a_class_away(seed: int):
    random = np.random.default_rng(seed)
    made = images(seed=seed)
    made[LABELS == 1] += random.normal(0, 50, (30, 1, SIZE, SIZE)) * rim()
    (one,) = found(made)
    assert (one.label, one.cue) == (1, "rim")
    assert one.guessed > 0.95
    assert one.by_middle is not None
    assert one.guessed > one.by_middle


def test_where_the_middle_tells_as_much_the_rim_is_no_shortcut():
    made = images(seed=0)
    made[LABELS == 1] += np.random.default_rng(0).normal(0, 50, (30, 1, SIZE, SIZE))  # a texture
    assert [one for one in found(made) if one.cue == "rim"] == []


def test_a_class_that_is_darker_is_told_by_its_brightness():
    made = images(seed=0)
    made[LABELS == 2] *= 0.2
    one = found(made)[0]
    assert (one.label, one.cue, one.more) == (2, "brightness", False)


def test_few_images_of_a_class_are_not_judged():
    made = images(seed=0)
    made[LABELS == 1] += np.random.default_rng(0).normal(0, 50, (30, 1, SIZE, SIZE)) * rim()
    kept = np.concatenate([np.arange(30), np.arange(30, 45), np.arange(60, 90)])
    pixels = torch.from_numpy(np.clip(made[kept], 0, 255).astype(np.uint8))
    cues = measure_cues(pixels, overviews_of(pixels))
    assert find_give_aways(cues, LABELS[kept], units=range(75), reached={}) == []


def table(*, seed: int) -> Tensor:
    """Features of two dozen images."""
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(24, 4)))


def test_guesses_equal_fits_without_the_image():
    values, targets = table(seed=0), np.arange(24) % 3
    closed = guesses(values, targets, units=range(24)).numpy()
    scaled = ((values - values.mean(dim=0)) / values.std(dim=0)).numpy()
    apart = torch.cdist(torch.from_numpy(scaled), torch.from_numpy(scaled)).square()
    gamma = 1 / float(apart.median())
    wanted = np.eye(3)[targets] - np.eye(3)[targets].mean(axis=0)

    def left_out(strength: float) -> NDArray[np.float64]:
        fitted = np.zeros((24, 3))
        for row in range(24):
            rest = np.arange(24) != row
            ridge = KernelRidge(alpha=strength, kernel="rbf", gamma=gamma).fit(scaled[rest], wanted[rest])
            fitted[row] = ridge.predict(scaled[[row]])[0]
        return fitted

    errors = [float(np.abs(left_out(strength) - closed).max()) for strength in STRENGTHS]
    assert min(errors) < 1e-8


def test_copies_have_no_part_in_guesses_about_each_other():
    half = torch.from_numpy(np.random.default_rng(0).normal(size=(30, 4)))
    values, targets = torch.cat([half, half]), np.tile(np.arange(2).repeat(15), 2)
    inside = targets == 0
    apart = guesses(values, targets, units=range(60)).numpy()[:, 0]
    together = guesses(values, targets, units=[*range(30), *range(30)]).numpy()[:, 0]
    assert auc(apart, inside) > 0.9  # each is told by its copy
    assert auc(together, inside) < 0.75


def test_the_area_equals_that_of_scikit_learn():
    random = np.random.default_rng(0)
    scores, inside = random.integers(0, 5, 50).astype(np.float64), random.uniform(size=50) < 0.4
    assert auc(scores, inside) == pytest.approx(roc_auc_score(inside, scores))
    assert auc(scores, np.zeros(50, dtype=np.bool_)) == 0.5
