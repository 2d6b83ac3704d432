"""Fake runtimes whose speed and errors a test decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tlstudio.core.types import Preprocessing
from tlstudio.models.frozen import inference_graph, runtime_choice
from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.models.runtimes import REFERENCE, find_runtime
from tlstudio.models.stages import Backbone

PREPROCESSING = Preprocessing(input_size=16, resize_size=16)


def small_backbone() -> Backbone:
    """Two stages, six features."""
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
    """Computes what the reference does, in `seconds` per image, and then changes the activations by `to`."""

    concurrent = False
    full_precision = True

    def __init__(
        self, runtime_id: str, clock: Clock, seconds: float, to: Callable[[Tensor], Tensor] = lambda x: x
    ) -> None:
        self.id, self.clock, self.seconds, self.to = runtime_id, clock, seconds, to
        self.large_batch_seconds = seconds
        self.built = self.batches = 0

    def version(self) -> str:
        return "1.0"

    def usable(self, device: str) -> bool:
        return True

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        self.built += 1
        reference = REAL_REFERENCE.build(stages, onnx=onnx)

        def compute(images: Tensor) -> Tensor:
            seconds = self.large_batch_seconds if stages.batch_size > 4 else self.seconds
            self.clock.now += seconds * len(images)
            self.batches += 1
            return self.to(reference(images))

        return compute


REAL_REFERENCE = find_runtime(REFERENCE)


def replace_runtimes(patch: pytest.MonkeyPatch, *fakes: Fake) -> None:
    """Let these be all the runtimes there are."""
    by_id = {fake.id: fake for fake in fakes}
    for module in (inference_graph, runtime_choice):
        patch.setattr(module, "find_runtime", by_id.__getitem__)
    patch.setattr(runtime_choice, "usable_runtimes", lambda device: list(fakes))


def nudged(x: Tensor) -> Tensor:
    """A cosine of about 0.99995: enough for features, too little for activations."""
    x = x.clone()
    flat = x.view(len(x), -1)
    aside = torch.randn(flat.shape, generator=torch.Generator().manual_seed(3))[:1].expand_as(flat).clone()
    aside -= (aside * flat).sum(1, keepdim=True) / (flat * flat).sum(1, keepdim=True) * flat
    flat += aside / aside.norm(dim=1, keepdim=True) * flat.norm(dim=1, keepdim=True) * 0.01
    return x


def companions(x: Tensor) -> Tensor:
    """An image's activations depend on its place in the batch, a little."""
    return x * (1 + 1e-6 * torch.arange(len(x)).view(-1, *[1] * (x.ndim - 1)))
