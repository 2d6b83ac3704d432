from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
import torch
from torch import nn

from tlstudio.core.errors import UserError
from tlstudio.models import tensor_files
from tlstudio.training.loop.checkpoint import (
    EpochRecord,
    TrainingProgress,
    copy_of,
    load_last,
    rewound,
    save_last,
)


def record(epoch: int) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        train_loss=0.5,
        train_accuracy=None,
        validation_loss=0.25,
        validation_accuracy=0.75,
        learning_rate=1e-3,
    )


def progress(epoch: int, *, best: int) -> TrainingProgress:
    history = tuple(record(number) for number in range(epoch + 1))
    return TrainingProgress(
        epoch=epoch, best_epoch=best, step=3 * epoch, elapsed_seconds=1.5, history=history
    )


def trained(steps: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(3, 2))
    model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)
    for _ in range(steps):
        step(model, optimiser)
    return model, optimiser


def step(model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    model(torch.ones(4, 2, 3, 3)).square().sum().backward()
    optimiser.step()


def test_training_resumes_bit_equal(tmp_path: Path):
    file = tmp_path / "last.safetensors"
    model, optimiser = trained(3)
    parameters = dict(model.named_parameters())
    save_last(file, parameters, best=copy_of(parameters), optimiser=optimiser, progress=progress(1, best=1))
    other, other_optimiser = trained(0)
    loaded = load_last(file, dict(other.named_parameters()), optimiser=other_optimiser)
    assert loaded is not None
    assert loaded[0] == progress(1, best=1)
    for _ in range(3):
        step(model, optimiser)
        step(other, other_optimiser)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_best_weights_are_kept_beside_the_last(tmp_path: Path):
    file = tmp_path / "last.safetensors"
    model, optimiser = trained(1)
    best = copy_of(dict(model.named_parameters()))
    step(model, optimiser)
    parameters = dict(model.named_parameters())
    save_last(file, parameters, best=best, optimiser=optimiser, progress=progress(2, best=1))
    loaded = load_last(file, dict(trained(0)[0].named_parameters()), optimiser=None)
    assert loaded is not None
    for name, value in best.items():
        assert torch.equal(loaded[1][name], value)
        assert not torch.equal(parameters[name], value)


def test_without_a_file_there_is_no_checkpoint(tmp_path: Path):
    assert load_last(tmp_path / "last.safetensors", {}, optimiser=None) is None


def test_a_damaged_file_is_a_user_error(tmp_path: Path):
    file = tmp_path / "last.safetensors"
    file.write_bytes(b"\x08\0\0\0\0\0\0\0nonsense")
    with pytest.raises(UserError, match="damaged"):
        load_last(file, {}, optimiser=None)


def test_one_changed_value_is_detected(tmp_path: Path):
    file = tmp_path / "last.safetensors"
    model, optimiser = trained(1)
    parameters = dict(model.named_parameters())
    save_last(file, parameters, best={}, optimiser=optimiser, progress=progress(1, best=1))
    assert reached(file) == 1
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        reached(file)


def test_weights_of_another_recipe_are_refused(tmp_path: Path):
    file = tmp_path / "last.safetensors"
    parameters = dict(trained(0)[0].named_parameters())
    save_last(file, parameters, best={}, optimiser=None, progress=progress(0, best=0))
    with pytest.raises(UserError, match="another recipe"):
        load_last(file, {"0.weight": nn.Parameter(torch.zeros(1))}, optimiser=None)


def test_rewinding_drops_all_epochs_but_the_start():
    assert rewound(progress(5, best=2)) == progress(0, best=0)


def reached(file: Path) -> int:
    other, optimiser = trained(0)
    loaded = load_last(file, dict(other.named_parameters()), optimiser=optimiser)
    assert loaded is not None
    return loaded[0].epoch


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs, not even a clean-up."""


@pytest.mark.parametrize("operation", ["save_file", "chmod", "fsync", "replace"])
@pytest.mark.parametrize("before", [True, False])
def test_a_kill_at_any_file_operation_leaves_the_old_or_the_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str, before: bool
):
    file = tmp_path / "last.safetensors"
    model, optimiser = trained(1)
    parameters = dict(model.named_parameters())
    save_last(file, parameters, best={}, optimiser=optimiser, progress=progress(1, best=1))
    place = {"save_file": tensor_files, "fsync": os}.get(operation, Path)
    real = getattr(place, operation)

    def kill(*args: object, **options: object) -> None:
        if not before:
            real(*args, **options)
        # A kill runs no clean-up either.
        monkeypatch.setattr(Path, "unlink", lambda *args, **options: None)
        raise Killed

    step(model, optimiser)
    with monkeypatch.context() as patch:
        patch.setattr(place, operation, kill)
        with contextlib.suppress(Killed):
            save_last(file, parameters, best={}, optimiser=optimiser, progress=progress(2, best=2))
    monkeypatch.undo()
    assert reached(file) == (2 if operation == "replace" and not before else 1)
    save_last(file, parameters, best={}, optimiser=optimiser, progress=progress(3, best=3))
    assert reached(file) == 3
