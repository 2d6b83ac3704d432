import json

import pytest

from tests.report.conftest import take_test_away
from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.core.finding import Finding
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import gather


def test_contents_of_a_finished_run(run: RunFolder) -> None:
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


def test_skipped_files_have_their_reason(run: RunFolder) -> None:
    (skipped,) = gather(run).skipped
    assert skipped.path == "daisy/notes <1>.jpg"
    assert skipped.reason == "Only text."


def test_repeated_epochs_count_once(run: RunFolder) -> None:
    # After a kill, a resumed run trains the epochs since its last checkpoint once more.
    for event in [event for event in run.read_events() if getattr(event, "epoch", 0) >= 5]:
        run.append_event(event)
    assert [epoch["epoch"] for epoch in gather(run).curves["epochs"]] == list(range(9))


def test_validation_is_reported_without_a_test_set(run: RunFolder) -> None:
    take_test_away(run)
    contents = gather(run)
    assert contents.evaluation.subset == "validation"
    assert contents.evaluation.n == 12


def _with_findings(run: RunFolder, *findings: Finding) -> None:
    """Store findings with the test evaluation of a run."""
    metrics = run.read_json(run.metrics)
    metrics["test"]["findings"] = [finding.as_values() for finding in findings]
    run.metrics.write_text(json.dumps(metrics), encoding="utf-8")


def test_findings_come_by_severity_and_their_warnings_are_not_repeated(run: RunFolder) -> None:
    fine = Finding(check="checked", severity="ok", message="Fine.")
    few = Finding(check="too-few", severity="warning", message="Few images.", mend="Add some.")
    _with_findings(run, fine, few)
    run.append_event(WarningRaised(run_id="r", code="too-few", message="Few images. Add some."))
    contents = gather(run)
    assert contents.findings == (few, fine)
    assert contents.warnings == ("1 file is not used.",)


def test_a_run_without_findings_shows_its_warnings(run: RunFolder) -> None:
    run.append_event(WarningRaised(run_id="r", code="too-few", message="Few images."))
    contents = gather(run)
    assert contents.findings == ()
    assert contents.warnings == ("1 file is not used.", "Few images.")


def test_unfinished_runs_are_refused(run: RunFolder) -> None:
    run.metrics.unlink()
    with pytest.raises(UserError, match=r"metrics\.json"):
        gather(run)


def test_optional_files_may_be_missing(run: RunFolder) -> None:
    for file in (run.predictions, run.environment, run.events):
        file.unlink()
    contents = gather(run)
    assert contents.skipped == ()
    assert contents.wrong() == []
    assert contents.environment == {}


def _in_latin_1(run: RunFolder) -> None:
    run.split.write_bytes(run.split.read_bytes().replace(b"daisy/", "d\u00e4isy/".encode("latin-1")))


def _with_a_wrong_accuracy(run: RunFolder) -> None:
    part = {"accuracy": 5, "random_accuracy": 0.5, "majority_accuracy": 0.5, "n": 3, "difference": 0.1}
    run.comparisons.write_text(json.dumps({"pretraining": {**part, "interval": [0, 1]}}))


def _of_an_unknown_status(run: RunFolder) -> None:
    run.metrics.write_text(run.metrics.read_text().replace('"finished"', '"banana"'))


@pytest.mark.parametrize(
    ("damage", "file"),
    [
        (_in_latin_1, "split.csv"),
        (_with_a_wrong_accuracy, "comparisons.json"),
        (lambda run: run.comparisons.write_text("{"), "comparisons.json"),
        (_of_an_unknown_status, "metrics.json"),
    ],
)
def test_a_damaged_file_is_refused_by_name(run: RunFolder, damage, file: str) -> None:
    damage(run)
    with pytest.raises(UserError, match=file.replace(".", r"\.")) as raised:
        gather(run)
    assert raised.value.mend


def test_events_that_cannot_be_read_are_told(run: RunFolder) -> None:
    assert not gather(run).damage
    with run.events.open("a") as file:
        file.write("garbage\n{}\n")
    contents = gather(run)
    assert "2 lines of events.jsonl could not be read" in contents.damage
    assert contents.damage in contents.warnings
