"""Several label columns: one backbone, and a head for each column."""

from __future__ import annotations

from tlstudio.data.tables.further_columns import names_of
from tlstudio.models.freezing import resolve_freeze
from tlstudio.specs.strategies.multi_task import COLUMNS
from tlstudio.training.phases.extract_features import ExtractFeatures, extract_for_epochs
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
        refits = recipe.head.kind == "linear"
        phases: tuple[Phase, ...] = (
            extract_for_epochs(recipe, first_trainable=first_trainable, stage_names=job.stage_names),
            FitColumns(columns=columns, is_result=False, is_repeated=refits),
            FineTune(trains_stages=True),
        )
        return (*phases, RefitColumns(columns=columns)) if refits else phases


IMPLEMENTATION = MultiTask()
