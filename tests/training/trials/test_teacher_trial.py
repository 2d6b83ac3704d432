"""What a teacher's answers are worth is measured on images whose labels it has not learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn.functional import one_hot

from tests.training.tiny import Photos
from tlstudio.core.control import Control
from tlstudio.core.events import Event, WarningRaised, ignore
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons
from tlstudio.features.images import RunImage
from tlstudio.training.phases.ask_teacher import AskTeacher
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.try_teacher import TryTeacher
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.teacher_trial import try_teacher

MakeState = Callable[..., TrainingState]


@pytest.fixture
def state(make_state: MakeState) -> TrainingState:
    """With features, and a teacher that is right."""
    state = make_state()
    ExtractFeatures(first_trainable=None).run(state, emit=ignore, control=Control())
    answer(state, shift=0)
    return state


def answer(state: TrainingState, *, shift: int) -> None:
    """Lets the teacher take each class for one so many places further."""
    images = (*state.train, *state.validation)
    state.teacher_logits = {
        image.sha256: 5.0 * one_hot(torch.tensor((image.label + shift) % 3), 3) for image in images
    }


def tried(state: TrainingState, learned: frozenset[str] | None) -> StrategyComparison:
    return try_teacher(
        state, unlabelled="more", temperature=2.0, trust=0.8, learned=learned, control=Control()
    )


def test_only_images_that_the_teacher_has_not_learned_judge_it(state: TrainingState):
    train = frozenset(image.sha256 for image in state.train)
    assert tried(state, train).n == len(state.validation)
    assert tried(state, frozenset()).n == len(state.train) + len(state.validation)
    assert not tried(state, train).start_returned


@pytest.mark.parametrize(
    ("is_known", "reason"), [(True, "has learned from all labelled images"), (False, "is not known which")]
)
def test_where_no_image_can_judge_it_that_is_said(state: TrainingState, is_known: bool, reason: str):
    everything = frozenset(image.sha256 for image in (*state.train, *state.validation))
    found = tried(state, everything if is_known else None)
    assert not found.start_returned
    assert f"cannot be measured, because it {reason}" in found.sentence


def test_a_teacher_that_is_wrong_even_where_it_learned_is_refused_and_forgotten(
    state: TrainingState, tmp_path: Path
):
    answer(state, shift=1)
    events: list[Event] = []
    phase = TryTeacher(tmp_path / "gone", unlabelled="more", temperature=2.0, trust=0.8)
    for _ in range(2):  # the second time as a resumed run, from what was written
        phase.run(state, emit=events.append, control=Control())
        assert state.teacher_logits == {}
    found = read_comparisons(state.run).strategy
    assert found is not None
    assert found.accuracy == 0
    warnings = [event.message for event in events if isinstance(event, WarningRaised)]
    assert warnings == [found.sentence] * 2
    assert "nothing to learn from this teacher: it is right for 0.0 %" in found.sentence


def test_labelled_images_among_the_unlabelled_are_not_asked_twice(
    state: TrainingState, photos: Photos, monkeypatch: pytest.MonkeyPatch
):
    file = photos(name="more", per_class=1, seed=5).rglob("*.jpg").__next__()
    new = RunImage(path="new.jpg", file=file, sha256="0" * 64, label=-1)
    state.inputs = {"more": (*state.validation, new)}
    state.extracted = state.extracted.__class__(
        model=state.extracted.model,
        train=state.extracted.train,
        validation=state.extracted.validation,
        inputs={"more": state.extracted.validation},
    )
    monkeypatch.setattr(AskTeacher, "_answers", lambda *_, **__: {})
    AskTeacher(Path("teacher"), unlabelled="more").run(state, emit=ignore, control=Control())
    assert state.inputs["more"] == state.extracted.inputs["more"].images == ()
