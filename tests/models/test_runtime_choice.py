from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.types import Preprocessing
from tlstudio.models import runtime_choice
from tlstudio.models.agreement import probe_images
from tlstudio.models.runtime_choice import FrozenGraph, choose_runtime, memory_file
from tlstudio.models.runtimes import REFERENCE, RUNTIMES, Compute, FrozenPart, Runtime
from tlstudio.models.stages import Backbone

BATCH = 4
PREPROCESSING = Preprocessing(input_size=16, resize_size=16)


def backbone() -> Backbone:
    torch.manual_seed(0)
    return Backbone(
        "small",
        stages=[("stem", nn.Conv2d(3, 4, 3)), ("top", nn.Sequential(nn.ReLU(), nn.Conv2d(4, 6, 3)))],
        pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        feature_size=6,
        preprocessing=PREPROCESSING,
    ).eval()


class Clock:
    """Time that passes only when a runtime computes."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Fake:
    """Computes as the reference does, in `seconds`, and then does something `to` the activations."""

    def __init__(
        self, runtime_id: str, clock: Clock, seconds: float, to: Callable[[Tensor], Tensor] = lambda x: x
    ) -> None:
        self.id, self.clock, self.seconds, self.to = runtime_id, clock, seconds, to
        self.built = self.batches = 0

    def version(self) -> str:
        return "1.0"

    def usable(self, device: str) -> bool:
        return True

    def build(self, part: FrozenPart, *, onnx: Callable[[], bytes]) -> Compute:
        self.built += 1
        reference = RUNTIMES.get(REFERENCE).build(part, onnx=onnx)

        def compute(images: Tensor) -> Tensor:
            self.clock.now += self.seconds
            self.batches += 1
            return self.to(reference(images))

        return compute


class Shelf:
    """Stands in for the registry."""

    def __init__(self, *fakes: Runtime) -> None:
        self.fakes = {fake.id: fake for fake in fakes}

    def __iter__(self) -> Any:
        return iter(self.fakes.values())

    def get(self, runtime_id: str) -> Runtime:
        return self.fakes[runtime_id]

    def ids(self) -> list[str]:
        return list(self.fakes)


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLSTUDIO_RUNTIME", raising=False)


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, fresh_cache: Path) -> Callable[..., dict[str, Fake]]:
    """Puts fakes in place of the runtimes: `offer(other=0.5)` beside a reference of 1 s per batch."""

    def put(change: dict[str, Callable[[Tensor], Tensor]] | None = None, **seconds: float) -> dict[str, Fake]:
        clock = Clock()
        fakes = {
            name: Fake(name, clock, value, (change or {}).get(name, lambda x: x))
            for name, value in {REFERENCE: 1.0, **seconds}.items()
        }
        monkeypatch.setattr(runtime_choice, "RUNTIMES", Shelf(*fakes.values()))
        monkeypatch.setattr(runtime_choice, "time", SimpleNamespace(perf_counter=clock.perf_counter))
        return fakes

    return put


def choose(**options: Any) -> FrozenGraph:
    settings: dict[str, Any] = {
        "end": None,
        "preprocessing": PREPROCESSING,
        "weights_sha256": "ab",
        "batch_size": BATCH,
    }
    return choose_runtime(backbone(), **{"asked": "auto"} | settings | options)


def nudged(x: Tensor) -> Tensor:
    """A cosine of about 0.99995: enough for features, too little for activations."""
    x = x.clone()
    flat = x.view(len(x), -1)
    aside = torch.randn(flat.shape, generator=torch.Generator().manual_seed(3))[:1].expand_as(flat).clone()
    aside -= (aside * flat).sum(1, keepdim=True) / (flat * flat).sum(1, keepdim=True) * flat
    flat += aside / aside.norm(dim=1, keepdim=True) * flat.norm(dim=1, keepdim=True) * 0.01
    return x


def companions(x: Tensor) -> Tensor:
    return x * (1 + 1e-6 * torch.arange(len(x)).view(-1, *[1] * (x.ndim - 1)))


def test_the_fastest_is_chosen(offer):
    offer(slow=2.0, fast=0.2, middle=0.4)
    assert choose().runtime_id == "fast"


def test_the_reference_stays_unless_another_is_clearly_faster(offer):
    offer(little_faster=0.95)
    assert choose().runtime_id == REFERENCE


@pytest.mark.parametrize("change", [lambda x: x + 1, lambda x: x * float("nan"), companions, lambda x: x[:2]])
def test_a_runtime_that_does_not_agree_is_refused(offer, change: Callable[[Tensor], Tensor]):
    offer({"wrong": change}, wrong=0.1, right=0.5)
    assert choose().runtime_id == "right"
    (entry,) = json.loads(memory_file().read_text(encoding="utf-8"))
    assert list(entry["refused"]) == ["wrong"]


def test_activations_must_agree_better_than_features(offer):
    offer({"coarse": nudged}, coarse=0.1)
    assert choose().runtime_id == "coarse"
    assert choose(end="top").runtime_id == REFERENCE


def test_a_runtime_that_fails_is_passed_over(offer):
    def fail(x: Tensor) -> Tensor:
        raise RuntimeError("no such instruction")

    offer({"broken": fail}, broken=0.1)
    assert choose().runtime_id == REFERENCE


def test_the_choice_is_remembered_and_then_costs_nothing(offer):
    fakes = offer(fast=0.2)
    choose()
    built = {name: fake.built for name, fake in fakes.items()}
    graph = choose()
    assert graph.runtime_id == "fast"
    assert graph.shape == (6,)
    assert {name: fake.built for name, fake in fakes.items()} == built
    assert len(graph(probe_images(BATCH, size=16))) == BATCH
    assert fakes["fast"].built == built["fast"] + 1


@pytest.mark.parametrize("change", [{"threads": 2}, {"asked": REFERENCE}, {"batch_size": 5}])
def test_a_choice_holds_only_for_what_it_was_made_for(offer, change: dict[str, Any]):
    offer(fast=0.2)
    choose()
    choose(**change)
    assert len(json.loads(memory_file().read_text(encoding="utf-8"))) == 2


def test_another_stage_takes_the_runtime_over_once_it_agrees(offer):
    fakes = offer(fast=0.2, slower=0.3)
    choose()
    before = fakes["slower"].batches, fakes[REFERENCE].batches
    assert choose(end="top").runtime_id == "fast"
    assert (fakes["slower"].batches, fakes[REFERENCE].batches) == before or fakes["slower"].batches == before[
        0
    ]
    fakes["fast"].to = lambda x: x + 1
    assert choose(weights_sha256="cd").runtime_id == "slower"


@pytest.mark.parametrize(("end", "shape"), [(None, (6,)), ("top", (4, 14, 14))])
def test_the_shape_is_that_of_one_images_activations(
    fresh_cache: Path, end: str | None, shape: tuple[int, ...]
):
    for _ in range(2):
        graph = choose(end=end)
        assert graph.shape == tuple(graph(probe_images(1, size=16)).shape[1:]) == shape


@pytest.mark.parametrize("text", ["", "{}", '["x", {"runtime": "gone"}]', "[{"])
def test_a_damaged_memory_is_written_anew(offer, text: str):
    offer(fast=0.2)
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    memory_file().write_text(text, encoding="utf-8")
    assert choose().runtime_id == "fast"
    assert choose().runtime_id == "fast"


def test_a_runtime_can_be_insisted_on(offer):
    offer({"wrong": lambda x: -x}, slow=3.0, wrong=0.1)
    assert choose(asked="slow").runtime_id == "slow"
    assert choose(asked=REFERENCE).runtime_id == REFERENCE
    with pytest.raises(UserError, match=r"“wrong” cannot be used for small: .*cosine -1\.0"):
        choose(asked="wrong")
    with pytest.raises(UserError, match="no runtime “none”") as caught:
        choose(asked="none")
    assert "auto, torch-fp32, slow, wrong" in caught.value.mend


def test_the_environment_can_insist_too(offer, monkeypatch: pytest.MonkeyPatch):
    offer(fast=0.2, slow=3.0)
    assert choose(asked=None).runtime_id == REFERENCE, "nobody asked for speed"
    monkeypatch.setenv("TLSTUDIO_RUNTIME", "slow")
    assert choose(asked=None).runtime_id == "slow"
    assert choose(asked="auto").runtime_id == "fast"


def test_a_cancelled_trial_is_not_remembered(offer):
    offer(fast=0.2)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        choose(control=control)
    assert not memory_file().exists()


def test_few_images_get_what_they_get_in_a_full_batch(fresh_cache: Path):
    images = probe_images(BATCH, size=16)
    graph = choose()
    assert graph.precision.split()[0] == graph.runtime_id
    for count in (1, 3):
        assert torch.equal(graph(images[:count]), graph(images)[:count])


def test_the_real_runtimes_of_this_computer_are_tried(fresh_cache: Path):
    choose()
    (entry,) = json.loads(memory_file().read_text(encoding="utf-8"))
    assert {"onnx-runtime", REFERENCE} <= set(entry["versions"])
    assert "onnx-runtime" not in entry["refused"]
