"""The linear probe: features once, then the best head on them. Takes seconds; hard to beat on small sets."""

from __future__ import annotations

from tlstudio.core.errors import UserError
from tlstudio.specs import STRATEGIES
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob


class LinearProbe:
    """Everything but the head is frozen. Only plain images are used: one pass over them makes it quick."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        if job.recipe.freeze != "head":
            others = " or ".join(spec.id for spec in STRATEGIES if spec.trains_stages)
            raise UserError(
                f"A linear probe trains the head alone, but the freeze line is at “{job.recipe.freeze}”.",
                mend=f"Choose the strategy {others}, or freeze all but the head.",
            )
        return ExtractFeatures(first_trainable=None), FitHead(is_result=True)


IMPLEMENTATION = LinearProbe()
