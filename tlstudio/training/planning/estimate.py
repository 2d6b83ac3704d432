"""Estimates before a run how long it will take and what it needs, on this computer and with these images.

Everything is measured: a few of the person's own images are decoded, sent through the frozen stages
with the runtime that the run will use, trained on for two or three steps by the training loop itself, and
predicted by the assembled classifier. Each phase of the strategy multiplies what these cost by what it will
do. What the cache holds already costs nothing, and what is computed here stays in the cache for the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Split
from tlstudio.data.tables.further_columns import names_of
from tlstudio.models.backbones import find_backbone
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.backbone_choice import comparable
from tlstudio.training.auto.candidates import first_candidates
from tlstudio.training.auto.ranking import ROUNDS
from tlstudio.training.phases.phase import changes_backbone
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.planning.pretraining_cost import pretraining_seconds
from tlstudio.training.run.input_images import count_input_images
from tlstudio.training.run.preparation import Preparation, prepare
from tlstudio.training.strategies import plan_phases, strategy_spec
from tlstudio.training.trials.out_of_fold import folds_count

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """Estimated time, memory and disk space of a run; None where unknown or not applicable.

    Attributes:
        seconds_per_epoch: One pass over the training images with scoring on the validation images; None for
            a linear head, which is solved directly.
        features_seconds: Reading the images and computing the frozen stages, once each.
        training_seconds: Fitting the head and all epochs, with the views computed meanwhile.
        evaluation_seconds: The final metrics, from decoded images.
        total_seconds: From pressing Train to the metrics; when the freeze line is chosen, the geometric
            mean of the least and the most that it can be.
        memory_bytes: Most memory that the engine process will hold.
        cache_bytes: Size on disk of the cached activations and decoded images when the run is done.
        tries: Number of recipes that are tried before the run trains; 0 without a choice.
        tries_seconds: All tries together.
        has_unseen_images: Whether the frozen stages have not looked at all images before.
    """

    seconds_per_epoch: float | None = None
    features_seconds: float | None = None
    training_seconds: float | None = None
    evaluation_seconds: float | None = None
    total_seconds: float | None = None
    memory_bytes: int | None = None
    cache_bytes: int | None = None
    tries: int = 0
    tries_seconds: float | None = None
    has_unseen_images: bool = True


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
        run: Folder it would use; nothing is written there.
        recipe: All settings. With `freeze` "auto" every try is measured, and the training after them.
        split: Split drawn before; None to draw one as the recipe says.
        control: Checked often, between measurements and batches.
        clock: Seconds; processor time instead of wall time excludes other work of the computer.

    Raises:
        UserError: A run with this recipe could not begin; says why and how to mend it.
        Cancelled: The estimate is not needed any more.
    """
    preparation = prepare(dataset, run, recipe, resume=False, drawn=split)
    device = choose_device(recipe.device).device
    threads = set_threads(recipe.threads)
    keep_freed_memory()
    control.check()
    is_choice = recipe.freeze == "auto"
    probe = CostProbe(
        _first_fold(preparation) if is_choice else preparation,
        run=run,
        pixels={image.path: image.width * image.height for image in dataset.images},
        device=device,
        threads=threads,
        unlabelled_count=count_input_images(dataset, preparation.recipe, control=control),
        control=control,
        clock=clock,
    )
    pretraining = 0.0
    if probe.train_count or probe.validation_count:
        pretraining = pretraining_seconds(probe, control=control, clock=clock)
    if is_choice:
        return _estimate_choice(preparation, probe, pretraining_seconds=pretraining)
    phases = plan_phases(preparation.recipe, stage_names=probe.classifier.backbone.stage_names)
    cost = sum((phase.cost(probe) for phase in phases), Cost())
    cost = replace(cost, training_seconds=cost.training_seconds * _trainings(preparation))
    backbone_changes = changes_backbone(phases)
    counts = {split: len(images) for split, images in preparation.images.items()}
    known = 0 if backbone_changes else round(counts["validation"] * cost.exact_share)
    evaluation_seconds = probe.evaluation_seconds(
        (counts["validation"] - known, counts["test"]), backbone_changes=backbone_changes
    )
    return RunEstimate(
        seconds_per_epoch=cost.seconds_per_epoch,
        features_seconds=cost.features_seconds,
        training_seconds=cost.training_seconds,
        evaluation_seconds=evaluation_seconds,
        total_seconds=probe.loading_seconds
        + cost.features_seconds
        + cost.training_seconds
        + pretraining
        + evaluation_seconds,
        memory_bytes=probe.memory_bytes,
        cache_bytes=cost.cache_bytes,
        has_unseen_images=cost.has_unseen_images,
    )


def _folds(preparation: Preparation) -> int:
    images = preparation.images
    return folds_count(train=len(images["train"]), validation=len(images["validation"]))


