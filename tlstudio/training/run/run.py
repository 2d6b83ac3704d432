"""Runs one training: from images and a recipe to a classifier and its evaluation, all written to disk."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import (
    CheckpointSaved,
    ClassifierEvaluated,
    Emit,
    JobSucceeded,
    StageStarted,
    WarningRaised,
    final_event_of,
)
from tlstudio.core.files import write_json
from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import Split, SplitName
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.asking import choose_rules, write_rules
from tlstudio.evaluation.comparisons import drop_damaged_comparisons, read_comparisons
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.label_scores import read_label_scores
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import write_predictions_csv
from tlstudio.evaluation.run_result import (
    RunResult,
    RunSeconds,
    read_run_result,
    with_stored_predictions,
    with_tries,
)
from tlstudio.evaluation.unseen import unseen_predictions
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.runtimes import find_runtime
from tlstudio.models.tensor_files import read_tensors
from tlstudio.models.weights import weights_sha256
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.backbone_choice import choose_backbone
from tlstudio.training.auto.choice import choose
from tlstudio.training.phases.sequence import run_phases
from tlstudio.training.run.assembly import assemble
from tlstudio.training.run.damage import damage_beside
from tlstudio.training.run.event_log import RunLog
from tlstudio.training.run.examination import Examination, Examine, no_checks
from tlstudio.training.run.held_out import (
    learn_from_validation,
    predict_run,
    write_held_out,
    write_out_of_fold,
)
from tlstudio.training.run.inputs import read_inputs
from tlstudio.training.run.known_images import note_images, note_near_hashes
from tlstudio.training.run.look_back import look_back, pretrained_backbone
from tlstudio.training.run.preparation import (
    Preparation,
    prepare,
    with_weights,
    write_recipe,
    write_settings,
)
from tlstudio.training.run.warnings_before import warn_before
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import (
    plan_phases,
    strategy_spec,
    with_checked_options,
    with_freeze_line,
)
from tlstudio.training.trials.do_no_harm import without_harm
from tlstudio.training.trials.teacher_comparison import note_teacher
from tlstudio.training.unknown.attach import attach_unknown


def train_run(
    dataset: Dataset,
    run: RunFolder,
    recipe: Recipe,
    *,
    split: Split | None = None,
    resume: bool = False,
    examine: Examine = no_checks,
    emit: Emit,
    control: Control,
) -> dict[str, Any]:
    """Train a classifier and evaluate it. A run that was interrupted resumes where it was.

    Args:
        dataset: The images.
        run: Run folder that everything is written to; outside the folder of images.
        recipe: All settings of a new run; a resumed run uses its own.
        split: Split of a new run; None to draw one as the recipe says.
        resume: Resume the run in the folder; a finished run returns its result again.
        examine: Runs the checks of the classifier, while it is trained and at the end.
        emit: Receives all events; the same are written to events.jsonl.
        control: Cancel, pause, or stop and keep what was learnt so far.

    Returns:
        The object of `tlstudio train --json`.

    Raises:
        UserError: Something to mend, with what and how.
        Cancelled: The person cancelled; the run can be resumed later.
    """
    root = dataset.root.resolve()
    if run.path.resolve().is_relative_to(root):
        raise UserError(
            f"The run folder {run.path} lies inside the folder of images.",
            mend="Choose one outside: nothing is written among your images.",
        )
    run.create()
    with run.lock():
        if resume and run.finished:
            # A damaged or missing file is written again, from the last checkpoint.
            with suppress(UserError, ValueError, OSError):
                read_comparisons(run)
                read_label_scores(run)
                run.read_json(run.environment)
                read_tensors(run.best_checkpoint)
                result = with_stored_predictions(read_run_result(run), run).as_train_json(run.path)
                damage = damage_beside(run, control=control)
                for sentence in damage:
                    emit(WarningRaised(run_id=run.path.name, code="damaged-file", message=sentence))
                return with_tries({**result, "warnings": [*result["warnings"], *damage]}, run)
        # A refused run leaves no trace.
        preparation = prepare(dataset, run, recipe, resume=resume, drawn=split)
        drop_damaged_comparisons(run)
        try:
            result = with_tries(
                _train(dataset, run, preparation, examine=examine, emit=emit, control=control), run
            )
        except Exception as error:
            # A run that the end of the program cut off looks like a killed one: nobody cancelled it.
            if not (control.program_ended and isinstance(error, Cancelled)):
                with suppress(OSError):  # a full disk must not hide what happened
                    run.append_event(final_event_of(error, run_id=run.path.name))
            raise
        run.append_event(JobSucceeded(run_id=run.path.name, result=result))
        return result


def _train(
    dataset: Dataset,
    run: RunFolder,
    preparation: Preparation,
    *,
    examine: Examine,
    emit: Emit,
    control: Control,
) -> dict[str, Any]:
    started = time.monotonic()
    preparation = replace(preparation, recipe=with_checked_options(preparation.recipe))
    recipe = preparation.recipe
    log = RunLog(run, emit=emit)
    examination = Examination(run, log=log, dataset=dataset, split=preparation.split, examine=examine)
    device = choose_device(recipe.device)
    threads = set_threads(recipe.threads)
    keep_freed_memory()
    control.check()

    # Before anything that takes long: what was given may have to be mended.
    preparation, inputs = read_inputs(dataset, preparation, run_id=run.path.name, emit=log, control=control)
    recipe = choose_backbone(
        preparation.recipe,
        (*preparation.images["train"], *preparation.images["validation"]),
        device=device.device,
        threads=threads,
        run_id=run.path.name,
        emit=log,
        control=control,
    )
    preparation = replace(preparation, recipe=recipe)
    log(StageStarted(run_id=run.path.name, stage="backbone", title="Loading the backbone"))
    learned = inputs.learned
    classifier = assemble(preparation.recipe, learned, run_id=run.path.name, emit=log, control=control)
    preparation = with_weights(preparation, weights_sha256(classifier.backbone))
    recipe = with_freeze_line(preparation.recipe, stage_names=classifier.backbone.stage_names)
    preparation = replace(preparation, recipe=recipe)
    state = TrainingState(
        run=run,
        recipe=recipe,
        classifier=classifier,
        train=preparation.images["train"],
        validation=preparation.images["validation"],
        device=device.device,
        threads=threads,
        inputs=inputs.images,
        columns=inputs.columns,
        last_checkpoint=run.last_checkpoint,
        exact_features=ExactFeatures(preparation.images["validation"]),
    )
    if recipe.freeze != "auto":
        for phase in plan_phases(recipe, stage_names=classifier.backbone.stage_names):
            phase.check(state)
    runtime = _runtime(run, preparation, classifier, device=device.device, threads=threads, control=control)
    only_further = learned.only_further if learned else ()
    warn_before(dataset, preparation, device, also_used=only_further, run_id=run.path.name, emit=log)
    write_settings(run, preparation, device=device.device, threads=threads, runtime=asdict(runtime))
    note_images(run, preparation, more=only_further)

    state.runtime = runtime
    classifier.to(device.device)
    trained_from = time.monotonic()
    try:
        if recipe.freeze == "auto":
            choice = choose(state, emit=log, control=control)
            state.recipe = with_checked_options(choice.recipe)
            # A kill between the two repeats the folds of what was chosen, not all tries.
            write_recipe(run, state.recipe)
            write_held_out(state, choice.logits)
        phases = plan_phases(state.recipe, stage_names=classifier.backbone.stage_names)
        must_be = strategy_spec(state.recipe.strategy).must_be
        if must_be is not None:
            phases = without_harm(phases, state, must_be=must_be, emit=log, control=control)
        learn_from_validation(phases, state, emit=log, control=control)
        outcome = run_phases(phases, state, emit=examination, control=control)
    except Cancelled:
        if run.last_checkpoint.exists() and state.head_fits:  # its best weights are in place
            classifier.eval()
            classifier.save(run.best_checkpoint)
        raise
    train_seconds = time.monotonic() - trained_from - state.features_time.seconds
    classifier.eval()
    classifier.save(run.best_checkpoint)
    log(
        CheckpointSaved(
            run_id=run.path.name, kind="best", epoch=outcome.best_epoch, path=str(run.best_checkpoint)
        )
    )
    # A person who stopped training wants the metrics of what is kept; only cancelling ends the evaluation.
    predictions = predict_run(
        state, preparation.images["test"], is_cut=outcome.is_cut, emit=log, control=control
    )
    write_out_of_fold(state, outcome.out_of_fold)
    write_predictions_csv(run.predictions, {name: part for name, part in predictions.items() if part.paths})
    column = classifier.columns[0].name
    # Validation images that the classifier learned from may have no predictions.
    units = {name: unit_numbers(preparation.images[name]) for name, part in predictions.items() if part.paths}
    validation = evaluate_predictions(
        predictions["validation"], subset="validation", column=column, group_of=units.get("validation")
    )
    test = evaluate_predictions(predictions["test"], subset="test", column=column, group_of=units.get("test"))
    if test.n or validation.n:
        # It is wanted first; all that follows says how far to trust it.
        log(_accuracy_of("test" if test.n else "validation", test if test.n else validation, run))
    note_near_hashes(
        run,
        preparation,
        more=only_further,
        preprocessing=classifier.preprocessing,
        emit=log,
        control=control,
    )
    pretrained = pretrained_backbone(state, control=control)
    look_back(state, pretrained, emit=log, control=control)
    note_teacher(state, images=preparation.images, predictions=predictions, emit=log, control=control)
    attach_unknown(state, pretrained, emit=log, control=control)
    classifier.save(run.best_checkpoint)
    validation, test = examination.finish(validation, test)
    write_rules(run, choose_rules(unseen_predictions(run, validation)))
    images: dict[str, int] = {name: len(part) for name, part in preparation.images.items()}
    result = RunResult(
        status="stopped" if control.stopped else "finished",
        classes=recipe.classes,
        images={**images, "skipped": len(dataset.problems)},
        validation=validation,
        test=test,
        epochs=outcome.epochs,
        best_epoch=outcome.best_epoch,
        train_accuracy=outcome.train_accuracy,
        training_precision=outcome.precision,
        seconds=RunSeconds(
            total=round(time.monotonic() - started + outcome.earlier_seconds, 3),
            features=round(state.features_time.seconds, 3),
            train=round(train_seconds + outcome.earlier_seconds, 3),
        ),
        warnings=tuple(log.warnings),
    )
    write_json(run.metrics, result.as_json())
    return result.as_train_json(run.path)


def _accuracy_of(side: SplitName, evaluation: Evaluation, run: RunFolder) -> ClassifierEvaluated:
    metrics = evaluation.primary.metrics
    assert metrics.accuracy is not None  # there are images
    assert metrics.interval is not None
    return ClassifierEvaluated(
        run_id=run.path.name,
        side=side,
        accuracy=metrics.accuracy,
        interval=metrics.interval.pair,
        n=metrics.n,
    )


def _runtime(
    run: RunFolder,
    preparation: Preparation,
    classifier: Classifier,
    *,
    device: str,
    threads: int,
    control: Control,
) -> RuntimeChoice:
    """Choose what computes the frozen stages; a resumed run keeps its earlier choice."""
    if preparation.is_resumed:
        with suppress(UserError, ValueError):  # damaged, or of an older version
            earlier = read_dataclass(RuntimeChoice, run.read_json(run.environment).get("runtime"))
            if find_runtime(earlier.runtime).usable(device):
                return earlier
    return choose_runtime(
        classifier.backbone,
        preprocessing=classifier.preprocessing,
        device=device,
        threads=threads,
        control=control,
    )
