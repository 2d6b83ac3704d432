from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.models.scored import with_score
from tests.training.tiny import Photos, tiny_backbone
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core import progress
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.core.files import sha256_of
from tlstudio.features.images import RunImage, read_input
from tlstudio.inference.predict import predict_images, predict_labelled
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings


@pytest.fixture
def classifier() -> Classifier:
    backbone = tiny_backbone()
    head = build_head(HeadSettings(dropout=0.9), feature_size=24, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=("a", "b", "c")).train()


def files_of(root: Path) -> list[Path]:
    return sorted(root.rglob("*.jpg"))


def test_predictions_come_in_order_and_are_those_of_the_classifier(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    predictions = list(predict_images(classifier, files))
    assert [prediction.path for prediction in predictions] == [str(file) for file in files]
    inputs = torch.stack([read_input(file, preprocessing=classifier.preprocessing) for file in files])
    with torch.inference_mode():
        wanted = classifier.eval().probabilities(inputs)
    for prediction, row in zip(predictions, wanted, strict=True):
        assert list(prediction.probabilities) == ["a", "b", "c"]
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-6)
        assert sum(prediction.probabilities.values()) == pytest.approx(1)


def test_unknown_scores_come_with_the_predictions(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    inputs = torch.stack([read_input(file, preprocessing=classifier.preprocessing) for file in files])
    assert {prediction.unknown for prediction in predict_images(classifier, files)} == {None}
    scored = with_score(classifier.eval(), inputs)
    files[3].write_bytes(b"no image at all")
    predictions = list(predict_images(scored, files))
    assert predictions[3].unknown is None
    wanted = scored.outputs(inputs)[1]
    assert wanted is not None
    got = [prediction.unknown for prediction in predictions]
    assert got[:3] + got[4:] == pytest.approx([*wanted[:3].tolist(), *wanted[4:].tolist()], abs=1e-4)
    assert {one.unknown for one in predict_images(scored, files, with_unknown=False)} == {None}


def test_an_unreadable_file_gets_its_reason_and_changes_no_other_prediction(
    photos: Photos, classifier: Classifier
):
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


def test_only_unreadable_files_and_no_files_at_all(tmp_path: Path, classifier: Classifier):
    bad = [tmp_path / f"{number}.jpg" for number in range(40)]
    predictions = list(predict_images(classifier, bad))
    assert len(predictions) == 40
    assert all(prediction.error for prediction in predictions)
    assert list(predict_images(classifier, [])) == []


def test_progress_is_emitted_and_cancel_is_obeyed(
    photos: Photos, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    events: list[Event] = []
    files = files_of(photos())
    list(predict_images(classifier, files, run_id="r", emit=events.append))
    assert isinstance(events[0], StageStarted)
    assert [event.done for event in events if isinstance(event, StageProgress)] == list(range(1, 25))
    control = Control()
    predicting = predict_images(classifier, files, control=control)
    assert next(predicting).class_name
    control.cancel()
    with pytest.raises(Cancelled):
        list(predicting)


def test_memory_does_not_grow_with_the_number_of_files(photos: Photos, classifier: Classifier):
    files = files_of(photos())
    sum(1 for _ in predict_images(classifier, files * 10))
    before = resident_memory_bytes()
    if before is None:
        pytest.skip("this system does not say how much memory a process holds")
    sum(1 for _ in predict_images(classifier, files * 100))
    after = resident_memory_bytes()
    assert after is not None
    assert after - before < 5e6, "2400 inputs of 3 kB, decoded ahead, would be 7 MB and more"


def test_an_unreadable_labelled_image_is_an_error(photos: Photos, classifier: Classifier):
    files = files_of(photos())[:4]
    images = [RunImage(path=f.name, file=f, sha256=sha256_of(f), label=n % 3) for n, f in enumerate(files)]
    predicted = predict_labelled(classifier, images, run_id="", title="t", emit=ignore, control=Control())
    assert predicted.true_indices.tolist() == [0, 1, 2, 0]
    assert predicted.probabilities.sum(axis=1) == pytest.approx(1)
    other = replace(images[2], sha256="0" * 64)
    with pytest.raises(UserError, match=files[2].name):
        predict_labelled(classifier, [other], run_id="", title="t", emit=ignore, control=Control())


def test_a_labelled_image_is_decoded_only_once(photos: Photos, classifier: Classifier, fresh_cache):
    file = files_of(photos())[0]
    image = RunImage(path=file.name, file=file, sha256=sha256_of(file), label=0)
    first = predict_labelled(classifier, [image], run_id="", title="t", emit=ignore, control=Control())
    file.unlink()
    again = predict_labelled(classifier, [image], run_id="", title="t", emit=ignore, control=Control())
    assert (again.probabilities == first.probabilities).all()
