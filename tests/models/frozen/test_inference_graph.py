from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.models.frozen.fakes import (
    PREPROCESSING,
    Clock,
    Fake,
    companions,
    nudged,
    replace_runtimes,
    small_backbone,
)
from tlstudio.models.frozen import inference_graph as module
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.frozen.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.runtimes import REFERENCE

BATCH = 4
OTHER = RuntimeChoice(runtime="other", batch_size=BATCH)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A runtime beside the reference."""
    clock = Clock()
    fake = Fake("other", clock, 0.1)
    replace_runtimes(monkeypatch, Fake(REFERENCE, clock, 1.0), fake)
    monkeypatch.setattr(module, "_cached", type(module._cached)())
    return fake


def graph(choice: RuntimeChoice = OTHER, **options: Any) -> InferenceGraph:
    settings: dict[str, Any] = {"end": None, "preprocessing": PREPROCESSING, "weights_sha256": "ab"}
    return inference_graph(small_backbone(), choice=choice, **settings | options)


@pytest.mark.parametrize(("end", "shape"), [(None, (6,)), ("top", (4, 14, 14))])
@pytest.mark.parametrize("runtime", ["onnx-runtime", REFERENCE])
def test_real_runtimes_give_the_backbones_activations(end: str | None, shape: tuple[int, ...], runtime: str):
    got = graph(RuntimeChoice(runtime=runtime, batch_size=BATCH), end=end)
    assert (got.runtime_id, got.shape, got.precision.split()[0]) == (runtime, shape, runtime)
    images = probe_images(3, size=16)
    wanted = graph(RuntimeChoice(), end=end)(images)
    torch.testing.assert_close(got(images), wanted)


def test_a_partly_filled_batch_gives_the_same_activations():
    images = probe_images(BATCH, size=16)
    got = graph(RuntimeChoice(runtime="onnx-runtime", batch_size=BATCH))
    for count in (1, 3):
        assert torch.equal(got(images[:count]), got(images)[:count])


def test_activations_must_agree_better_than_features(other: Fake):
    other.to = nudged
    assert graph().runtime_id == "other"
    assert graph(end="top").runtime_id == REFERENCE


@pytest.mark.parametrize("change", [lambda x: x + 1, lambda x: x * float("nan"), companions, lambda x: x[:2]])
def test_a_runtime_that_does_not_agree_is_not_used(other: Fake, change: Callable[[Tensor], Tensor]):
    other.to = change
    got = graph()
    assert got.runtime_id == REFERENCE
    assert got.precision.startswith(REFERENCE)
    assert got(probe_images(1, size=16)).shape == (1, 6)


def test_agreement_is_tested_once_for_each_stage_and_weights(other: Fake):
    for _ in range(3):
        graph()
    assert other.batches == 2, "two batches to compare with"
    graph(end="top")
    assert other.batches == 4
    graph(weights_sha256="cd")
    assert other.batches == 6


def test_a_refusal_is_stored_too(other: Fake):
    other.to = lambda x: -x
    graph()
    batches = other.batches
    assert graph().runtime_id == REFERENCE
    assert other.batches == batches


def test_the_newest_two_graphs_with_copied_weights_are_cached(other: Fake):
    other.concurrent = True  # type: ignore[misc]
    first = graph()
    assert graph() is first
    assert first.workers == 1
    assert graph(threads=3) is not first
    graph(end="top")
    assert graph() is not first, "only so many are kept"


def test_a_graph_that_shares_the_backbones_weights_is_not_cached(other: Fake):
    assert graph() is not graph()


def test_a_concurrent_runtime_has_as_many_workers_as_the_stages_allow(other: Fake):
    other.concurrent = True  # type: ignore[misc]
    assert graph(threads=3).workers == 3
    assert graph(threads=16).workers == 4
    assert graph(RuntimeChoice(), threads=3).workers == 1
