"""Only words: the person's words, met by the backbone's own classes or by a CLIP model."""

from __future__ import annotations

from tlstudio.specs.strategies.zero_shot import CLASSES
from tlstudio.training.head.words import require_text_network
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_to_words import FitToWords
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class OnlyWords:
    """Everything but the head is frozen. It compares itself with the plain start, on all labelled images."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="The strategy of only words")
        require_text_network(job.recipe.backbone.id)
        return ExtractFeatures(first_trainable=None), FitToWords(words=job.inputs.get(CLASSES.id, ""))


IMPLEMENTATION = OnlyWords()
