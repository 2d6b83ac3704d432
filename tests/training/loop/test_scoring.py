from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.core.events import Event, WarningRaised, ignore
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.training.loop.scoring import score_images
from tlstudio.training.loop.trainable_model import FeatureTable, TrainingImages


def test_without_images_the_score_is_empty():
    assert score_images(nn.Identity(), None, objective=ONE_CLASS_EACH, batch=batch_of(4)) == Score()


def batch_of(size: int, *, emit=ignore) -> AdaptiveBatch:
    return AdaptiveBatch(size, device="cpu", run_id="r", emit=emit)


def made_images() -> TrainingImages:
    images = tuple(RunImage(path=f"{n}", file=Path(), sha256=f"{n}", label=n % 3) for n in range(10))
    features = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
    return TrainingImages(FeatureTable(images=images, features=Features.of(features)), seed=0)


def test_scoring_in_batches_equals_one_pass_without_dropout():
    data = made_images()
    side = nn.Dropout(0.9).train()
    wanted = ONE_CLASS_EACH.metrics(data.plain_batch(range(10))[0], data.labels)
    assert score_images(side, data, objective=ONE_CLASS_EACH, batch=batch_of(4)) == wanted
    assert not side.training


def test_smaller_batches_after_running_out_of_memory_score_every_image_once():
    class Greedy(nn.Module):
        seen = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.seen += len(x)
            if len(x) > 2 and self.seen > 4:
                raise MemoryError
            return x

    data, events = made_images(), list[Event]()
    wanted = ONE_CLASS_EACH.metrics(data.plain_batch(range(10))[0], data.labels)
    batch = batch_of(4, emit=events.append)
    assert score_images(Greedy(), data, objective=ONE_CLASS_EACH, batch=batch) == wanted
    assert batch.size == 2
    assert [type(event) for event in events] == [WarningRaised]
