from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from torch import Tensor

from tests.models.frozen.fakes import PREPROCESSING, Clock, Fake, companions, replace_runtimes, small_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.models.frozen import inference_graph as inference_graph
from tlstudio.models.frozen import runtime_choice
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.frozen.runtime_choice import SETTING, choose_runtime
from tlstudio.models.frozen.runtime_records import records_file
from tlstudio.models.runtimes import REFERENCE

Offer = Callable[..., dict[str, Fake]]


@pytest.fixture(autouse=True)
def nothing_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING)


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Puts fakes in place of the runtimes: `offer(other=0.5)` beside a reference of 1 s per image."""

    def put(change: dict[str, Callable[[Tensor], Tensor]] | None = None, **seconds: float) -> dict[str, Fake]:
        clock = Clock()
        fakes = {
            name: Fake(name, clock, value, (change or {}).get(name, lambda x: x))
            for name, value in {REFERENCE: 1.0, **seconds}.items()
        }
        replace_runtimes(monkeypatch, *fakes.values())
        monkeypatch.setattr(runtime_choice, "time", SimpleNamespace(perf_counter=clock.perf_counter))
        return fakes

    return put


def choose(**options: Any) -> RuntimeChoice:
    return choose_runtime(small_backbone(), **{"preprocessing": PREPROCESSING} | options)


def remembered() -> list[dict[str, Any]]:
    return list(json.loads(records_file().read_text(encoding="utf-8"))["choices"].values())


def test_the_fastest_is_chosen(offer: Offer):
    offer(slow=2.0, fast=0.2, middle=0.4)
    assert choose() == RuntimeChoice(runtime="fast", batch_size=4)


def test_the_reference_is_chosen_unless_another_is_clearly_faster(offer: Offer):
    offer(little_faster=0.85)
    assert choose().runtime == REFERENCE


def test_larger_batches_are_timed_too(offer: Offer):
    fakes = offer(fast=0.2)
    fakes["fast"].large_batch_seconds = 0.1
    assert choose() == RuntimeChoice(runtime="fast", batch_size=16)


def test_a_batch_size_that_is_hardly_faster_is_not_chosen(offer: Offer):
    fakes = offer(fast=0.2)
    fakes["fast"].large_batch_seconds = 0.18
    assert choose().batch_size == 4


@pytest.mark.parametrize("change", [lambda x: x + 1, lambda x: x * float("nan"), companions, lambda x: x[:2]])
def test_a_runtime_that_does_not_agree_is_refused(offer: Offer, change: Callable[[Tensor], Tensor]):
    offer({"wrong": change}, wrong=0.1, right=0.5)
    assert choose().runtime == "right"
    (entry,) = remembered()
    assert list(entry["refused"]) == ["wrong"]


def test_a_runtime_that_fails_is_not_chosen(offer: Offer):
    def fail(x: Tensor) -> Tensor:
        raise RuntimeError("no such instruction")

    offer({"broken": fail}, broken=0.1)
    assert choose().runtime == REFERENCE


def test_the_choice_is_stored_and_then_needs_no_timing(offer: Offer):
    fakes = offer(fast=0.2)
    choose()
    built = {name: fake.built for name, fake in fakes.items()}
    fakes["fast"].seconds = 5.0
    assert choose().runtime == "fast"
    assert {name: fake.built for name, fake in fakes.items()} == built


def test_clearing_the_cache_keeps_the_choice(offer: Offer, fresh_cache: Path):
    offer(fast=0.2)
    choose()
    assert not [path for path in fresh_cache.rglob("*") if path.is_file()]


def test_a_choice_is_stored_for_each_combination_of_settings(offer: Offer):
    offer(fast=0.2)
    choose()
    choose(threads=2)
    assert len(remembered()) == 2


@pytest.mark.parametrize("text", ["", "{}", '{"choices": {"x": 3}}', '{"choices": []}', "[{"])
def test_a_damaged_records_file_is_replaced(offer: Offer, text: str):
    offer(fast=0.2)
    records_file().parent.mkdir(parents=True, exist_ok=True)
    records_file().write_text(text, encoding="utf-8")
    assert choose().runtime == "fast"
    assert choose().runtime == "fast"


@pytest.mark.parametrize("change", [{"runtime": "gone"}, {"batch_size": "many"}, {"runtime": None}])
def test_an_invalid_entry_is_replaced(offer: Offer, change: dict[str, Any]):
    offer(fast=0.2)
    choose()
    everything = json.loads(records_file().read_text(encoding="utf-8"))
    for entry in everything["choices"].values():
        entry.update(change)
    records_file().write_text(json.dumps(everything), encoding="utf-8")
    assert choose() == RuntimeChoice(runtime="fast", batch_size=4)


def test_a_runtime_can_be_requested(offer: Offer):
    fakes = offer({"wrong": lambda x: -x}, slow=3.0, wrong=0.1)
    assert choose(requested="slow").runtime == "slow"
    fakes[REFERENCE].built = 0
    assert choose(requested=REFERENCE).runtime == REFERENCE
    assert fakes[REFERENCE].built == 0, "nothing is to be found out about the reference"
    with pytest.raises(UserError, match=r"“wrong” cannot be used for small: .*cosine -1\.0"):
        choose(requested="wrong")
    with pytest.raises(UserError, match="no runtime “none”") as caught:
        choose(requested="none")
    assert "auto, torch-fp32, slow, wrong" in caught.value.mend


def test_a_runtime_can_be_requested_by_environment_variable(offer: Offer, monkeypatch: pytest.MonkeyPatch):
    offer(fast=0.2, slow=3.0)
    assert choose().runtime == "fast", "the fastest without being asked"
    monkeypatch.setenv(SETTING, "slow")
    assert choose().runtime == "slow"
    assert choose(requested="auto").runtime == "fast"


def test_a_cancelled_timing_is_not_stored(offer: Offer):
    offer(fast=0.2)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        choose(control=control)
    assert not records_file().exists()


def test_the_real_runtimes_of_this_computer_are_timed():
    choose()
    (entry,) = remembered()
    assert {"onnx-runtime", REFERENCE} <= set(entry["versions"])
    assert "onnx-runtime" not in entry["refused"]
