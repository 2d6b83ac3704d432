"""Disentangling: a head that cannot use what must be ignored."""

from __future__ import annotations

from tlstudio.specs.strategies.disentangle import IGNORED
from tlstudio.training.phases.disentangle import Disentangle
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class Disentangling:
    """Everything but the head is frozen; the nuisance is erased from the features in closed form."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="The strategy of ignoring something")
        return ExtractFeatures(first_trainable=None), Disentangle(ignored=IGNORED.id)


IMPLEMENTATION = Disentangling()
