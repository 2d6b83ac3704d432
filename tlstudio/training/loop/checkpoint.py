"""Checkpoints of a run: `last`, from which it resumes, and `best`, the whole classifier for use.

`last.safetensors` holds the current weights, the best weights so far, AdamW's state, and as metadata the
epoch, the best epoch and the history; it is replaced as a whole. `best.safetensors` is written after it. A
kill between the two leaves a `best` that is out of date, and a resumed run writes it again from `last`. So a
kill never loses more than the epoch it fell in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_dataclass
from tlstudio.evaluation.metrics import Score
from tlstudio.models.tensor_files import read_tensors, save_tensors
from tlstudio.training.loop.averaging import WeightAverage

NOW, BEST, MEAN, SQUARE, AVERAGE = "now/", "best/", "adam-mean/", "adam-square/", "average/"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """Losses and accuracies of one epoch; epoch 0 is the start. None where there is nothing to measure on."""

    epoch: int
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float | None

    @classmethod
    def of_setting(cls, number: int, *, train: Score, validation: Score) -> EpochRecord:
        """The record of a setting that was tried, which takes no steps: it has no learning rate."""
        return cls(
            epoch=number,
            train_loss=train.log_loss,
            train_accuracy=train.accuracy,
            validation_loss=validation.log_loss,
            validation_accuracy=validation.accuracy,
            learning_rate=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgress:
    """The state of a training, as far as it is not weights.

    Attributes:
        epoch: Number of the last epoch that ended.
        best_epoch: Epoch of the best weights.
        step: Optimiser steps so far.
        elapsed_seconds: Seconds of training in all sessions.
        precision: Number format of the training steps, by name; None where there were none.
        history: One record per epoch, epoch 0 included.
        is_cut: Whether it was stopped or became unstable before its end.
    """

    epoch: int
    best_epoch: int
    step: int
    elapsed_seconds: float
    precision: str | None = None
    history: tuple[EpochRecord, ...] = field(default=())
    is_cut: bool = False


def rewound(progress: TrainingProgress) -> TrainingProgress:
    """The progress as it was at the start."""
    return replace(progress, epoch=0, best_epoch=0, step=0, history=progress.history[:1])


Tensors = dict[str, Tensor]


def copy_of(parameters: Mapping[str, nn.Parameter]) -> Tensors:
    """A copy of the parameters' current values, on the CPU."""
    return {name: parameter.detach().cpu().clone().contiguous() for name, parameter in parameters.items()}


def restore_parameters(parameters: Mapping[str, nn.Parameter], values: Mapping[str, Tensor]) -> None:
    """Set parameters to values from `copy_of`."""
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(values[name])


def save_last(
    path: Path,
    parameters: Mapping[str, nn.Parameter],
    *,
    best: Mapping[str, Tensor],
    optimiser: torch.optim.Optimizer | None,
    progress: TrainingProgress,
    phase: int = 0,
    average: Mapping[str, Tensor] | None = None,
) -> None:
    """Write `last.safetensors`, replacing it as a whole.

    Args:
        path: The file.
        parameters: Trainable parameters, by name.
        best: Their values at the best epoch.
        optimiser: AdamW over them; None when there is none.
        progress: State of the training.
        phase: Number of the phase that writes it, see `phase_of`.
        average: Averages of the parameters, by name; None or none without averaging.

    Raises:
        OSError: The disk is full or not writable.
    """
    tensors = {NOW + name: value for name, value in copy_of(parameters).items()}
    if average or progress.best_epoch != progress.epoch:
        tensors |= {BEST + name: value for name, value in best.items()}
    tensors |= {AVERAGE + name: value.cpu().contiguous() for name, value in (average or {}).items()}
    for name, parameter in parameters.items():
        state = optimiser.state.get(parameter, {}) if optimiser else {}
        if state:
            tensors[MEAN + name] = state["exp_avg"].detach().cpu().contiguous()
            tensors[SQUARE + name] = state["exp_avg_sq"].detach().cpu().contiguous()
    save_tensors(path, tensors, metadata={"progress": json.dumps(asdict(progress)), "phase": str(phase)})


def phase_of(path: Path, *, default: int) -> int:
    """Number of the phase that wrote a checkpoint.

    Args:
        path: A file that exists. Damage is not reported here, but when it is loaded.
        default: For files without the number: of version 0.1, or damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return int((file.metadata() or {}).get("phase", default))
    except (SafetensorError, ValueError, OSError):
        return default


def load_last(
    path: Path,
    parameters: Mapping[str, nn.Parameter],
    *,
    optimiser: torch.optim.Optimizer | None,
    average: WeightAverage | None = None,
) -> tuple[TrainingProgress, Tensors] | None:
    """Restore what `save_last` wrote.

    Args:
        path: The file.
        parameters: Trainable parameters, by name; set in place.
        optimiser: Its state is set in place.
        average: Likewise.

    Returns:
        The state of the training and the best weights; None when there is no such file.

    Raises:
        UserError: The file is damaged or of another recipe.
    """
    if not path.exists():
        return None
    try:
        metadata, tensors = read_tensors(path)
        progress = read_dataclass(TrainingProgress, parse_json(metadata["progress"]))
        if not 0 <= progress.best_epoch <= progress.epoch or progress.step < 0:
            raise ValueError("a best epoch that did not come yet")
        now = {name: tensors[NOW + name] for name in parameters}
        restore_parameters(parameters, now)
        if optimiser is not None and any(name.startswith(MEAN) for name in tensors):
            for name, parameter in parameters.items():
                optimiser.state[parameter] = {
                    "step": torch.tensor(float(progress.step), device=parameter.device),
                    "exp_avg": torch.empty_like(parameter).copy_(tensors[MEAN + name]),
                    "exp_avg_sq": torch.empty_like(parameter).copy_(tensors[SQUARE + name]),
                }
        if average is not None:
            average.restore({name: tensors[AVERAGE + name] for name in average.values})
        now_is_best = progress.best_epoch == progress.epoch and not (average and average.values)
        best = now if now_is_best else {name: tensors[BEST + name] for name in parameters}
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise UserError(
            f"The checkpoint {path} is damaged or belongs to another recipe.",
            mend="Delete this file and resume the training, which then starts over.",
        ) from error
    return progress, best
