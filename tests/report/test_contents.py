import json

import pytest

from tlstudio.core.errors import UserError
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import gather


def test_everything_is_gathered(run: RunFolder) -> None:
    contents = gather(run)
    assert contents.evaluation.subset == "test"
    assert contents.counts == {"train": 12, "validation": 12, "test": 12}
    assert contents.evaluation.n == 12
    assert len(contents.curves["epochs"]) == 9
    assert contents.curves["epochs"][3]["interval"]
    assert contents.curves["best_epoch"] == 6
    wrong = contents.wrong()
    assert contents.evaluation.primary.metrics.wrong_count == 3 == len(wrong)
    assert not any(image.is_correct for image in wrong)
    assert all(image.probability == 0.8 for image in wrong)
    assert contents.backbone is not None
    assert contents.environment["device"] == "cpu"
    assert contents.warnings == ("1 file is not used.",)


def test_files_that_were_not_used_have_their_reason(run: RunFolder) -> None:
    (skipped,) = gather(run).skipped
    assert skipped.path == "daisy/notes <1>.jpg"
    assert skipped.reason == "Only text."


def test_epochs_that_came_again_count_once(run: RunFolder) -> None:
    event = next(event for event in run.read_events() if getattr(event, "epoch", None) == 5)
    run.append_event(event)
    assert [epoch["epoch"] for epoch in gather(run).curves["epochs"]] == list(range(9))


def test_validation_stands_in_for_a_missing_test(run: RunFolder) -> None:
    metrics = run.read_json(run.metrics)
    metrics["test"] = {"n": 0}
    run.metrics.write_text(json.dumps(metrics), encoding="utf-8")
    contents = gather(run)
    assert contents.evaluation.subset == "validation"
    assert contents.evaluation.n == 12


def test_unfinished_runs_are_refused(run: RunFolder) -> None:
    run.metrics.unlink()
    with pytest.raises(UserError, match=r"metrics\.json"):
        gather(run)


def test_missing_extras_are_no_fault(run: RunFolder) -> None:
    for file in (run.predictions, run.environment, run.events):
        file.unlink()
    contents = gather(run)
    assert contents.skipped == ()
    assert contents.wrong() == []
    assert contents.environment == {}
