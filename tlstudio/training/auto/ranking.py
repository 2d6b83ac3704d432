"""Ranks backbones on a person's images: a cross-validated head on each, and its speed on this computer.

All backbones start on a part of the images. A backbone whose difference to the best is clearly below zero
drops out, and the others go on with more images. So most of the time goes to those that are close.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageProgress, StageStarted, without_progress
from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import wilson
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.views import PLAIN
from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.weights import weights_sha256
from tlstudio.specs.recipe import Recipe
from tlstudio.training.head.cross_validation import held_out_scores
from tlstudio.training.trials.comparison import compare

STAGE = "ranking"
TIMINGS = 4
"""Measurements of the speed of each backbone, all in turn: what else the computer does then slows no single
one, and the fastest of each counts."""
ROUNDS = (100, 200, 300)
"""Images on which the backbones that are left are compared, round by round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedBackbone:
    """A backbone with its measured accuracy and speed.

    Attributes:
        id: Of the backbone.
        accuracy: Cross-validated accuracy of a linear probe on it, a fraction; a little too high for new
            images (see `held_out_scores`).
        interval: 95 % interval of the accuracy.
        n: Number of images behind it; fewer than of the best where it dropped out early.
        difference: To the best one, on the images of both, a fraction; 0 for the best.
        difference_interval: 95 % interval of the difference.
        seconds_per_1000: Seconds for the features of 1000 decoded images on this computer, the least of
            several measurements; on a computer that does other things as well the first digit alone is known.
    """

    id: str
    accuracy: float
    interval: Interval
    n: int
    difference: float
    difference_interval: Interval
    seconds_per_1000: float


@dataclass(slots=True)
class _Candidate:
    """A backbone while it is compared."""

    id: str
    extractor: FeatureExtractor
    seconds_per_1000: float = math.inf
    correct: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.bool))


def rank_backbones(
    images: Sequence[RunImage],
    backbone_ids: Sequence[str],
    *,
    recipe: Recipe,
    device: str,
    threads: int,
    timings: int = TIMINGS,
    run_id: str,
    emit: Emit,
    control: Control,
) -> tuple[RankedBackbone, ...]:
    """Measure backbones on images, and put the most accurate first.

    Args:
        images: Labelled images; at most the last of `ROUNDS` are used, drawn by the recipe's seed.
        backbone_ids: At least one, whose weights are on this computer.
        recipe: Classes, seed, and how images are fitted into a backbone's input.
        device: torch's device name.
        threads: Threads for decoding and computing.
        timings: Measurements of the speed of each; with 0 the speed is infinite seconds, which is unknown.
        run_id: Written into events.
        emit: Receives one progress over all backbones and rounds.
        control: Checked once per image and fold.

    Returns:
        The backbones that stayed to the end by their accuracy, then those that dropped out, the last first.

    Raises:
        UserError: A backbone cannot be loaded, or an image can no longer be read.
        Cancelled: The person cancelled.
    """
    sample = _sample(images, seed=recipe.seed)
    sizes = sorted({min(size, len(sample)) for size in ROUNDS})
    # Each backbone is loaded, timed and judged on each part of the images.
    total = (2 + len(sizes)) * len(backbone_ids)

    def tell(done: int) -> None:
        emit(StageProgress(run_id=run_id, stage=STAGE, done=done, total=total))

    title = "Comparing backbones on your images"
    emit(StageStarted(run_id=run_id, stage=STAGE, title=title, total=total))
    tell(0)
    quiet = without_progress(emit)
    left: list[_Candidate] = []
    runtime: RuntimeChoice | None = None
    for backbone_id in backbone_ids:
        candidate, chosen = _candidate(
            backbone_id,
            recipe=recipe,
            device=device,
            threads=threads,
            runtime=runtime,
            emit=quiet,
            control=control,
        )
        left.append(candidate)
        # Finding the fastest runtime takes seconds for each backbone, which pay only if speed is asked for.
        runtime = None if timings else chosen
        tell(len(left))
    _time(left, sample, timings=timings, control=control, tell=lambda timed: tell(len(backbone_ids) + timed))
    dropped: list[RankedBackbone] = []
    for number, size in enumerate(sizes, start=2):
        for place, candidate in enumerate(left, start=1):
            candidate.correct = _correct(
                candidate, sample[:size], recipe=recipe, run_id=run_id, emit=quiet, control=control
            )
            tell(number * len(backbone_ids) + place)
        left.sort(key=lambda candidate: -int(candidate.correct.sum()))
        rows = [_row(candidate, best=left[0]) for candidate in left]
        if size == sizes[-1]:
            return (*rows, *dropped)
        behind = [row for row in rows if row.difference_interval.high < 0]
        dropped = [*behind, *dropped]
        left = [candidate for candidate in left if candidate.id not in {row.id for row in behind}]
        if len(left) == 1:
            return (_row(left[0], best=left[0]), *dropped)
    raise AssertionError("there is at least one round")


