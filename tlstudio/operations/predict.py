"""Classifies files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.core.files import digest_of
from tlstudio.core.types import PredictedImage
from tlstudio.core.values import unseen_words
from tlstudio.core.wording import count
from tlstudio.data.decode import OnUnseen
from tlstudio.data.given_files import GivenFiles, find_given_files
from tlstudio.data.naming import hidden_sentence
from tlstudio.evaluation.asking import AskingRules, read_rules
from tlstudio.evaluation.class_sets import ClassSets
from tlstudio.export.opening import is_exported, open_exported
from tlstudio.inference.asking import with_asking
from tlstudio.inference.class_folders import copy_while_reading
from tlstudio.inference.predictions_csv import open_table
from tlstudio.inference.predictor import predict_files
from tlstudio.inference.table_target import TableTarget, choose_target
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs import EXPORTS
from tlstudio.specs.operations.predict import PredictArguments

T = TypeVar("T")

DIGEST_LENGTH = 12
"""Hexadecimal digits of a model's SHA-256 that name it in a table."""


UNFINISHED = (
    "what it had learned when it ended answers, and nothing says how good that is. To finish it, resume the "
    "training."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """An opened model.

    Attributes:
        file: The file or folder it was read from.
        columns: Its label columns, in the order of its outputs.
        ask_below: Label column to the probability below which a person is asked.
        has_unknown: Whether it gives an unknown score.
        sets: Label column to the classes that are named for an image.
        predict: Predicts files in order.
    """

    file: Path
    columns: Sequence[LabelColumn]
    ask_below: Mapping[str, AskBelow]
    has_unknown: bool
    sets: Mapping[str, ClassSets]
    predict: Callable[[Sequence[Path]], Iterator[PredictedImage]]

    def answers(self, files: Sequence[Path]) -> Iterator[PredictedImage]:
        """Predictions for files in order, which say where a person is asked."""
        for prediction in self.predict(files):
            yield with_asking(prediction, columns=self.columns, ask_below=self.ask_below, sets=self.sets)


def predict(arguments: PredictArguments, context: Context) -> Values:
    """Classify files and folders.

    Returns:
        `{"predictions", "csv"}`: a list as in `predict --json`, and the table that was written or None.

    Raises:
        UserError: No model, a missing path, no file at all, or a table that cannot be written.
    """
    target = None if arguments.csv is None else choose_target(arguments.csv, restart=arguments.restart)
    predictions = [prediction_json(found) for found in iter_predictions(arguments, context, target=target)]
    if not arguments.probabilities:
        for prediction in predictions:
            for answer in (prediction, *prediction.get("columns", {}).values()):
                del answer["probabilities"]
    return {"predictions": predictions, "csv": str(target.file) if target else None}


def iter_predictions(
    arguments: PredictArguments, context: Context, *, target: TableTarget | None = None
) -> Iterator[PredictedImage]:
    """Predictions one at a time, in order; a bad file gives one with `error` set.

    Args:
        arguments: Of the operation.
        context: Of the operation.
        target: The table to write as well; None chooses it, where the arguments name one.

    Raises:
        UserError: See `predict`.
    """
    predictions = _predictions(arguments, context, target=target)
    if arguments.copy_to is None:
        return predictions
    return copy_while_reading(
        predictions,
        arguments.copy_to,
        sources=arguments.paths,
        run_id=context.run_id,
        emit=context.emit,
    )


def _predictions(
    arguments: PredictArguments, context: Context, *, target: TableTarget | None
) -> Iterator[PredictedImage]:
    if target is None and arguments.csv is not None:
        target = choose_target(arguments.csv, restart=arguments.restart)
    if target is not None and target.note:
        _warn(context, "other-table", target.note)
    given = find_given_files(arguments.paths, control=context.control)
    if given.side_files:
        _warn(context, "side-files", _side_files_note(given))
    if given.hidden_files:
        _warn(context, "hidden-files", hidden_sentence(given.hidden_files))
    unseen: list[str] = []  # layouts; filled by the threads that decode
    model = _open_model(arguments.model, context, on_unseen=unseen.append)
    problems = [
        PredictedImage(path=problem.path, error=f"{problem.reason} {problem.mend}")
        for problem in given.problems
    ]
    if target is None:
        yield from chain(model.answers(given.files), problems)
        _warn_of_unseen(context, unseen)
        return
    name = arguments.model.resolve().name
    with open_table(
        target.file,
        columns=model.columns,
        ask_below=model.ask_below,
        has_unknown=model.has_unknown,
        model=f"{name} {digest_of(model.file)[:DIGEST_LENGTH]}",
        paths=map(str, given.files),
        restart=arguments.restart,
    ) as table:
        if table.done:
            done = sum(str(file) in table.done for file in given.files)
            _warn(
                context,
                "continued",
                f"{done} of {count(len(given.files) + len(problems), 'file')} are in {target.file} already, "
                "by the same model, and are not predicted again; a new table does them anew.",
            )
        new = model.answers([file for file in given.files if str(file) not in table.done])
        for file in given.files:
            earlier = table.done.get(str(file))
            if earlier is not None:
                yield earlier
                continue
            prediction = next(new)
            table.add(prediction)
            yield prediction
        for prediction in problems:
            table.add(prediction)
            yield prediction
        table.put_in_order([*map(str, given.files), *(problem.path for problem in given.problems)])
    _warn_of_unseen(context, unseen)


def _open_model(path: Path, context: Context, *, on_unseen: OnUnseen) -> _Model:
    if is_exported(path):
        predictor = open_exported(path)

        def predict_exported(files: Sequence[Path]) -> Iterator[PredictedImage]:
            return predict_files(
                predictor,
                files,
                run_id=context.run_id,
                emit=context.emit,
                control=context.control,
                on_unseen=on_unseen,
            )

        return _Model(
            file=path,
            columns=predictor.columns,
            ask_below=predictor.ask_below,
            has_unknown=predictor.rules.unknown is not None,
            sets=predictor.class_sets,
            predict=predict_exported,
        )
    # An exported model needs neither of these, which import torch.
    from tlstudio.inference.predict import predict_images, runtime_for
    from tlstudio.models.classifier import load_classifier

    checkpoint, rules = path, AskingRules()
    if path.is_file() and path.suffix != ".safetensors":
        endings = ", ".join(
            dict.fromkeys([*(spec.suffix for spec in EXPORTS if spec.suffix), ".safetensors"])
        )
        raise UserError(
            f"The name of {path} has none of the endings of models ({endings}), so it cannot be opened.",
            mend="If it was exported, give it the ending of its format; else give the folder of a run.",
        )
    if path.suffix != ".safetensors":
        run = open_run(path)
        checkpoint, rules = run.trained_model(), read_rules(run) or rules
        if not run.finished:
            _warn(context, "unfinished-run", f"{run.path.name} is not finished: {UNFINISHED}")
    classifier = load_classifier(checkpoint)

    def predict_run(files: Sequence[Path]) -> Iterator[PredictedImage]:
        return predict_images(
            classifier,
            files,
            runtime=runtime_for(classifier, count=len(files), control=context.control),
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
            on_unseen=on_unseen,
        )

    return _Model(
        file=checkpoint,
        columns=classifier.columns,
        ask_below=rules.thresholds,
        has_unknown=classifier.rules.unknown is not None,
        sets=rules.sets,
        predict=predict_run,
    )


def _side_files_note(given: GivenFiles) -> str:
    kinds = Counter(file.suffix.lower() for file in given.side_files)
    named = ", ".join(f"{number} {suffix}" for suffix, number in sorted(kinds.items()))
    files = count(len(given.side_files), "file is", plural="files are")
    return f"{files} no image and passed over ({named})."


def _warn_of_unseen(context: Context, layouts: Sequence[str]) -> None:
    if layouts:
        mend = "Predict images like those of the training, or train with images like these."
        _warn(context, "values-of-another-kind", f"{unseen_words(layouts)} {mend}")


def _warn(context: Context, code: str, message: str) -> None:
    context.emit(WarningRaised(run_id=context.run_id, code=code, message=message))


def prediction_json(prediction: PredictedImage) -> Values:
    """One element of `predict --json`."""
    values = {
        "path": prediction.path,
        **_answer_json(prediction),
        "unknown": prediction.unknown,
        "ask": _first(prediction.ask, prediction),
        "classes": _first(prediction.named, prediction),
        "error": prediction.error,
    }
    if prediction.columns:
        values["columns"] = {
            name: {
                **_answer_json(PredictedImage(path=prediction.path, probabilities=own)),
                "ask": prediction.ask.get(name),
                "classes": prediction.named.get(name),
            }
            for name, own in prediction.columns.items()
        }
    return values


def _first(by_column: Mapping[str, T], prediction: PredictedImage) -> T | None:
    """The value of the first label column; None where there is none."""
    return by_column.get(next(iter(prediction.columns or by_column), ""))


def _answer_json(prediction: PredictedImage) -> Values:
    return {
        "class": prediction.class_name,
        "probability": prediction.probability,
        "probabilities": dict(prediction.probabilities),
    }


IMPLEMENTATION = predict
