"""Finds a learning rate for a fine-tuning, by a range test on the training images.

It does what a training with the same recipe does before its first step, on a backbone of its own: features
come from the cache, or are left there. No validation or test image takes part, and nothing is written to a
run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageStarted
from tlstudio.core.types import Split
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.weights import weights_sha256
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHOOSE_FOR_ME
from tlstudio.specs.recipe import Recipe
from tlstudio.training.loop.rate_sweep import RateSweep
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.phase import Phase
from tlstudio.training.phases.sequence import run_phases
from tlstudio.training.rates.judgement import RateJudgement, judge
from tlstudio.training.run.assembly import assemble
from tlstudio.training.run.preparation import prepare, with_weights
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases, strategy_spec, with_checked_options


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRate:
    """The result of a search.

    Attributes:
        images: Number of training images that took part.
        sweep: Losses by rising rate.
        judgement: The reading of them.
    """

    images: int
    sweep: RateSweep
    judgement: RateJudgement


def find_rate(
    dataset: Dataset,
    run: RunFolder,
    recipe: Recipe,
    *,
    split: Split | None = None,
    emit: Emit,
    control: Control,
) -> FoundRate:
    """Find a learning rate for a recipe; takes about as long as one to three epochs.

    Args:
        dataset: The images.
        run: Folder that a training would use; nothing is written there, and its name stands in events.
        recipe: All settings of the training; its own rates matter by their ratio alone.
        split: Split drawn before; None to draw one as the recipe says.
        emit: Receives progress.
        control: Checked once per image and batch.

    Raises:
        UserError: The recipe trains no stages by steps, or a training with it could not begin.
        Cancelled: The person cancelled.
    """
    if not strategy_spec(recipe.strategy).has_rate_to_find or recipe.freeze in ("head", CHOOSE_FOR_ME.id):
        raise _refusal(recipe)
    preparation = prepare(dataset, run, with_checked_options(recipe), resume=False, drawn=split)
    device = choose_device(recipe.device).device
    threads = set_threads(recipe.threads)
    keep_freed_memory()
    emit(StageStarted(run_id=run.path.name, stage="backbone", title="Loading the backbone"))
    classifier = assemble(preparation.recipe, run_id=run.path.name, emit=emit, control=control)
    preparation = with_weights(preparation, weights_sha256(classifier.backbone))
    phases = plan_phases(preparation.recipe, stage_names=classifier.backbone.stage_names)
    before, tuning = _division(phases, recipe)
    state = TrainingState(
        run=run,
        recipe=preparation.recipe,
        classifier=classifier,
        train=preparation.images["train"],
        validation=(),
        device=device,
        threads=threads,
        runtime=choose_runtime(
            classifier.backbone,
            preprocessing=classifier.preprocessing,
            device=device,
            threads=threads,
            control=control,
        ),
    )
    classifier.to(device)
    run_phases(before, state, emit=emit, control=control)
    sweep = tuning.sweep_rates(state, emit=emit, control=control)
    return FoundRate(images=len(state.train), sweep=sweep, judgement=judge(sweep))


def _division(phases: Sequence[Phase], recipe: Recipe) -> tuple[Sequence[Phase], FineTune]:
    """The phases before the steps whose rate is looked for, and the phase that takes these."""
    for number, phase in enumerate(phases):
        if isinstance(phase, FineTune):
            return phases[:number], phase
    raise _refusal(recipe)


def _refusal(recipe: Recipe) -> UserError:
    if recipe.inputs:
        return UserError(
            "A rate can be looked for where fine-tuning learns one label column, with nothing besides.",
            mend="Look for one with plain fine-tuning, and give it in a recipe.",
        )
    return UserError(
        "A rate can be looked for where stages of the backbone are fine-tuned from a freeze line upward.",
        mend="Choose fine-tuning, and the first stage that learns.",
    )
