"""Runs the data checks on a folder."""

from __future__ import annotations

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.scan import scan_folder
from tlstudio.features.looks import LookWriter
from tlstudio.operations.class_counts import class_counts
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import data_facts, feature_recipe, with_near_duplicates
from tlstudio.specs.operations.check import CheckArguments
from tlstudio.specs.recipe import Recipe


def check(arguments: CheckArguments, context: Context) -> Values:
    """Scan a folder and run the data checks on it.

    The message of a finding ends with its mend, where there is one.

    Returns:
        `{"images", "classes", "findings"}` as fixed for `check --json`.
    """
    sink = LookWriter()
    dataset = scan_folder(
        arguments.folder,
        how=HowToRead(
            layout=arguments.layout,
            label_column=arguments.label_column,
            groups=arguments.groups,
            groups_lenient=True,
        ),
        run_id=context.run_id,
        emit=context.emit,
        control=context.control,
        sink=sink,
    )
    sink.flush()
    dataset = with_near_duplicates(dataset, context)
    evidence = Evidence(
        dataset=dataset,
        data_facts=data_facts(dataset, recipe=feature_recipe(Recipe(), dataset)),
        run_id=context.run_id,
        emit=context.emit,
    )
    return {
        "images": len(dataset.images),
        "classes": class_counts(dataset),
        "findings": [
            {key: value for key, value in finding.as_json().items() if key != "numbers"}
            for finding in run_checks(evidence, subject="data", control=context.control)
        ],
    }


IMPLEMENTATION = check
