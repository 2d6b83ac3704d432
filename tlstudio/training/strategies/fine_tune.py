"""Fine-tuning: from the linear probe's solution, then the trainable stages at low learning rates."""

from __future__ import annotations

from tlstudio.models.freezing import resolve_freeze
from tlstudio.specs.strategies.fine_tune import FineTuneOptions
from tlstudio.training.phases.extract_features import extract_for_epochs
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.phases.refit_head import RefitHead
from tlstudio.training.strategies import TrainingJob


class FineTuning:
    """Starts where the linear probe ends, and fits the head anew to what the stages have become.

    The result is the last epoch; if the recipe keeps the best one on validation, that may be the start. An
    option blends it with the start, as much as the check images ask for unless a share is given.
    With a freeze line the frozen stages run once for each image and view, and epochs run from the cache;
    random views are computed while training already runs. Without one (`none`) every epoch trains from the
    pixels, with fresh random views.
    """

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        recipe = job.recipe
        first_trainable = resolve_freeze(recipe.freeze, job.stage_names)
        options = job.options
        assert isinstance(options, FineTuneOptions)
        trains_stages = first_trainable is not None
        can_refit = trains_stages and recipe.head.kind == "linear"
        keep_old = options.keep_old
        if keep_old is None and not (can_refit and options.refit_head):
            keep_old = 0.0  # no head was trained on blended stages
        refits = can_refit and (options.refit_head or keep_old != 0)
        phases: tuple[Phase, ...] = (
            extract_for_epochs(recipe, first_trainable=first_trainable, stage_names=job.stage_names),
            FitHead(is_result=False, is_repeated=refits),
            FineTune(trains_stages=trains_stages, keep_old=keep_old, mixup=options.mixup),
        )
        return (*phases, RefitHead()) if refits else phases


IMPLEMENTATION = FineTuning()
