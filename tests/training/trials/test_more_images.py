"""What more images would give, measured on a state of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import ignore
from tlstudio.training.state import TrainingState
from tlstudio.training.trials import more_images
from tlstudio.training.trials.more_images import measure_more_images

MakeState = Callable[..., TrainingState]


@pytest.fixture
def state(make_state: MakeState, monkeypatch: pytest.MonkeyPatch) -> TrainingState:
    """Few images are enough here, so that the test is quick."""
    monkeypatch.setattr(more_images, "FEWEST_PER_CLASS", 0.5)
    monkeypatch.setattr(more_images, "MORE", (2, 5, 10))
    return make_state()


def measure(state: TrainingState, control: Control | None = None):
    return measure_more_images(state, tiny_backbone(), emit=ignore, control=control or Control())


def test_the_curve_goes_on_from_all_images_to_more(state: TrainingState):
    curve = measure(state)
    images = len(state.train) + len(state.validation)
    assert curve is not None
    assert curve.judged == images
    assert curve.now is not None
    assert curve.now.images_per_class == pytest.approx(images / 3)
    assert curve.expected.images_per_class == pytest.approx(images / 3 + curve.more_per_class)
    assert curve.more_per_class <= images / 3
    sizes = [point.images_per_class for point in (*curve.points, curve.now, curve.expected)]
    assert sizes == sorted(sizes)
    assert curve.expected.accuracy >= curve.now.accuracy
    assert curve.weak_mistakes <= curve.mistakes
    assert bool(curve.weak_class) == bool(curve.weak_mistakes)
    assert not curve.stages_learned


def test_too_few_images_of_each_class_give_no_curve(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    state = make_state()
    assert len(state.train) / 3 < 10
    assert measure(state) is None


def test_features_of_very_many_images_are_not_computed_for_it_alone(
    state: TrainingState, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(more_images, "MOST_TO_EXTRACT", 5)
    assert measure(state) is not None
    state.backbone_changed = True
    assert measure(state) is None
    monkeypatch.setattr(more_images, "MOST_TO_EXTRACT", 500)
    curve = measure(state)
    assert curve is not None
    assert curve.stages_learned


def test_images_without_a_label_do_not_count(state: TrainingState):
    unlabelled = tuple(replace(image, label=-1) for image in state.validation)
    count = len(state.train)
    state.validation = unlabelled
    curve = measure(state)
    assert curve is not None
    assert curve.judged == count


def test_it_can_be_cancelled(state: TrainingState):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        measure(state, control)
