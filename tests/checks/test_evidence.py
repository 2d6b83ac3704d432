"""Evidence: each part once, from data alone or from a run."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from tests.checks.made import dataset, evaluation, images
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone, train
from tlstudio.checks import evidence as evidence_module
from tlstudio.checks import image_evidence
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.events import EpochEnded
from tlstudio.core.types import Split
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.spec import EvidencePart
from tlstudio.training.run import assembly, look_back

PARTS = get_args(EvidencePart)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the parts that were computed, each time that one was."""
    computed: list[str] = []

    def count(module: ModuleType, name: str) -> None:
        real = getattr(module, name)

        def counting(*args, **kwargs):
            computed.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, counting)

    for name in ("read_thumbnails", "extract_features", "load_classifier"):
        count(image_evidence, name)
    count(evidence_module, "read_run_split")
    monkeypatch.setattr(image_evidence, "load_backbone", tiny_backbone)
    monkeypatch.setattr(image_evidence, "preprocessing_of", lambda backbone: PREPROCESSING)
    return computed


@pytest.fixture
def run(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A finished linear probe of the tiny backbone."""
    monkeypatch.setattr(look_back, "load_backbone", tiny_backbone)
    monkeypatch.setattr(assembly, "load_backbone", tiny_backbone)
    train(photos(), tmp_path / "run")
    return RunFolder(tmp_path / "run")


def test_parts_of_the_data_are_computed_once_and_only_when_asked_for(photos: Photos, counted: list[str]):
    evidence = Evidence(dataset=scan_folder(photos(per_class=2)))
    assert counted == []
    first, again = (evidence.thumbnails(control=Control()) for _ in range(2))
    assert first is again
    assert counted == ["read_thumbnails"]
    first, again = (evidence.features(control=Control()) for _ in range(2))
    assert first is again
    assert first.values.shape == (6, 24)
    assert counted == ["read_thumbnails", "extract_features"]


def test_parts_of_a_run_are_read_once(run: RunFolder, counted: list[str]):
    evidence = Evidence(run=run)
    assert evidence.has("split")
    assert evidence.has("history")
    assert evidence.split is evidence.split
    assert len(evidence.split.assignment) == 24
    assert evidence.history is evidence.history
    epochs = [event.epoch for event in evidence.history]
    assert epochs == sorted(set(epochs)) != []
    assert counted == ["read_run_split"]


def test_history_holds_an_epoch_that_was_trained_again_once(run: RunFolder):
    before = Evidence(run=run).history
    last = before[-1]
    run.append_event(last)
    assert Evidence(run=run).history == before


def test_what_is_given_counts_more_than_what_the_run_holds(run: RunFolder):
    split = Split(assignment={"a/1": "test"}, seed=0, validation_fraction=0, test_fraction=1)
    epoch: EpochEnded = Evidence(run=run).history[0]
    evidence = Evidence(run=run, split=split, history=[epoch])
    assert evidence.split is split
    assert evidence.history == (epoch,)


def test_a_finished_run_is_judged_by_its_test_images(run: RunFolder):
    evidence = Evidence(run=run)
    assert evidence.has("evaluation")
    assert evidence.has("predictions")
    assert evidence.evaluation is evidence.evaluation
    assert evidence.evaluation.subset == "test"
    assert evidence.evaluation.primary.predictions is not None


def test_while_a_run_is_trained_it_is_judged_by_the_validation_images_of_the_kept_epoch(run: RunFolder):
    run.metrics.unlink()
    evidence = Evidence(run=run)
    assert evidence.has("evaluation")
    assert not evidence.has("predictions")
    assert evidence.evaluation.subset == "validation"
    assert evidence.kept_epoch is not None
    assert evidence.evaluation.primary.metrics.confusion == evidence.kept_epoch.confusion
    assert evidence.evaluation.primary.metrics.accuracy == evidence.kept_epoch.validation_accuracy
    assert evidence.evaluation.primary.classes == ("ants", "bees", "leaves")


def test_a_finished_run_that_is_trained_again_is_not_judged_by_its_old_results(run: RunFolder):
    history = Evidence(run=run).history
    run.metrics.write_text("damaged")
    evidence = Evidence(run=run, history=history)
    assert evidence.has("evaluation")
    assert evidence.evaluation.subset == "validation"
    assert not Evidence(run=run, history=()).has("evaluation")


def test_a_run_whose_predictions_are_gone_is_judged_by_its_metrics(run: RunFolder):
    run.predictions.unlink()
    evidence = Evidence(run=run)
    assert evidence.has("evaluation")
    assert not evidence.has("predictions")


def test_a_given_evaluation_counts_more_than_that_of_the_run(run: RunFolder):
    other = evaluation([0, 1], [0, 1], subset="folder")
    assert Evidence(run=run, evaluation=other).evaluation is other


def test_what_is_missing_is_known_beforehand():
    evidence = Evidence()
    assert not any(evidence.has(p) for p in PARTS)
    with pytest.raises(LookupError, match="dataset"):
        _ = evidence.dataset
    with pytest.raises(LookupError, match="split"):
        _ = evidence.split


def test_data_alone_has_everything_but_a_training():
    evidence = Evidence(dataset=dataset(*images(a=1)))
    assert all(evidence.has(part) for part in ("dataset", "thumbnails", "features"))
    assert not evidence.has("history")
