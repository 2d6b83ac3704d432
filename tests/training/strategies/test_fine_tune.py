"""Fine-tuning of real backbones: below the freeze line nothing changes, above it everything does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.tiny import FINE, Photos, same_weights, tiny_backbone, train, weights_of
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import BatchEnded, EpochEnded, Event, WarningRaised
from tlstudio.models.backbones import load_backbone
from tlstudio.models.stages import Backbone
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.phases import fine_tune
from tlstudio.training.run import assembly, look_back


def small_backbone(backbone_id: str, **rest: Any) -> Backbone:
    """The real one with random weights, for images of 64 pixels, to be quick."""
    torch.manual_seed(0)
    backbone = load_backbone(backbone_id, pretrained=False)
    backbone.preprocessing = replace(backbone.preprocessing, input_size=64, resize_size=72)
    return backbone


@pytest.mark.parametrize(
    ("backbone_id", "line"),
    [
        ("efficientnet_lite0", "blocks.4"),
        pytest.param("resnet18", "layer3", marks=pytest.mark.exhaustive),
    ],
)
def test_the_freeze_line_holds_in_a_real_run(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone_id: str, line: str
):
    monkeypatch.setattr(look_back, "load_backbone", small_backbone)
    monkeypatch.setattr(assembly, "load_backbone", small_backbone)
    before = small_backbone(backbone_id)
    result = train(
        photos(classes=("ants", "bees"), per_class=6),
        tmp_path / "run",
        strategy="fine-tune",
        freeze=line,
        backbone={"id": backbone_id},
        # Fresh residual branches end in zeros, so it takes two steps until gradients reach what is before.
        epochs=3,
        # Without validation the last epoch is kept, not the start.
        split={"validation": 0, "test": 0},
        augmentation={"flip_horizontal": False},
        optimiser={"batch_size": 6, "warmup_fraction": 0},
    )
    assert result["best_epoch"] == 3
    after = load_file(tmp_path / "run/checkpoints/best.safetensors")
    trains = {name.replace(".", "_") for name in before.stages_from(line)}
    parameters = {name for name, _ in before.named_parameters()}
    frozen = 0
    for name, tensor in before.state_dict().items():
        same = torch.equal(tensor, after[f"backbone.{name}"])
        if name in parameters and name.split(".")[1] in trains:
            assert not same, f"{name} lies above the line and did not move"
        else:
            assert same, f"{name} moved"
            frozen += 1
    assert 0 < frozen < len(before.state_dict())


@pytest.mark.usefixtures("tiny")
def test_refitting_the_head_does_not_change_the_stages(photos: Photos, tmp_path: Path):
    root = photos(per_class=10)
    settings = {**FINE, "split": {"validation": 0, "test": 0.2}}  # so the new head is kept
    plain = train(root, tmp_path / "plain", strategy_options={"refit_head": False}, **settings)
    anew = train(root, tmp_path / "anew", **settings)
    one, two = weights_of(tmp_path / "plain"), weights_of(tmp_path / "anew")
    differ = {name for name in one if not torch.equal(one[name], two[name])}
    assert differ == {name for name in one if name.startswith("head.")}
    assert plain["best_epoch"] == anew["best_epoch"]
    again = train(root, tmp_path / "anew", resume=True)
    assert again == anew


@pytest.mark.usefixtures("tiny")
def test_the_check_images_decide_between_both_heads_and_the_run_says_which(photos: Photos, tmp_path: Path):
    run = tmp_path / "run"
    train(photos(per_class=10), run, **FINE)
    codes = [event.code for event in RunFolder(run).read_events() if isinstance(event, WarningRaised)]
    assert len({"head-anew", "head-kept"} & set(codes)) == 1


@pytest.mark.usefixtures("tiny")
def test_a_run_killed_after_its_last_epoch_still_refits_the_head(photos: Photos, tmp_path: Path):
    root = photos(per_class=10)
    settings = {**FINE, "split": {"validation": 0, "test": 0.2}}  # so the new head is kept
    whole = train(root, tmp_path / "whole", **settings)
    train(root, tmp_path / "killed", **settings)
    for file in ("metrics.json", "predictions.csv", "checkpoints/best.safetensors"):
        (tmp_path / "killed" / file).unlink()
    again = train(root, tmp_path / "killed", resume=True)
    assert again["test"] == whole["test"]
    assert same_weights(tmp_path / "killed", tmp_path / "whole")


def keeping(share: float) -> dict[str, Any]:
    """Fine-tuning on mixed images that keeps a share of the old weights; no check images choose a head."""
    # The head is fitted anew all the same.
    options = {"keep_old": share, "mixup": 0.4, "refit_head": False}
    return {**FINE, "epochs": 2, "split": {"validation": 0, "test": 0.2}, "strategy_options": options}


@pytest.mark.usefixtures("tiny")
def test_old_knowledge_is_kept_as_far_as_asked_also_after_a_kill(photos: Photos, tmp_path: Path):
    root, control, start = photos(), Control(), dict(tiny_backbone().named_parameters())
    learned, half, old, torn = (tmp_path / name for name in ("learned", "half", "old", "torn"))
    for run, share in ((learned, 0.0), (half, 0.5), (old, 1.0)):
        train(root, run, **keeping(share))
    one, middle, other = weights_of(learned), weights_of(half), weights_of(old)
    assert any(not torch.equal(one[f"backbone.{name}"], weight) for name, weight in start.items())
    for name, weight in start.items():
        key = f"backbone.{name}"
        assert torch.equal(other[key], weight)
        torch.testing.assert_close(middle[key], ((one[key] + weight) / 2).detach())
    notes = [event for event in RunFolder(half).read_events() if isinstance(event, WarningRaised)]
    assert {"old-kept", "head-anew"} <= {note.code for note in notes}
    assert any("50 % are the old ones" in note.message for note in notes)
    assert not any(note.code == "nothing-kept" for note in notes)
    events = list(RunFolder(old).read_events())
    (told,) = [event for event in events if isinstance(event, WarningRaised) and event.code == "nothing-kept"]
    assert events.index(told) < events.index(next(each for each in events if isinstance(each, EpochEnded)))

    def cancel(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, torn, emit=cancel, control=control, **keeping(0.5))
    for _ in range(2):  # the second time its epochs are done, and only what comes after them is repeated
        train(root, torn, resume=True)
        assert same_weights(torn, half)
        (torn / "metrics.json").unlink()


@pytest.fixture
def harmful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings after which the stages have forgotten everything."""
    fit = fine_tune.fit

    def forget(model: TrainableModel, **rest: Any) -> TrainingProgress:
        progress = fit(model, **rest)
        for name, parameter in model.trainable_parameters().items():
            if "head" not in name:
                parameter.data.fill_(1e3)  # half of it covers all that was known, too
        return progress

    monkeypatch.setattr(fine_tune, "fit", forget)


