"""Runs the data checks on a project with its current labels."""

from __future__ import annotations

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import data_facts, refresh_near_duplicates
from tlstudio.project.store import Project
from tlstudio.specs.operations.check_project import CheckProjectArguments
from tlstudio.specs.recipe import Recipe


def check_project(arguments: CheckProjectArguments, context: Context) -> Values:
    """Run the data checks on a project: `{"findings"}`."""
    with Project(arguments.project) as project:
        values = Recipe.model_validate(project.draft()).values
        refresh_near_duplicates(project, context, makes_missing=True, settings=values)
        dataset = project.dataset()
        evidence = Evidence(
            dataset=dataset,
            data_facts=data_facts(dataset, settings=values),
            split=project.split(),
            values=values,
            run_id=context.run_id,
            emit=context.emit,
        )
        findings = run_checks(evidence, subject="data", control=context.control)
    return {"findings": [finding.as_values() for finding in findings]}


IMPLEMENTATION = check_project
