"""Evaluates a run on its own test images or on a labelled folder."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from tlstudio.checks.examine import examine_run, read_examined_result
from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.errors import UserError
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.evaluation.asking import AskingRules, answered_at, asking_json, read_rules
from tlstudio.evaluation.class_sets import sets_json
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.keep_threshold import keep_threshold
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import write_predictions_csv
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.specs.operations.evaluate import EvaluateArguments
from tlstudio.specs.recipe import read_recipe


def evaluate(arguments: EvaluateArguments, context: Context) -> Values:
    """Evaluate a run.

    Its own test images were predicted once, at the end of training: their metrics are read from disk.

    Returns:
        The fixed object of `evaluate --json`; for a folder also `"predictions"`, a CSV file in the cache.

    Raises:
        UserError: No such run, nothing to measure on, or no threshold fulfils the wish.
    """
    run = open_run(arguments.run)
    if arguments.right is not None or arguments.ask_below is not None:
        keep_threshold(
            run, wish=arguments.right, threshold=arguments.ask_below, per_class=arguments.per_class
        )
    if arguments.images is None:
        evaluation = read_examined_result(run, control=context.control).test
        if not evaluation.n:
            raise UserError(
                "This run kept no images for testing.",
                mend="Give a folder of labelled images.",
            )
        return _with_asking(evaluation, run)
    return _evaluate_folder(run, arguments.images, context)


def _evaluate_folder(run: RunFolder, folder: Path, context: Context) -> Values:
    """Evaluate a run on a labelled folder; images of its training do not count."""
    # These need torch; the metrics of the run's own test images do not.
    from tlstudio.inference.folder import predict_folder
    from tlstudio.operations.scanning import scan_for_training

    recipe = read_recipe(run.recipe)
    # Another folder may give the classes otherwise, by its sub-folders for example.
    layout = (
        "auto" if recipe.layout == "none" else recipe.layout
    )  # without labels there is nothing to evaluate
    how = HowToRead(layout=layout, label_column=recipe.label_column, needs_column=False)
    dataset = scan_for_training(folder, recipe=recipe, context=context, how=how)
    found = predict_folder(run, dataset, run_id=context.run_id, emit=context.emit, control=context.control)
    file = _predictions_file(run.path, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_predictions_csv(file, {"folder": found.predictions})
    evaluation = evaluate_predictions(found.predictions, subset="folder", column=found.column)
    findings = examine_run(
        run,
        dataset=dataset,
        evaluation=evaluation,
        left_out=found.left_out,
        emit=context.emit,
        control=context.control,
    )
    evaluation = replace(evaluation, findings=tuple(findings), left_out=found.left_out.counts)
    return {**_with_asking(evaluation, run), "predictions": str(file)}


def _with_asking(evaluation: Evaluation, run: RunFolder) -> Values:
    """The object of `evaluate --json`, with what a threshold and class sets give in each label column."""
    values, rules = evaluation.as_json(), read_rules(run) or AskingRules()
    several = values.get("columns")
    for number, (name, column) in enumerate(evaluation.columns.items()):
        rule, predictions = rules.columns.get(name), column.predictions
        asking = asking_json(rule, answered_at(predictions, rule.below)) if rule and predictions else None
        sets = rules.sets.get(name)
        named = sets_json(sets, predictions) if sets and predictions else None
        if number == 0:
            values |= {"asking": asking, "class_sets": named}
        if several is not None:
            several[name] |= {"asking": asking, "class_sets": named}
    return values


def _predictions_file(run: Path, images: Path) -> Path:
    name = hashlib.sha256(f"{run}\n{images}".encode()).hexdigest()[:16]
    return working_cache_dir() / "evaluations" / f"{name}.csv"


IMPLEMENTATION = evaluate
