import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tlstudio.core.errors import UserError
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.evaluation.run_result import (
    RunResult,
    RunSeconds,
    read_run_result,
    read_whole_result,
    with_stored_predictions,
)
from tlstudio.project.runs import RunFolder

MADE_BY_0_1 = Path(__file__).parents[1] / "fixtures/made_by_0.1/project/runs/run-1"


def predictions(n: int) -> Predictions:
    return Predictions(
        paths=tuple(f"{number}.jpg" for number in range(n)),
        classes=("a", "b"),
        probabilities=np.full((n, 2), 0.5),
        true_indices=np.zeros(n, dtype=np.int64),
    )


def some_result(*, test: int = 2) -> RunResult:
    return RunResult(
        status="finished",
        classes=("a", "b"),
        images={"train": 10, "validation": 4, "test": test, "skipped": 1},
        validation=evaluate_predictions(predictions(4), subset="validation"),
        test=evaluate_predictions(predictions(test), subset="test"),
        epochs=8,
        best_epoch=6,
        train_accuracy=0.9,
        training_precision="bfloat16",
        seconds=RunSeconds(total=3.5, features=1.0, train=2.0),
        warnings=("1 file is not used.",),
    )


def written(folder: Path, values: object) -> RunFolder:
    run = RunFolder(folder)
    run.metrics.write_text(json.dumps(values), encoding="utf-8")
    return run


def test_what_is_written_can_be_read(tmp_path: Path):
    result = some_result()
    read = read_run_result(written(tmp_path, result.as_json()))
    assert read.as_json() == result.as_json()
    assert read.as_train_json(tmp_path) == result.as_train_json(tmp_path)


def test_the_object_of_train_has_its_fixed_keys(tmp_path: Path):
    values = some_result(test=0).as_train_json(tmp_path)
    assert list(values) == [
        *("run", "status", "classes", "images", "validation", "test", "epochs", "best_epoch", "seconds"),
        "warnings",
    ]
    assert values["test"] == {"accuracy": None, "interval": None, "n": 0}
    assert set(values["seconds"]) == {"total", "features", "train"}


def test_several_label_columns_are_printed_by_name(tmp_path: Path):
    result = some_result()
    size = {"size": ColumnEvaluation(metrics=Metrics(accuracy=0.5, n=4))}
    result = dataclasses.replace(
        result,
        validation=dataclasses.replace(result.validation, columns={**result.validation.columns, **size}),
        test=dataclasses.replace(result.test, columns={**result.test.columns, **size}),
    )
    columns = result.as_train_json(tmp_path)["columns"]
    assert list(columns) == ["label", "size"]
    assert columns["size"]["test"] == {"accuracy": 0.5, "interval": None, "n": 4}


def test_test_images_are_reported_and_validation_images_without_them():
    assert some_result().reported.subset == "test"
    assert some_result(test=0).reported.subset == "validation"


def test_predictions_are_added_by_split():
    read = RunResult.from_json(some_result().as_json())
    assert read.test.primary.predictions is None
    complete = read.with_predictions({"validation": predictions(4)})
    assert complete.validation.primary.most_wrong(1) == ()
    assert complete.validation.primary.cell(0, 0) == ("0.jpg", "1.jpg", "2.jpg", "3.jpg")
    assert complete.test.primary.predictions is None


def test_a_run_of_the_first_version_is_read():
    result = read_run_result(RunFolder(MADE_BY_0_1))
    assert result.status == "finished"
    assert result.test.n == result.images["test"] == 6
    assert result.test.primary.classes == result.classes == ("blue", "green", "red")
    assert result.test.findings == ()
    assert (
        result.as_json()["validation"].items()
        >= json.loads((MADE_BY_0_1 / "metrics.json").read_text())["validation"].items()
    )


def test_keys_that_are_missing_or_unknown_are_no_damage(tmp_path: Path):
    values = {"status": "finished", "validation": {"n": 0}, "test": {"n": 0}, "from_the_future": 3}
    result = read_run_result(written(tmp_path, values))
    assert (result.epochs, result.best_epoch, result.warnings, result.seconds.total) == (0, None, (), None)


@pytest.mark.parametrize(
    "values",
    [
        {"a": 1},
        [],
        {"status": "finished"},
        {"status": "finished", "validation": {"n": 0}, "test": 3},
        {"status": "finished", "validation": {"n": 0}, "test": {"n": 2}},
        {"status": "finished", "validation": {"n": 0}, "test": {"n": 0}, "images": [1]},
        {"status": "finished", "validation": {"n": 0}, "test": {"n": 0}, "epochs": "many"},
        {"status": "finished", "validation": {"n": 0}, "test": {"n": 1, "accuracy": 1, "interval": [1]}},
    ],
)
def test_damaged_files_are_refused_with_what_to_do(tmp_path: Path, values: object):
    with pytest.raises(UserError, match=r"metrics\.json is damaged") as caught:
        read_run_result(written(tmp_path, values))
    assert "resume" in caught.value.mend


def test_an_unfinished_run_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no metrics\.json"):
        read_run_result(RunFolder(tmp_path))


def test_an_evaluation_knows_its_subset():
    result = RunResult.from_json(some_result().as_json())
    assert isinstance(result.test, Evaluation)
    assert (result.test.subset, result.validation.subset) == ("test", "validation")


def stored(folder: Path) -> RunFolder:
    """A finished run with its predictions: four validation images and two test images."""
    run = written(folder, some_result().as_json())
    write_predictions_csv(run.predictions, {"validation": predictions(4), "test": predictions(2)})
    return run


def test_stored_predictions_are_joined_to_their_metrics(tmp_path: Path):
    run = stored(tmp_path)
    for result in (with_stored_predictions(read_run_result(run), run), read_whole_result(run)):
        assert result.test.primary.predictions is not None
    run.predictions.unlink()
    assert read_whole_result(run).test.primary.predictions is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda rows: rows[:-1],
        lambda rows: rows[:1],
        lambda rows: [*rows, *rows[1:]],
        lambda rows: [*rows, "train,9.jpg,a,a,0.5,0.5\n"],
        lambda rows: [row.replace("test,", "tests,") for row in rows],
        lambda rows: [row.replace("0.5,0.5", "0.1,0.9") for row in rows],
        lambda rows: [row.replace("P(b)", "P(c)") for row in rows],
    ],
)
def test_predictions_that_contradict_the_metrics_are_refused(tmp_path: Path, damage):
    run = stored(tmp_path)
    rows = run.predictions.read_text().splitlines(keepends=True)
    run.predictions.write_text("".join(damage(rows)))
    with pytest.raises(UserError, match=r"predictions\.csv is damaged"):
        read_whole_result(run)


def test_predictions_of_several_columns_must_all_agree_with_the_metrics(tmp_path: Path):
    def of(name: str) -> Predictions:
        return dataclasses.replace(predictions(4), further={name: predictions(4)})

    run = RunFolder(tmp_path / "run")
    run.create()
    result = dataclasses.replace(
        some_result(),
        validation=evaluate_predictions(predictions(0), subset="validation"),
        test=evaluate_predictions(of("health"), subset="test", column="species"),
    )
    write_predictions_csv(run.predictions, {"test": of("health")})
    joined = with_stored_predictions(result, run).test
    assert joined.columns["health"].predictions is not None
    assert joined.columns["species"].predictions is not None
    write_predictions_csv(run.predictions, {"test": of("size")})
    with pytest.raises(UserError, match="is damaged"):
        with_stored_predictions(result, run)
