"""Chooses the number format of training steps: float32, or 16 bits where that is clearly faster.

On graphics cards it always is. On processors with bfloat16 instructions it depends on the stages: large plain
convolutions and transformers take 0.6 of the time, depthwise convolutions as long or longer. So a few images
go forward and backward in both formats, once per computer, backbone and freeze line; the gradients must point
in the same direction, and the choice is stored. A resumed training keeps its earlier choice.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.core.errors import is_out_of_memory
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.models.frozen.runtime_choice import computer
from tlstudio.models.frozen.runtime_records import key_of, read_record, write_record
from tlstudio.training.loop.precision import Precision, precisions
from tlstudio.training.loop.trainable_model import StandardisedHead, TrainableModel, TrainingImages

log = logging.getLogger(__name__)

SAME_DIRECTION = 0.99
"""Least cosine similarity of the gradients in both formats. ResNet, ConvNeXt and ViT have 0.9998 and more,
EfficientNet-Lite0 0.998 from blocks.5 up and 0.92 as a whole."""
LEAST_MFLOPS = 500
"""Operations of one forward pass below which there is little to gain and timing would be mostly noise."""
TRIED_IMAGES = 8
ROUNDS = 3
"""Timed rounds; the shortest time counts, because other work on the computer only ever adds to it."""
TRIAL_SECONDS = 2.0
"""Time after which no third round begins; a large backbone takes seconds per round. The first warms up."""
WORTHWHILE = 0.75
"""Share of the float32 time below which 16 bits are used. Stages lie near 0.6, or above 0.9."""


def choose_precision(
    model: TrainableModel | StandardisedHead,
    *,
    train: TrainingImages,
    device: str,
    earlier: str | None,
    control: Control,
) -> Precision:
    """Choose the number format of training steps.

    A trial takes a second or two, or two steps in each format where that is longer, and changes no weights.

    Args:
        model: Model to be trained. For a head alone there is no time to gain.
        train: Training images, some of which are used for the trial.
        device: torch's device name.
        earlier: Name of the format of a resumed training; None for a new one.
        control: Stop and cancel end the trial; then nothing is stored.
    """
    *half, float32 = precisions(device)
    if isinstance(model, StandardisedHead) or model.first_trainable is None or not half:
        return float32
    for known in (*half, float32):
        if known.name == earlier:
            return known
    if device != "cpu":
        return half[0]
    about = {
        "computer": computer(device, threads=torch.get_num_threads()),
        "torch": torch.__version__,
        "backbone": model.classifier.backbone.id,
        "first_trainable": model.first_trainable,
        "input_size": model.classifier.preprocessing.input_size,
    }
    key = key_of(about)
    entry = read_record("precisions", key)
    if entry is None:
        found = _trial(model, train, (half[0], float32), control=control)
        if found is None:
            return float32
        entry = about | found
        write_record("precisions", key, entry)
    return half[0] if entry.get("chosen") == half[0].name else float32


def _trial(
    model: TrainableModel, train: TrainingImages, pair: tuple[Precision, Precision], *, control: Control
) -> dict[str, object] | None:
    """Result of a trial as it is stored; None if it was interrupted, or memory ran out."""
    # Images from the whole set, with labels that are mostly wrong: a fitted head has hardly any gradients.
    spread = [number * len(train) // TRIED_IMAGES for number in range(TRIED_IMAGES)]
    activations, _ = train.plain_batch(spread)
    labels = torch.arange(TRIED_IMAGES) % len(model.classifier.classes)  # of the first column
    half, float32 = pair
    mflops = _mflops(model, activations[:1])
    if mflops < LEAST_MFLOPS:
        return {"chosen": float32.name, "mflops": mflops}
    seconds = dict.fromkeys(pair, float("inf"))
    gradients: dict[Precision, list[Tensor]] = {}
    model.train()
    started = time.perf_counter()
    try:
        with torch.random.fork_rng(devices=()):
            for number in range(ROUNDS):
                if number > 1 and time.perf_counter() - started > TRIAL_SECONDS:
                    break
                for precision in pair:
                    if control.stopped or control.cancelled:
                        return None
                    torch.manual_seed(0)  # so that dropout drops the same units
                    taken, gradients[precision] = _step(model, activations, labels, precision)
                    seconds[precision] = min(taken, seconds[precision])
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            return None
        if precision is float32:
            raise
        log.warning("training steps in %s do not work for this backbone", half.name, exc_info=error)
        return {"chosen": float32.name, "mflops": mflops, "failed": str(error)}
    finally:
        model.zero_grad()
    cosine = _cosine(gradients[half], gradients[float32])
    pays = seconds[half] < WORTHWHILE * seconds[float32] and cosine >= SAME_DIRECTION
    milliseconds = {precision.name: round(1000 * value, 1) for precision, value in seconds.items()}
    chosen = (half if pays else float32).name
    return {"chosen": chosen, "mflops": mflops, "milliseconds": milliseconds, "cosine": round(cosine, 5)}


def _mflops(model: TrainableModel, activations: Tensor) -> float:
    """Millions of multiplications and additions in convolutions and linear layers of one forward pass."""
    count = 0

    def add(module: nn.Module, given: object, numbers: Tensor) -> None:
        nonlocal count
        count += 2 * numbers.numel() * module.weight[0].numel()  # type: ignore[index]

    hooks = [
        module.register_forward_hook(add)
        for module in model.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    try:
        with torch.no_grad():
            model.eval()(activations)
    finally:
        for hook in hooks:
            hook.remove()
    return count / 1e6


def _step(
    model: TrainableModel, activations: Tensor, labels: Tensor, precision: Precision
) -> tuple[float, list[Tensor]]:
    """Run one forward and backward pass; returns its seconds and gradients."""
    started = time.perf_counter()
    with precision.computing():
        loss = ONE_CLASS_EACH.loss(model(activations).float(), labels)
    loss.backward()  # type: ignore[no-untyped-call]
    seconds = time.perf_counter() - started
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    model.zero_grad()
    return seconds, gradients


def _cosine(one: Sequence[Tensor], two: Sequence[Tensor]) -> float:
    """Cosine similarity of two lists of tensors, each taken as one vector; NaN when one contains NaN."""

    def product(a: Sequence[Tensor], b: Sequence[Tensor]) -> float:
        return sum(float((x.double() * y).sum()) for x, y in zip(a, b, strict=True))

    return product(one, two) / max(math.sqrt(product(one, one) * product(two, two)), 1e-300)
