import json
from pathlib import Path

from tlstudio.core.events import StageStarted
from tlstudio.evaluation.comparisons import Comparisons, StrategyComparison, write_comparisons
from tlstudio.evaluation.run_summary import summarise
from tlstudio.project.runs import RunFolder

MADE_BY_0_1 = Path(__file__).parents[1] / "fixtures/made_by_0.1/project/runs"
RECIPE = {"backbone": {"id": "resnet18"}, "strategy": "fine-tune", "epochs": 12}


def made_run(folder: Path, *, recipe: object = RECIPE, metrics: object = None) -> RunFolder:
    run = RunFolder(folder)
    run.create()
    run.recipe.write_text(json.dumps(recipe), encoding="utf-8")
    if metrics is not None:
        run.metrics.write_text(json.dumps(metrics), encoding="utf-8")
    return run


def test_a_finished_run_shows_its_test_accuracy():
    summary = summarise(RunFolder(MADE_BY_0_1 / "run-1"))
    assert (summary.status, summary.split, summary.n, summary.accuracy) == ("finished", "test", 6, 1.0)
    assert summary.interval == (0.6096657120978346, 1.0)
    assert summary.backbone
    assert summary.epoch == 10


def test_without_test_images_the_validation_accuracy_is_shown(tmp_path: Path):
    validation = {"accuracy": 0.5, "interval": [0.2, 0.8], "n": 4}
    metrics = {"status": "finished", "epochs": 3, "validation": validation, "test": {"n": 0}}
    summary = summarise(made_run(tmp_path, metrics=metrics))
    assert (summary.split, summary.n, summary.accuracy) == ("validation", 4, 0.5)
    assert (summary.backbone, summary.strategy, summary.epochs) == ("resnet18", "fine-tune", 12)


def test_a_strategy_that_did_not_help_is_known(tmp_path: Path):
    metrics = {"status": "finished", "epochs": 1, "validation": {"accuracy": 0.5, "n": 4}, "test": {"n": 0}}
    run = made_run(tmp_path, metrics=metrics)
    assert not summarise(run).start_returned
    compared = StrategyComparison(
        start_accuracy=0.5, accuracy=0.4, n=9, difference=-0.1, interval=(-0.3, 0.1), start_returned=True
    )
    write_comparisons(run, Comparisons(strategy=compared))
    assert summarise(run).start_returned
    run.comparisons.write_text("{", encoding="utf-8")
    assert not summarise(run).start_returned


def test_unfinished_runs_say_how_far_they_are(tmp_path: Path):
    run = made_run(tmp_path)
    assert summarise(run).status == "started"
    run.append_event(StageStarted(run_id="r", stage="features", title="Features"))
    run.last_checkpoint.write_bytes(b"weights")
    summary = summarise(run)
    assert (summary.status, summary.epoch, summary.accuracy) == ("interrupted", 0, None)


def test_damaged_files_count_as_interrupted(tmp_path: Path):
    run = made_run(tmp_path, recipe={"backbone": 3}, metrics={"status": "finished"})
    run.last_checkpoint.write_bytes(b"weights")
    run_without_recipe = made_run(tmp_path / "other")
    run_without_recipe.recipe.write_bytes(b"\xff")
    assert summarise(run).status == "interrupted"
    assert summarise(run).backbone == ""
    assert summarise(run_without_recipe).epochs == 0
