from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings
from tlstudio.training.loop import precision_choice
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.precision_choice import choose_precision
from tlstudio.training.loop.trainable_model import (
    FeatureTable,
    StandardisedHead,
    TrainableModel,
    TrainingImages,
)

HALF, WHOLE = Precision(device="cpu", dtype=torch.bfloat16), Precision(device="cpu")


def side_of(line: str | None = "top") -> TrainableModel:
    torch.manual_seed(1)
    head = build_head(HeadSettings(), feature_size=24, classes_count=3)
    classifier = Classifier(backbone=tiny_backbone(), head=head, classes=("a", "b", "c"))
    return TrainableModel(classifier, first_trainable=line)


class Table(FeatureTable):
    """Activations [N, *shape] at a line."""

    shape: tuple[int, ...]

    def read(self, indices, view_indices=None) -> torch.Tensor:
        return self.features.table()[list(indices)].reshape(-1, *self.shape)


class AtTop(Table):
    shape = (16, 8, 8)


class AtMiddle(Table):
    shape = (8, 16, 16)


def training_images(table: type[Table], *, count: int = 5) -> TrainingImages:
    images = tuple(RunImage(path=str(n), file=Path(), sha256=str(n), label=n % 3) for n in range(count))
    numbers = torch.randn(count, math.prod(table.shape), generator=torch.Generator().manual_seed(0))
    return TrainingImages(table(images=images, features=Features.of(numbers)), seed=1)


def choose(
    side: TrainableModel | StandardisedHead,
    *,
    device: str = "cpu",
    earlier: str | None = None,
    control: Control | None = None,
) -> Precision:
    line = None if isinstance(side, StandardisedHead) else side.first_trainable
    return choose_precision(
        side,
        train=training_images(AtMiddle if line == "middle" else AtTop),
        device=device,
        earlier=earlier,
        control=control or Control(),
    )


