from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from tests.training.tiny import Photos, train
from tlstudio.core.events import EpochEnded, Event
from tlstudio.models.backbones import load_backbone


def test_a_probe_on_the_embedded_backbone_learns_and_leaves_it_as_it_was(photos: Photos, tmp_path: Path):
    events: list[Event] = []
    result = train(photos(per_class=10), tmp_path / "run", emit=events.append)
    assert result["test"]["accuracy"] >= 0.8
    after = load_file(tmp_path / "run/checkpoints/best.safetensors")
    for name, tensor in load_backbone("efficientnet_lite0").state_dict().items():
        assert torch.equal(tensor, after[f"backbone.{name}"]), name
    assert after["head.linear.weight"].shape == (3, 1280)
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    losses = [event.train_loss for event in epochs]
    assert losses == sorted(losses, reverse=True), "from strong to weak regularisation"
    assert epochs[-1].best_epoch == result["best_epoch"]


def test_the_second_run_on_the_same_images_computes_no_features(
    photos: Photos, tmp_path: Path, fresh_cache: Path, tiny: None
):
    root = photos()
    train(root, tmp_path / "one")
    events: list[Event] = []
    train(root, tmp_path / "two", emit=events.append, head={"kind": "hidden"}, epochs=2)
    assert "features" not in {getattr(event, "stage", "") for event in events}
