"""Unsupervised transfer: the top stages first learn from images without labels, then the labels are used."""

from __future__ import annotations

from tlstudio.models.freezing import resolve_freeze
from tlstudio.specs.strategies.pretrain import UNLABELLED, PretrainOptions
from tlstudio.training.phases.extract_features import ExtractFeatures, extract_for_epochs
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase
from tlstudio.training.phases.pretrain import Pretrain
from tlstudio.training.phases.refit_head import RefitHead
from tlstudio.training.strategies import TrainingJob
from tlstudio.training.unsupervised.views import pretraining_views


class Pretraining:
    """Compares itself with the plain start: the usual folds would learn without labels twice.

    A head is fitted before, so that there is a whole classifier at any time.
    """

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        recipe, options = job.recipe, job.options
        assert isinstance(options, PretrainOptions)
        first_trainable = resolve_freeze(recipe.freeze, job.stage_names)
        input_views = pretraining_views(recipe.augmentation, seed=recipe.seed)
        pretrain = Pretrain(passes=options.passes, unlabelled=UNLABELLED.id)
        if options.afterwards == "head":
            return (
                ExtractFeatures(first_trainable=first_trainable, input_views=input_views),
                FitHead(is_result=False, is_repeated=True),
                pretrain,
                FitHead(is_result=True),
            )
        refits = recipe.head.kind == "linear"
        phases: tuple[Phase, ...] = (
            extract_for_epochs(
                recipe, first_trainable=first_trainable, stage_names=job.stage_names, input_views=input_views
            ),
            FitHead(is_result=False, is_repeated=True),
            pretrain,
            FitHead(is_result=False, is_repeated=refits),
            FineTune(trains_stages=True),
        )
        return (*phases, RefitHead()) if refits else phases


IMPLEMENTATION = Pretraining()
