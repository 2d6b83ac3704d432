"""One of several label columns as a run of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.events import ignore
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.training.label_columns import in_column, of_column
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.state import TrainingState

MakeState = Callable[..., TrainingState]
SIZE = LabelColumn(name="size", classes=("large", "small"))


def with_sizes(state: TrainingState) -> TrainingState:
    """The same with a further column, in which every other image has a label, and one image has no other."""
    plain = state.classifier
    head = build_head(state.recipe.head, feature_size=24, classes_count=2)
    classifier = Classifier(
        backbone=plain.backbone, head=plain.head, classes=plain.classes, further=[(SIZE, head)]
    )

    def sized(images):
        return tuple(
            replace(image, further=(int(image.label == 0) if number % 2 else -1,))
            for number, image in enumerate(images)
        )

    *train, last = state.train
    return replace(
        state,
        classifier=classifier,
        train=sized(train),
        validation=sized(state.validation),
        inputs={"columns": (replace(last, label=-1, further=(1,)),)},
    )


def test_each_column_has_its_own_images_classes_and_head(make_state: MakeState):
    state = with_sizes(make_state())
    ExtractFeatures(first_trainable=None).run(state, emit=ignore, control=Control())
    state.column_l2, state.checkpoint = (0.1, 0.2), state.run.last_checkpoint
    first, second = of_column(state, 0), of_column(state, 1)
    assert [image.path for image in first.train] == [image.path for image in state.train]
    assert all(image.further == () for image in first.train + second.train)
    (only,) = state.inputs["columns"]
    assert [image.path for image in second.train] == [*(i.path for i in state.train[1::2]), only.path]
    assert [image.label for image in second.train][-1] == 1
    assert len(second.validation) == len(state.validation) // 2
    assert (first.recipe.classes, second.recipe.classes) == (state.recipe.classes, SIZE.classes)
    assert (first.classifier.head, second.classifier.head) == state.classifier.heads
    assert (first.head_l2, second.head_l2) == (0.1, 0.2)
    assert first.checkpoint is not None
    assert second.checkpoint is None
    features = second.extracted.train.features().table()
    assert torch.equal(features[-1], state.extracted.inputs["columns"].features().table()[0])


def test_training_images_come_before_those_with_a_further_label_alone(make_state: MakeState):
    state = with_sizes(make_state())
    ExtractFeatures(first_trainable=None).run(state, emit=ignore, control=Control())
    learned = state.learned_activations()
    assert learned.images == (*state.train, *state.inputs["columns"])
    batches = state.images(learned)
    assert batches.labels.shape == (len(learned.images), 2)
    assert batches.labels[-1].tolist() == [-1, 1]
    assert len(list(in_column(learned.images, 0))) == len(state.train)
