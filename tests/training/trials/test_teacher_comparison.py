"""A student beside its teacher, on the images that the run reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.inference.predict import predict_labelled
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.teacher_comparison import compare_with_teacher

MakeState = Callable[..., TrainingState]


def test_a_teacher_with_the_same_weights_and_its_classes_in_another_order_is_equal(
    make_state: MakeState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    state, teacher_run = make_state(), RunFolder(tmp_path / "teacher")
    teacher_run.create()
    own = state.classifier.head.linear
    head = build_head(HeadSettings(), feature_size=24, classes_count=3)
    head.set_linear(own.weight.flip(0), own.bias.flip(0))
    reversed_classes = tuple(reversed(state.recipe.classes))
    Classifier(backbone=tiny_backbone(), head=head, classes=reversed_classes).save(
        teacher_run.best_checkpoint
    )
    images = {"train": state.train, "validation": state.validation, "test": state.train[:5]}
    predictions = {
        side: predict_labelled(
            state.classifier, images[side], run_id="", title="", emit=ignore, control=Control()
        )
        for side in ("validation", "test")
    }

    def compared(**sides):
        return compare_with_teacher(
            state,
            teacher_run,
            images={**images, **sides},
            predictions=predictions,
            emit=ignore,
            control=Control(),
        )

    found = compared()
    assert found is not None
    assert (found.n, found.on_test_images, found.difference) == (5, True, 0)
    assert found.accuracy == found.teacher_accuracy
    assert found.weights_bytes == found.teacher_weights_bytes > 0
    assert min(found.seconds_per_1000, found.teacher_seconds_per_1000) > 0
    without_test = compared(test=())
    assert without_test is not None
    assert (without_test.n, without_test.on_test_images) == (len(state.validation), False)
    assert compared(test=(), validation=()) is None
