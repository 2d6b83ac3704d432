from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.tiny import Photos, tiny_backbone
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core import progress
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.core.files import sha256_of
from tlstudio.core.recipe import HeadSettings
from tlstudio.features.images import RunImage, read_input
from tlstudio.inference.predict import predict_images, predict_labelled
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head


@pytest.fixture
def classifier() -> Classifier:
    backbone = tiny_backbone()
    head = build_head(HeadSettings(dropout=0.9), feature_size=24, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=("a", "b", "c")).train()


def files_of(root: Path) -> list[Path]:
    return sorted(root.rglob("*.jpg"))


def test_answers_come_in_order_and_are_those_of_the_classifier(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    answers = list(predict_images(classifier, files))
    assert [answer.path for answer in answers] == [str(file) for file in files]
    inputs = torch.stack([read_input(file, preprocessing=classifier.preprocessing) for file in files])
    with torch.inference_mode():
        wanted = classifier.eval().probabilities(inputs)
    for answer, row in zip(answers, wanted, strict=True):
        assert list(answer.probabilities) == ["a", "b", "c"]
        assert list(answer.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-6)
        assert sum(answer.probabilities.values()) == pytest.approx(1)


def test_a_bad_file_has_its_reason_and_harms_no_other(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    whole = list(predict_images(classifier, files))
    files[5].write_bytes(b"no image at all")
    files[11].unlink()
    mixed = list(predict_images(classifier, files))
    for number, (before, after) in enumerate(zip(whole, mixed, strict=True)):
        if number in (5, 11):
            assert after.error
            assert after.class_name is None
        else:
            assert after == before


def test_only_bad_files_and_no_files(tmp_path: Path, classifier: Classifier):
    bad = [tmp_path / f"{number}.jpg" for number in range(40)]
    answers = list(predict_images(classifier, bad))
    assert len(answers) == 40
    assert all(answer.error for answer in answers)
    assert list(predict_images(classifier, [])) == []


def test_progress_is_told_and_cancel_is_heard(
    photos: Photos, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    events: list[Event] = []
    files = files_of(photos())
    list(predict_images(classifier, files, run_id="r", emit=events.append))
    assert isinstance(events[0], StageStarted)
    assert [event.done for event in events if isinstance(event, StageProgress)] == list(range(1, 25))
    control = Control()
    asking = predict_images(classifier, files, control=control)
    assert next(asking).class_name
    control.cancel()
    with pytest.raises(Cancelled):
        list(asking)


def test_memory_stays_flat(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    sum(1 for _ in predict_images(classifier, files * 10))
    before = resident_memory_bytes()
    if before is None:
        pytest.skip("this system does not say how much memory a process holds")
    sum(1 for _ in predict_images(classifier, files * 100))
    after = resident_memory_bytes()
    assert after is not None
    assert after - before < 5e6, "2400 inputs of 3 kB, decoded ahead, would be 7 MB and more"


def test_figures_do_not_leave_out_images(photos: Photos, classifier: Classifier):
    files = files_of(photos())[:4]
    images = [RunImage(path=f.name, file=f, sha256=sha256_of(f), label=n % 3) for n, f in enumerate(files)]
    given = predict_labelled(classifier, images, run_id="", title="t", emit=ignore, control=Control())
    assert given.true_indices.tolist() == [0, 1, 2, 0]
    assert given.probabilities.sum(axis=1) == pytest.approx(1)
    other = replace(images[2], sha256="0" * 64)
    with pytest.raises(UserError, match=files[2].name):
        predict_labelled(classifier, [other], run_id="", title="t", emit=ignore, control=Control())


def test_an_image_is_decoded_once_in_its_life(photos: Photos, classifier: Classifier, fresh_cache):
    file = files_of(photos())[0]
    image = RunImage(path=file.name, file=file, sha256=sha256_of(file), label=0)
    first = predict_labelled(classifier, [image], run_id="", title="t", emit=ignore, control=Control())
    file.unlink()
    again = predict_labelled(classifier, [image], run_id="", title="t", emit=ignore, control=Control())
    assert (again.probabilities == first.probabilities).all()
