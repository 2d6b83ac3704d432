"""A step in parts is the same step."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.core.errors import UserError
from tlstudio.core.events import Event, ignore
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.training.loop.mixup import draw_mix
from tlstudio.training.loop.optimiser import LARGEST_GRADIENT_NORM
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.step import StepFigures, TrainingStep
from tlstudio.training.loop.trainable_model import FeatureTable, TrainingImages

WEIGHTS = torch.tensor([0.2, 1.0, 3.0])
FLOAT32 = Precision(device="cpu")
FEATURES = torch.randn(20, 6, generator=torch.Generator().manual_seed(1))


class Side(nn.Module):
    """Two layers; more than `fits` images at once are too many, from call number `from_call` on."""

    def __init__(self, *, fits: int = 100, from_call: int = 0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 3))
        self.fits, self.from_call, self.calls = fits, from_call, list[int]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.append(len(x))
        if len(x) > self.fits and len(self.calls) > self.from_call:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.layers(x)


def images() -> TrainingImages:
    made = tuple(RunImage(path=f"{n}", file=Path(), sha256=f"{n}", label=n * n % 3) for n in range(20))
    return TrainingImages(FeatureTable(images=made, features=Features.of(FEATURES)), seed=0)


def step_of(
    side: Side,
    *,
    size: int = 20,
    weights: torch.Tensor | None = None,
    smoothing: float = 0.0,
    emit=ignore,
    precision: Precision = FLOAT32,
    mixup: float = 0.0,
) -> TrainingStep:
    parameters = dict(side.named_parameters())
    return TrainingStep(
        side,
        train=images(),
        parameters=parameters,
        optimiser=torch.optim.SGD(parameters.values(), lr=1.0),
        objective=ONE_CLASS_EACH,
        class_weights=weights,
        label_smoothing=smoothing,
        batch=AdaptiveBatch(size, device="cpu", run_id="r", emit=emit),
        precision=precision,
        mixup=mixup,
    )


def values(side: Side) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in side.parameters()])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_step_equals_the_one_written_by_hand(weights: torch.Tensor | None, smoothing: float):
    plain, side = Side(), Side()
    train = images()
    logits = plain(FEATURES)
    loss = cross_entropy(logits, train.labels, weight=weights, label_smoothing=smoothing)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(plain.parameters(), LARGEST_GRADIENT_NORM)
    torch.optim.SGD(plain.parameters(), lr=1.0).step()
    figures = step_of(side, weights=weights, smoothing=smoothing).take(range(20), epoch=1)
    assert figures.loss == pytest.approx(loss.item())
    assert figures.correct == int((logits.argmax(dim=1) == train.labels).sum())
    torch.testing.assert_close(values(side), values(plain))


@pytest.mark.parametrize(("fits", "mixup"), [(100, 0.0), (3, 0.0), (3, 0.4)])
def test_the_loss_alone_is_that_of_a_step_which_is_not_taken(fits: int, mixup: float):
    side = Side(fits=fits)
    before = values(side).clone()
    step = step_of(side, weights=WEIGHTS, smoothing=0.1, mixup=mixup)
    loss = step.loss(range(20), epoch=1)
    assert torch.equal(values(side), before)
    assert step.take(range(20), epoch=1).loss == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("fits", [100, 3])
def test_a_step_on_mixed_images_equals_the_one_written_by_hand(fits: int):
    plain, side = Side(), Side(fits=fits)
    labels = images().labels
    mix = draw_mix(range(20), alpha=0.4, seed=0, epoch=1)
    logits = plain(mix.share * FEATURES + (1 - mix.share) * FEATURES.roll(-1, 0))
    own, partners = (cross_entropy(logits, to, weight=WEIGHTS) for to in (labels, labels.roll(-1)))
    loss = mix.share * own + (1 - mix.share) * partners
    loss.backward()
    torch.nn.utils.clip_grad_norm_(plain.parameters(), LARGEST_GRADIENT_NORM)
    torch.optim.SGD(plain.parameters(), lr=1.0).step()
    figures = step_of(side, weights=WEIGHTS, mixup=0.4).take(range(20), epoch=1)
    assert figures.loss == pytest.approx(loss.item(), rel=1e-5)
    assert figures.correct == int((logits.argmax(dim=1) == labels).sum())
    torch.testing.assert_close(values(side), values(plain))


def test_mixing_next_to_nothing_is_mixing_nothing():
    plain, mixed = Side(), Side()
    wanted = step_of(plain).take(range(20), epoch=1)
    assert step_of(mixed, mixup=1e-6).take(range(20), epoch=1) == wanted
    assert torch.equal(values(mixed), values(plain))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("fits", [1, 3, 7])
def test_running_out_of_memory_only_makes_passes_smaller(
    weights: torch.Tensor | None, smoothing: float, fits: int
):
    whole, halved = Side(), Side(fits=fits)
    events: list[Event] = []
    wanted, got = list[StepFigures](), list[StepFigures]()
    for side, figures, emit in ((whole, wanted, ignore), (halved, got, events.append)):
        step = step_of(side, weights=weights, smoothing=smoothing, emit=emit)
        figures.extend(step.take(indices, epoch=1) for indices in (range(20), range(5, 17)))
    for one, other in zip(wanted, got, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-5)
        assert one.correct == other.correct
    torch.testing.assert_close(values(halved), values(whole))
    assert len(events) == {1: 4, 3: 3, 7: 2}[fits]


def test_a_failed_attempt_has_no_effect_on_the_step():
    whole, torn = Side(), Side(fits=2, from_call=2)
    step_of(whole).take(range(20), epoch=1)
    step_of(torn, size=4).take(range(20), epoch=1)
    assert torn.calls == [4, 4, 4] + [2] * 10
    torch.testing.assert_close(values(torn), values(whole))


def test_an_error_leaves_the_weights_unchanged():
    side = Side(fits=0)
    before = values(side).clone()
    with pytest.raises(UserError, match="one image at a time"):
        step_of(side).take(range(20), epoch=1)
    assert torch.equal(values(side), before)


def test_a_bfloat16_step_is_nearly_the_same_and_weights_stay_float32():
    whole, half = Side(), Side()
    step_of(whole).take(range(20), epoch=1)
    step_of(half, precision=Precision(device="cpu", dtype=torch.bfloat16)).take(range(20), epoch=1)
    assert all(value.dtype == torch.float32 for value in half.parameters())
    assert not torch.equal(values(half), values(whole))
    torch.testing.assert_close(values(half), values(whole), rtol=0.05, atol=0.02)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA graphics card")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_on_a_graphics_card_the_step_is_nearly_that_of_the_processor(dtype: torch.dtype):
    whole, card = Side(), Side().to("cuda")
    step_of(whole, weights=WEIGHTS).take(range(20), epoch=1)
    step = step_of(
        card,
        weights=WEIGHTS.to("cuda"),
        precision=Precision(device="cuda", dtype=dtype, scaled=dtype == torch.float16),
    )
    step._train = TrainingImages(step._train._activations, seed=0, device="cuda")
    step.take(range(20), epoch=1)
    torch.testing.assert_close(values(card).cpu(), values(whole), rtol=0.05, atol=0.02)
