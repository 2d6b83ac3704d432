from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.collecting import images_of
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.core.recipe import HeadSettings, build_recipe
from tlstudio.data.preprocessing import normalise
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import read_input
from tlstudio.features.views import PLAIN
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.training.state import TrainingState


@pytest.fixture
def session(photos: Photos, tmp_path: Path) -> TrainingState:
    """With a head whose every weight matters, still in train mode, and features of all its images noted."""
    images, backbone = tuple(images_of(photos(per_class=3))), tiny_backbone()
    torch.manual_seed(1)
    head = build_head(HeadSettings(dropout=0.5), feature_size=24, classes_count=3)
    with torch.no_grad():
        head.linear.weight.mul_(100)
    classifier = Classifier(
        backbone=backbone, head=head, classes=("a", "b", "c"), preprocessing=PREPROCESSING
    )
    shown = ExactFeatures(images)
    inputs = torch.stack([read_input(image.file, preprocessing=PREPROCESSING) for image in images])
    with torch.inference_mode():
        shown.note([(i.sha256, PLAIN) for i in images], backbone(normalise(inputs, PREPROCESSING)))
    head.train()
    return TrainingState(
        run=RunFolder(tmp_path / "run"),
        recipe=build_recipe({}),
        classifier=classifier,
        train=(),
        validation=images,
        device="cpu",
        threads=1,
        shown=shown,
    )


def test_features_that_the_backbone_gives_itself_count(session: TrainingState):
    with session.shown_checked():
        pass
    assert len(session.shown.features(session.validation)) == len(session.validation)


def test_a_difference_that_changes_the_heads_answers_is_found(session: TrainingState):
    """Far within what features may differ by (length 1 %), but not within what answers may."""
    noted = session.shown.features(session.validation)
    shown = [(image.sha256, PLAIN) for image in session.validation]
    session.shown.note(shown, torch.stack(list(noted.values())) * 1.005)
    with session.shown_checked():
        pass
    assert session.shown.features(session.validation) == {}


def test_an_image_that_is_gone_is_asked_about_anew(session: TrainingState):
    for image in session.validation:
        image.file.unlink()
    with session.shown_checked():
        pass
    assert session.shown.features(session.validation) == {}


def test_what_fails_inside_comes_out_and_leaves_no_thread(session: TrainingState):
    with pytest.raises(KeyError), session.shown_checked():
        raise KeyError
