"""Several label columns: one backbone, and a head for each column."""

from __future__ import annotations

from tlstudio.data.tables.further_columns import names_of
from tlstudio.features.views import PLAIN, cached_views, split_views
from tlstudio.models.freezing import resolve_freeze
from tlstudio.specs.strategies.multi_task import COLUMNS
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.fit_columns import FitColumns, RefitColumns
from tlstudio.training.phases.phase import Phase
from tlstudio.training.strategies import TrainingJob


class MultiTask:
    """With every stage frozen, each head is the linear probe of its column.

    With a freeze line the stages above it learn from all columns together, and then each head is fitted anew.
    """

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        recipe = job.recipe
        columns = 1 + len(names_of(job.inputs.get(COLUMNS.id, "")))
        first_trainable = resolve_freeze(recipe.freeze, job.stage_names)
        if first_trainable is None:
            return ExtractFeatures(first_trainable=None), FitColumns(columns=columns, is_result=True)
        takes_images = first_trainable == job.stage_names[0]
        views = (PLAIN,) if takes_images else cached_views(recipe.augmentation, seed=recipe.seed)
        initial_views, background_views = split_views(views)
        refits = recipe.head.kind == "linear"
        phases: tuple[Phase, ...] = (
            ExtractFeatures(
                first_trainable=first_trainable,
                views=initial_views,
                background_views=background_views[: recipe.epochs - 1],
                input_views=initial_views,
            ),
            FitColumns(columns=columns, is_result=False, is_repeated=refits),
            FineTune(trains_stages=True),
        )
        return (*phases, RefitColumns(columns=columns)) if refits else phases


IMPLEMENTATION = MultiTask()
