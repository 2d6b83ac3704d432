"""A finished run says how unlike its training images an image is, from the backbone as it was before."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.tiny import RECIPES, Photos, tiny_backbone, train
from tlstudio.features.images import RunImage
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.unknown import attach

pytestmark = pytest.mark.usefixtures("tiny")


def trained(
    photos: Photos, run: Path, monkeypatch: pytest.MonkeyPatch, *, per_class: int, name: str
) -> Classifier:
    train(photos(per_class=per_class), run, **RECIPES[name])
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    return load_classifier(RunFolder(run).best_checkpoint)


@pytest.mark.parametrize(
    ("name", "first"), [("probe", None), ("fine-head", None), ("fine", "top"), ("fine-everything", "stem")]
)
def test_the_score_is_of_the_frozen_backbone_whatever_was_trained(
    name: str, first: str | None, photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    classifier = trained(photos, tmp_path / "run", monkeypatch, per_class=20, name=name)
    record = classifier.rules.unknown
    assert record is not None
    assert 19 <= record.images <= 60
    assert record.left_out == 3
    assert (classifier.untrained.stage_names[0] if classifier.untrained else None) == first
    images = probe_images(4, size=32)
    # The same head on the backbone that the training began with gives the same score.
    plain = Classifier(backbone=tiny_backbone(), head=classifier.head, classes=classifier.classes)
    assert classifier.unknown is not None
    plain.set_unknown(classifier.unknown, record=record, untrained=None)
    scores, wanted = (one.eval().outputs(images)[1] for one in (classifier, plain))
    assert scores is not None
    torch.testing.assert_close(scores, wanted, rtol=0, atol=1e-6)


def test_a_run_with_few_images_has_no_score(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    classifier = trained(photos, tmp_path / "run", monkeypatch, per_class=6, name="probe")
    assert classifier.rules.unknown is None
    assert classifier.outputs(probe_images(1, size=32))[1] is None


def test_of_very_many_images_each_class_gives_the_same_number(monkeypatch: pytest.MonkeyPatch):
    images = tuple(
        RunImage(path=f"{number}", file=Path(f"{number}"), sha256=f"{number}", label=int(number % 10 > 7))
        for number in range(100)
    )
    monkeypatch.setattr(attach, "MOST_IMAGES", 30)
    sample = attach._sample(images, seed=0)
    assert [image.label for image in sample].count(1) == 15
    assert list(sample) == sorted(sample, key=images.index)
    assert sample == attach._sample(images, seed=0)
    monkeypatch.setattr(attach, "MOST_IMAGES", 100)
    assert attach._sample(images, seed=0) == images