@pytest.mark.usefixtures("tiny", "harmful")
def test_a_training_that_did_harm_is_not_kept_and_the_run_says_so(photos: Photos, tmp_path: Path):
    root = photos(per_class=12)
    probe = train(root, tmp_path / "probe")
    harmed = train(root, tmp_path / "harmed", **FINE, strategy_options={"keep_old": 0})
    returned = train(root, tmp_path / "returned", **FINE)
    assert harmed["best_epoch"] == 3
    assert returned["best_epoch"] == 0
    assert returned["test"] == probe["test"]
    run = RunFolder(tmp_path / "returned")
    history = RunHistory(run.read_events())
    codes = {warning.code for warning in history.warnings}
    assert "start-returned" in codes
    assert not {"head-anew", "head-kept", "old-kept"} & codes
    assert (history.epoch, history.best_epoch) == (3, 0)
    kept = weights_of(run.path)
    for file in ("metrics.json", "checkpoints/best.safetensors"):
        (run.path / file).unlink()
    assert train(root, run.path, resume=True)["test"] == probe["test"]
    assert all(torch.equal(weight, kept[name]) for name, weight in weights_of(run.path).items())


@pytest.mark.usefixtures("tiny", "harmful")
def test_without_check_images_what_was_learned_is_kept(photos: Photos, tmp_path: Path):
    root = photos()
    settings = {**FINE, "split": {"validation": 0, "test": 0.2}}
    for name, options in (("automatic", {}), ("none", {"keep_old": 0})):
        train(root, tmp_path / name, **settings, strategy_options=options)
    assert same_weights(tmp_path / "automatic", tmp_path / "none")
