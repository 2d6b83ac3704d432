"""Adapting: a linear probe on the labelled images, then a head that suits the images from elsewhere."""

from __future__ import annotations

from tlstudio.core.errors import UserError
from tlstudio.specs.strategies.adapt import SPEC, TARGET_LABELS, UNLABELLED, AdaptOptions
from tlstudio.training.phases.adapt_head import AdaptHead
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob


class Adapting:
    """The linear probe is the start; it is returned where nothing is gained by adapting."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        if job.recipe.freeze != "head":
            raise UserError(
                f"The strategy {SPEC.id} trains the head alone, but the freeze line is at "
                f"“{job.recipe.freeze}”.",
                mend="Use --freeze head.",
            )
        assert isinstance(job.options, AdaptOptions)
        return (
            ExtractFeatures(first_trainable=None),
            FitHead(is_result=True),
            AdaptHead(method=job.options.method, unlabelled=UNLABELLED.id, target_labels=TARGET_LABELS.id),
        )


IMPLEMENTATION = Adapting()