Clock = Callable[..., list[Precision]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A processor with bfloat16, on which a step takes a given share of float32's time."""

    def set_to(share: float, gradient: tuple[float, ...] = (1.0, 2.0)) -> list[Precision]:
        asked: list[Precision] = []

        def step(side: object, activations: object, labels: object, precision: Precision):
            asked.append(precision)
            return (
                (share, [torch.tensor(gradient)]) if precision == HALF else (1.0, [torch.tensor([1.0, 2.0])])
            )

        monkeypatch.setattr(precision_choice, "_step", step)
        return asked

    monkeypatch.setattr(precision_choice, "precisions", lambda device: (HALF, WHOLE))
    monkeypatch.setattr(precision_choice, "LEAST_MFLOPS", 0)
    return set_to


@pytest.mark.parametrize(("share", "chosen"), [(0.6, HALF), (0.74, HALF), (0.76, WHOLE), (1.5, WHOLE)])
def test_16_bits_are_used_where_they_are_clearly_faster(clock: Clock, share: float, chosen: Precision):
    asked = clock(share)
    assert choose(side_of()) == chosen
    assert asked.count(HALF) == asked.count(WHOLE) == precision_choice.ROUNDS
    asked = clock(1 / share)
    assert choose(side_of()) == chosen  # as is remembered
    assert asked == []


def test_a_long_trial_ends_after_two_rounds(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    asked = clock(0.5)
    monkeypatch.setattr(precision_choice, "TRIAL_SECONDS", -1.0)
    assert choose(side_of()) == HALF
    assert asked == [HALF, WHOLE] * 2


@pytest.mark.parametrize(
    ("gradient", "chosen"),
    [
        ((1.1, 2.0), HALF),
        ((2.0, 4.0), HALF),
        ((1.0, 1.2), WHOLE),
        ((-1.0, -2.0), WHOLE),
        ((0.0, 0.0), WHOLE),
        ((math.nan, 2.0), WHOLE),
        ((math.inf, 2.0), WHOLE),
    ],
)
def test_gradients_must_point_in_the_same_direction(
    clock: Clock, gradient: tuple[float, ...], chosen: Precision
):
    clock(0.5, gradient)
    assert choose(side_of()) == chosen


def test_each_backbone_and_freeze_line_has_its_own_trial(clock: Clock):
    clock(0.5)
    assert choose(side_of("top")) == HALF
    clock(0.9)
    assert choose(side_of("middle")) == WHOLE
    other = side_of("top")
    other.classifier.backbone.id = "another"
    assert choose(other) == WHOLE
    assert choose(side_of("top")) == HALF


def test_a_resumed_training_keeps_its_precision(clock: Clock):
    asked = clock(0.5)
    assert choose(side_of(), earlier="float32") == WHOLE
    assert choose(side_of(), earlier="bfloat16") == HALF
    assert asked == []
    assert choose(side_of(), earlier="float16") == HALF  # which this processor has not
    assert asked != []


def test_without_bfloat16_or_trainable_stages_there_is_no_trial(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    asked = clock(0.1)
    head = build_head(HeadSettings(kind="hidden", hidden_units=4), feature_size=8, classes_count=3)
    assert choose(side_of(None)) == WHOLE
    assert choose(StandardisedHead(head, features=Features.of(torch.randn(5, 8)))) == WHOLE
    monkeypatch.setattr(precision_choice, "precisions", lambda device: (WHOLE,))
    assert choose(side_of(), earlier="bfloat16") == WHOLE
    assert asked == []


def test_a_graphics_card_needs_no_trial(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    asked = clock(2.0)
    card = (Precision(device="cuda", dtype=torch.float16, scaled=True), Precision(device="cuda"))
    monkeypatch.setattr(precision_choice, "precisions", lambda device: card)
    assert choose(side_of(), device="cuda") == card[0]
    assert choose(side_of(), device="cuda", earlier="float32") == card[1]
    assert asked == []


@pytest.mark.parametrize("more", [0, 1])
def test_small_models_use_float32_without_a_trial(clock: Clock, monkeypatch: pytest.MonkeyPatch, more: int):
    # 24 filters of 16 × 3 × 3 at 8 × 8 places, and 24 × 3 weights of the head.
    mflops = 2 * (24 * 16 * 9 * 64 + 24 * 3) / 1e6
    monkeypatch.setattr(precision_choice, "LEAST_MFLOPS", mflops + more / 1e6)
    asked = clock(0.1)
    assert choose(side_of()) == (WHOLE if more else HALF)
    assert (asked == []) == bool(more)
    asked = clock(0.1)
    assert choose(side_of()) == (WHOLE if more else HALF)  # as is remembered
    assert asked == []


@pytest.mark.parametrize("end", ["cancel", "stop"])
def test_an_interrupted_trial_is_not_remembered(clock: Clock, end: str):
    control = Control()
    getattr(control, end)()
    asked = clock(0.5)
    assert choose(side_of(), control=control) == WHOLE
    assert asked == []
    assert choose(side_of()) == HALF


def test_a_trial_that_runs_out_of_memory_is_not_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    def out_of_memory(*args: object) -> float:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    clock(0.5)
    with monkeypatch.context() as patch:
        patch.setattr(precision_choice, "_step", out_of_memory)
        assert choose(side_of()) == WHOLE
    assert choose(side_of()) == HALF


@pytest.mark.parametrize("broken", [HALF, WHOLE])
def test_stages_that_fail_in_16_bits_use_float32(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, broken: Precision
):
    def step(side: object, activations: object, labels: object, precision: Precision):
        if precision == broken:
            raise RuntimeError("not implemented for this type")
        return 1.0, [torch.ones(2)]

    clock(0.5)
    with monkeypatch.context() as patch:
        patch.setattr(precision_choice, "_step", step)
        if broken == WHOLE:
            with pytest.raises(RuntimeError, match="not implemented"):
                choose(side_of())
        else:
            assert choose(side_of()) == WHOLE
    assert choose(side_of()) == (HALF if broken == WHOLE else WHOLE)


def test_each_step_of_a_trial_computes_in_its_precision():
    side = side_of().train()
    activations, labels = training_images(AtTop).plain_batch(range(5))
    gradients = {}
    for precision in (HALF, WHOLE):
        torch.manual_seed(0)  # of dropout
        gradients[precision] = precision_choice._step(side, activations, labels, precision)[1]
    assert len(gradients[WHOLE]) == len([p for p in side.parameters() if p.requires_grad])
    cosine = precision_choice._cosine(gradients[HALF], gradients[WHOLE])
    assert 0.99 < cosine < 1
    assert not all(torch.equal(a, b) for a, b in zip(*gradients.values(), strict=True))


def test_a_trial_changes_no_state(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(precision_choice, "precisions", lambda device: (HALF, WHOLE))
    monkeypatch.setattr(precision_choice, "LEAST_MFLOPS", 0)
    side = side_of("top")
    before = {name: value.clone() for name, value in side.state_dict().items()}
    chance = torch.random.get_rng_state()
    assert choose(side) in (HALF, WHOLE)
    assert all(torch.equal(value, before[name]) for name, value in side.state_dict().items())
    assert all(parameter.grad is None for parameter in side.parameters())
    assert torch.equal(torch.random.get_rng_state(), chance)
