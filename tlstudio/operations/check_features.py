"""Runs those checks on a project that need the features of its images."""

from __future__ import annotations

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import data_facts, feature_recipe
from tlstudio.project.store import Project
from tlstudio.specs.operations.check_features import CheckFeaturesArguments
from tlstudio.specs.recipe import Recipe


def check_features(arguments: CheckFeaturesArguments, context: Context) -> Values:
    """Run the data checks that need features: `{"findings"}`, none where no backbone is at hand.

    The features are those of the chosen backbone, so a training with it computes none of them again.
    """
    with Project(arguments.project) as project:
        draft = Recipe.model_validate(project.draft())
        dataset, split = project.dataset(), project.split()
    recipe = feature_recipe(draft, dataset)
    if recipe is None or not dataset.images:
        return {"findings": []}
    evidence = Evidence(
        dataset=dataset,
        split=split,
        values=draft.values,
        data_facts=data_facts(dataset, recipe=recipe, settings=draft.values),
        run_id=context.run_id,
        emit=context.emit,
    )
    findings = run_checks(evidence, subject="data", needing="data_features", control=context.control)
    return {"findings": [finding.as_values() for finding in findings]}


IMPLEMENTATION = check_features