def _trainings(preparation: Preparation) -> float:
    """The trainings of a recipe, folds included, in multiples of one on the training images."""
    train, validation = (len(preparation.images[side]) for side in ("train", "validation"))
    compared = _compared_trainings(preparation)
    if preparation.recipe.learns_from == "train" or not validation:
        return 1.0 + compared
    folds = _folds(preparation)
    # Several folds learn from all images but a fold; a single one from the training images.
    whole = (train + validation) / train * folds if folds > 1 else 1 + (train + validation) / train
    return whole + compared


def _compared_trainings(preparation: Preparation) -> float:
    """The trainings by which label columns that learn together are compared, with one another and alone."""
    recipe = preparation.recipe
    asked = strategy_spec(recipe.strategy).columns_input
    if asked is None or recipe.freeze == "head":
        return 0.0
    train, validation = (len(preparation.images[side]) for side in ("train", "validation"))
    folds = _folds(preparation)
    fold = (folds - 1) / folds * (train + validation) / max(1, train) if folds > 1 else 1.0
    columns = 1 + len(names_of(recipe.inputs.get(asked.id, "")))
    return fold * (folds + columns)


def _first_fold(preparation: Preparation) -> Preparation:
    """The preparation as a try has it: with the images of a fold to learn from, and those held out."""
    images, folds = preparation.images, _folds(preparation)
    if folds == 1:
        return preparation
    everything = (*images["train"], *images["validation"])
    held_out = len(everything) // folds
    return replace(
        preparation,
        images={**images, "train": everything[held_out:], "validation": everything[:held_out]},
    )


def _comparing_seconds(preparation: Preparation, probe: CostProbe) -> float:
    """Seconds of comparing the other backbones; expected from their sizes and the speed of the recipe's."""
    recipe, images = preparation.recipe, preparation.images
    if not recipe.backbone.compared:
        return 0.0
    count = min(ROUNDS[-1], len(images["train"]) + len(images["validation"]))
    own, *others = (find_backbone(name) for name in comparable(recipe))
    sizes = [other.parameters * other.input_size**2 for other in others]
    relative = sum(sizes) / max(1, own.parameters * own.input_size**2)
    return probe.seconds_of_whole_backbone(count) * relative + probe.loading_seconds * len(others)


def _estimate_choice(
    preparation: Preparation, probe: CostProbe, *, pretraining_seconds: float
) -> RunEstimate:
    """Estimate all tries, and then the training that one of them leads to.

    A line that gains nothing is tried on one fold, and one that gains on all of them, and then trains. What
    is told is the geometric mean of the least and the most that this can take.
    """
    folds, images = _folds(preparation), preparation.images
    names = probe.classifier.backbone.stage_names
    # In the end it learns from the training and the validation images.
    whole_share = (len(images["train"]) + len(images["validation"])) / max(1, probe.train_count)
    candidates = [one.recipe for one in first_candidates(preparation.recipe, stage_names=names)]
    frozen, least, most, longest = Cost(), 0.0, 0.0, 0.0
    for number, candidate in enumerate(candidates):
        # The folds have no validation images, and in the end those are learned from as well.
        probe.recipe = candidate.model_copy(update={"learns_from": "train+validation"})
        learning = Cost()
        for phase in plan_phases(candidate, stage_names=names):
            if phase.learns:
                learning += phase.cost(probe)
                continue
            frozen += phase.cost(probe)
            if number:  # the first try has decoded all images
                decoding = probe.decoding
                frozen += Cost(features_seconds=-decoding.features_seconds, cache_bytes=-decoding.cache_bytes)
        least += learning.training_seconds * (1 if number else folds)
        most += learning.training_seconds * folds
        longest = max(longest, whole_share * learning.training_seconds)
    evaluation_seconds = probe.evaluation_seconds(
        (len(images["validation"]), len(images["test"])), backbone_changes=True
    )
    # Views that are computed while training runs are counted as training.
    computing = frozen.features_seconds + frozen.training_seconds
    computing += _comparing_seconds(preparation, probe)
    training = sqrt(least * (most + longest))
    tries_seconds, budget = computing + sqrt(least * most), preparation.recipe.budget_seconds
    if budget is not None and tries_seconds > budget:
        training = max(0.0, training - (tries_seconds - budget))
        tries_seconds = budget
    return RunEstimate(
        features_seconds=frozen.features_seconds,
        training_seconds=frozen.training_seconds + training,
        evaluation_seconds=evaluation_seconds,
        total_seconds=probe.loading_seconds + computing + training + pretraining_seconds + evaluation_seconds,
        memory_bytes=probe.memory_bytes,
        cache_bytes=frozen.cache_bytes,
        tries=len(candidates),
        tries_seconds=tries_seconds,
        has_unseen_images=frozen.has_unseen_images,
    )
