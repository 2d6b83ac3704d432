"""Adapting: a linear probe on the labelled images, then a head that suits the images from elsewhere."""

from __future__ import annotations

from tlstudio.specs.strategies.adapt import TARGET_LABELS, UNLABELLED, AdaptOptions
from tlstudio.training.phases.adapt_head import AdaptHead
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class Adapting:
    """The linear probe is the start; it is returned where nothing is gained by adapting."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="Adapting to another place")
        assert isinstance(job.options, AdaptOptions)
        return (
            ExtractFeatures(first_trainable=None),
            FitHead(is_result=True),
            AdaptHead(method=job.options.method, unlabelled=UNLABELLED.id, target_labels=TARGET_LABELS.id),
        )


IMPLEMENTATION = Adapting()
