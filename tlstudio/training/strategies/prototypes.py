"""Prototypes: the typical image of each class, from one image per class on."""

from __future__ import annotations

from tlstudio.features.views import PLAIN, View
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_prototypes import FitPrototypes
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class Prototypes:
    """Everything but the head is frozen. Each image is seen mirrored, too, unless flips are off."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="The strategy of prototypes")
        mirrored = (View(flip_horizontal=True),) if job.recipe.augmentation.flips_horizontally else ()
        return ExtractFeatures(first_trainable=None, views=(PLAIN, *mirrored)), FitPrototypes()


IMPLEMENTATION = Prototypes()