def _sample(images: Sequence[RunImage], *, seed: int) -> tuple[RunImage, ...]:
    """At most the last of `ROUNDS` images in an order in which every part has all classes alike."""
    order = torch.randperm(len(images), generator=generator(seed, "ranking")).tolist()
    waiting: dict[int, list[RunImage]] = {}
    for index in order:
        waiting.setdefault(images[index].label, []).append(images[index])

    def share(label: int, place: int) -> float:
        return (place + 0.5) / len(waiting[label])

    placed = [
        (share(label, place), label, image)
        for label, of_class in waiting.items()
        for place, image in enumerate(of_class)
    ]
    placed.sort(key=lambda entry: entry[:2])
    return tuple(image for _, _, image in placed[: ROUNDS[-1]])


def _candidate(
    backbone_id: str,
    *,
    recipe: Recipe,
    device: str,
    threads: int,
    runtime: RuntimeChoice | None,
    emit: Emit,
    control: Control,
) -> tuple[_Candidate, RuntimeChoice]:
    """Load a backbone; `runtime` computes its features, the fastest here if that is None."""
    control.check()
    backbone = load_backbone(backbone_id, emit=emit, control=control).to(device)
    preprocessing = recipe.preprocessing(backbone.preprocessing)
    runtime = runtime or choose_runtime(
        backbone, preprocessing=preprocessing, device=device, threads=threads, control=control
    )
    extractor = FeatureExtractor(
        backbone,
        end=None,
        preprocessing=preprocessing,
        device=device,
        threads=threads,
        runtime=runtime,
        weights=weights_sha256(backbone),
    )
    return _Candidate(id=backbone_id, extractor=extractor), runtime


def _time(
    candidates: Sequence[_Candidate],
    sample: tuple[RunImage, ...],
    *,
    timings: int,
    control: Control,
    tell: Callable[[int], None],
) -> None:
    """Measure the speed of all in turn, several times.

    Args:
        candidates: The least time of each is written into it.
        sample: The images that are computed.
        timings: How often.
        control: Checked before each measurement.
        tell: Receives how many candidates' worth of measurements are done.
    """
    for number in range(timings):
        for place, candidate in enumerate(candidates, start=1):
            control.check()
            seconds = candidate.extractor.seconds_per_1000(sample, repeats=1)
            candidate.seconds_per_1000 = min(candidate.seconds_per_1000, seconds)
            tell((number * len(candidates) + place) // timings)


def _correct(
    candidate: _Candidate,
    images: tuple[RunImage, ...],
    *,
    recipe: Recipe,
    run_id: str,
    emit: Emit,
    control: Control,
) -> Tensor:
    """Mark the images that are predicted correctly by a head that was fitted without them: bool [N]."""
    (activations,) = candidate.extractor.collect(
        (images, (PLAIN,)), run_id=run_id, emit=emit, control=control
    )
    scores = held_out_scores(
        activations.features().table(),
        images,
        classes_count=len(recipe.classes),
        seed=recipe.seed,
        control=control,
    )
    return scores.argmax(dim=1) == label_tensor(images)


def _row(candidate: _Candidate, *, best: _Candidate) -> RankedBackbone:
    correct, n = candidate.correct, len(candidate.correct)
    to_best = compare(correct, best.correct)
    return RankedBackbone(
        id=candidate.id,
        accuracy=int(correct.sum()) / n,
        interval=wilson(int(correct.sum()), n),
        n=n,
        difference=to_best.difference,
        difference_interval=to_best.interval,
        seconds_per_1000=candidate.seconds_per_1000,
    )
