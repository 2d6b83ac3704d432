"""The linear probe: features once, then the best head on them. Takes seconds; hard to beat on small sets."""

from __future__ import annotations

from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class LinearProbe:
    """Everything but the head is frozen. Only plain images are used: one pass over them makes it quick."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="A linear probe")
        return ExtractFeatures(first_trainable=None), FitHead(is_result=True)


IMPLEMENTATION = LinearProbe()
