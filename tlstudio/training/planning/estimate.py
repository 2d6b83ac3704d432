"""Before a run: about how long it will take, and what it needs, on this computer and with these images.

Nothing is looked up: a few of the person's own images are decoded, sent through the frozen side with the
runtime that the run will use, trained on for two or three steps by the training loop itself, and asked about
by the assembled classifier. What these cost is multiplied by what the run will do. What the cache holds
already costs nothing, and what is computed here stays in the cache, so the run does not do it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.recipe import Recipe
from tlstudio.core.types import Split
from tlstudio.features.views import PLAIN, cached_views, divided
from tlstudio.models.freezing import resolve_freeze
from tlstudio.project.runs import RunFolder
from tlstudio.training.planning.cost_probe import ShortProbe
from tlstudio.training.planning.costs import HeadStart
from tlstudio.training.run.preparation import prepare

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What a run will take; None where that does not apply or cannot be known.

    Attributes:
        seconds_per_epoch: One pass over the training images and the look at the validation images; None for
            a head that is solved for at once.
        features_seconds: Reading the images and computing what lies below the freeze line, each once.
        training_seconds: Fitting the head and all epochs, with the random views that come meanwhile.
        evaluation_seconds: The final figures, from decoded images.
        total_seconds: From pressing Train to the figures.
        memory_bytes: What the engine process will hold at most.
        cache_bytes: On disk when the run is done, with what is there already.
    """

    seconds_per_epoch: float | None = None
    features_seconds: float | None = None
    training_seconds: float | None = None
    evaluation_seconds: float | None = None
    total_seconds: float | None = None
    memory_bytes: int | None = None
    cache_bytes: int | None = None


def estimate_run(
    dataset: Dataset,
    run: RunFolder,
    recipe: Recipe,
    *,
    split: Split | None = None,
    control: Control,
    clock: Clock = time.perf_counter,
) -> RunEstimate:
    """Estimate a run that has not begun; takes about a second or two for a small backbone.

    Args:
        dataset: The images.
        run: Where it would go; nothing is written there.
        recipe: All settings. With `freeze` "auto" nothing can be known: what is tried decides what follows.
        split: As drawn before; None to draw one as the recipe says.
        control: Asked often; pausing is for runs.
        clock: Seconds; another than the wall's tells what a busy computer would take if it were quiet.

    Raises:
        UserError: The run could not begin either, with what and how to mend it.
        Cancelled: The person wants something else.
    """
    preparation = prepare(dataset, run, recipe, resume=False, drawn=split)
    if recipe.freeze == "auto":
        return RunEstimate()
    device = choose_device(recipe.device).device
    threads = set_threads(recipe.threads)
    keep_freed_memory()
    control.check()
    probe = ShortProbe(
        preparation,
        run=run,
        pixels={image.path: image.width * image.height for image in dataset.images},
        device=device,
        threads=threads,
        control=control,
        clock=clock,
    )
    names = probe.classifier.backbone.stage_names
    first = None if recipe.strategy == "linear-probe" else resolve_freeze(recipe.freeze, names)
    from_pixels = first == names[0]
    plain = recipe.strategy == "linear-probe" or from_pixels
    views = (PLAIN,) if plain else cached_views(recipe.augmentation, seed=recipe.seed)
    train, validation, test = (
        len(preparation.images["train"]),
        len(preparation.images["validation"]),
        len(preparation.images["test"]),
    )

    at_once, later = divided(views)
    later = later[: recipe.epochs - 1]
    features = probe.features(first, at_once, later=later)
    hidden = recipe.head.kind == "hidden"
    start = probe.head_start(hidden=hidden)
    seconds_per_epoch: float | None = None
    if recipe.strategy == "linear-probe":
        training_seconds = _head_seconds(start, recipe, hidden=hidden)
        seconds_per_epoch = start.epoch_seconds if hidden else None
    else:
        step_seconds, image_seconds = probe.steps(first, at_once, varied=from_pixels)
        seconds_per_epoch = train / recipe.optimiser.batch_size * step_seconds + validation * image_seconds
        pooling = (_filled(train, 64) + _filled(validation, 64)) * (image_seconds if first else 0.0)
        training_seconds = (
            pooling
            + _head_seconds(start, recipe, hidden=hidden)
            + validation * image_seconds
            + recipe.epochs * seconds_per_epoch
            + features.later_seconds
        )
    asked = (
        validation - round(validation * features.shown_share)
        if recipe.strategy == "linear-probe"
        else validation
    )
    evaluation = probe.evaluation((asked, test))
    return RunEstimate(
        seconds_per_epoch=seconds_per_epoch,
        features_seconds=features.seconds,
        training_seconds=training_seconds,
        evaluation_seconds=evaluation,
        total_seconds=probe.loading_seconds + features.seconds + training_seconds + evaluation,
        memory_bytes=probe.memory_bytes,
        cache_bytes=features.cache_bytes,
    )


def _head_seconds(start: HeadStart, recipe: Recipe, *, hidden: bool) -> float:
    return recipe.epochs * start.epoch_seconds if hidden else start.solve_seconds


def _filled(count: int, batch: int) -> int:
    """Images in whole batches."""
    return ceil(count / batch) * batch
