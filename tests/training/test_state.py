from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.collecting import images_of
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.data.preprocessing import normalise
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import read_input
from tlstudio.features.views import PLAIN
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings, build_recipe
from tlstudio.training.state import TrainingState


@pytest.fixture
def state(photos: Photos, tmp_path: Path) -> TrainingState:
    """A state with large head weights, still in train mode, and features of all images noted."""
    images, backbone = tuple(images_of(photos(per_class=3))), tiny_backbone()
    torch.manual_seed(1)
    head = build_head(HeadSettings(dropout=0.5), feature_size=24, classes_count=3)
    with torch.no_grad():
        head.linear.weight.mul_(100)
    classifier = Classifier(
        backbone=backbone, head=head, classes=("a", "b", "c"), preprocessing=PREPROCESSING
    )
    noted = ExactFeatures(images)
    inputs = torch.stack([read_input(image.file, preprocessing=PREPROCESSING) for image in images])
    with torch.inference_mode():
        noted.record([(i.sha256, PLAIN) for i in images], backbone(normalise(inputs, PREPROCESSING)))
    head.train()
    return TrainingState(
        run=RunFolder(tmp_path / "run"),
        recipe=build_recipe({}),
        classifier=classifier,
        train=(),
        validation=images,
        device="cpu",
        threads=1,
        exact_features=noted,
    )


def test_features_equal_to_the_backbones_own_are_kept(state: TrainingState):
    with state.exact_features_checked():
        pass
    assert len(state.exact_features.features(state.validation)) == len(state.validation)


def test_features_that_change_the_predictions_are_dropped(state: TrainingState):
    """The features differ by far less than runtimes may (1 % in length), but the probabilities by more."""
    noted = state.exact_features.features(state.validation)
    keys = [(image.sha256, PLAIN) for image in state.validation]
    state.exact_features.record(keys, torch.stack(list(noted.values())) * 1.005)
    with state.exact_features_checked():
        pass
    assert state.exact_features.features(state.validation) == {}


def test_features_of_a_deleted_image_are_dropped(state: TrainingState):
    for image in state.validation:
        image.file.unlink()
    with state.exact_features_checked():
        pass
    assert state.exact_features.features(state.validation) == {}


def test_an_error_inside_the_block_is_raised_and_leaves_no_thread(state: TrainingState):
    with pytest.raises(KeyError), state.exact_features_checked():
        raise KeyError
