"""Label columns that were learned together, compared with each of them alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from tests.training.test_label_columns import with_sizes
from tests.training.trials.shifting import ShiftBackbone
from tlstudio.core.control import Control
from tlstudio.core.events import Event, WarningRaised, ignore
from tlstudio.evaluation.comparisons import read_comparisons
from tlstudio.features.images import column_labels
from tlstudio.specs.recipe import Recipe
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_columns import FitColumns
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.column_comparison import compare_columns, logits_alone
from tlstudio.training.trials.do_no_harm import comparing, without_harm
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run, out_of_fold_logits

MakeState = Callable[..., TrainingState]


@pytest.fixture
def state(make_state: MakeState) -> TrainingState:
    """With 100 images of both columns for a single fold, all held out."""
    state = with_sizes(make_state())
    image = state.train[0]
    images = [
        replace(image, path=f"{n}.jpg", label=n % 3, further=(n % 2 if n < 60 else -1,)) for n in range(100)
    ]
    return replace(state, train=tuple(images), validation=())


FOLDS = tuple(Fold(train=torch.arange(0), held_out=half) for half in torch.arange(100).split(50))


def right_for(state: TrainingState, first: int, second: int) -> torch.Tensor:
    """Logits of both columns that are right for the first so many images."""
    labels = column_labels(state.train, columns=2)
    parts = []
    for number, (right, size) in enumerate(((first, 3), (second, 2))):
        own = labels[:, number].clamp_min(0)
        answers = torch.where(torch.arange(100) < right, own, (own + 1) % size)
        parts.append(torch.nn.functional.one_hot(answers, size).float())
    return torch.cat(parts, dim=1)


def compared(state: TrainingState, before, after, solo):
    alone = right_for(state, *solo).split([3, 2], dim=1)
    logits = [alone[0][:50], alone[1][:50]]  # of the first fold
    return compare_columns(
        right_for(state, *before), right_for(state, *after), logits, state=state, folds=FOLDS
    )


def test_a_column_that_got_worse_returns_the_plain_heads(state: TrainingState):
    found = compared(state, (50, 50), (90, 20), (40, 40))
    assert found.start_returned
    assert found.sentence.startswith(
        "Learning the columns together made “size” worse, so the plain heads are kept: “label” 90.0 % right "
        "against 50.0 % with its plain head (+40.0 points"
    )
    first, second = found.columns
    assert (first.n, second.n) == (100, 60)
    assert second.alone is not None
    assert (second.accuracy, second.alone.n) == (20 / 60, 50)
    assert (second.alone.accuracy, second.alone.alone_accuracy) == (20 / 50, 40 / 50)
    assert second.alone.interval[0] <= second.alone.difference <= second.alone.interval[1] < 0
    found.check()


def test_what_is_not_worse_is_kept_and_its_figures_stand_beside_those_alone(state: TrainingState):
    found = compared(state, (50, 40), (90, 39), (45, 45))
    assert not found.start_returned
    assert (found.start_accuracy, found.accuracy) == (0.5, 0.9)
    assert "“size” 65.0 % right against 66.7 % with its plain head" in found.sentence
    assert "on 50 of the images 78.0 % against 90.0 % by a classifier of that column alone" in found.sentence


def test_columns_need_not_be_learned_alone(state: TrainingState):
    found = compare_columns(
        right_for(state, 50, 40), right_for(state, 90, 39), None, state=state, folds=FOLDS
    )
    assert [column.alone for column in found.columns] == [None, None]
    assert "alone" not in found.sentence


def test_plain_heads_answer_the_same_alone_and_together(make_state: MakeState):
    state = with_sizes(make_state())
    phases = (ExtractFeatures(first_trainable=None), FitColumns(columns=2, is_result=True))
    folds = folds_of_run(state)
    progress = comparing(folds, state, emit=ignore)
    before = [value.clone() for value in state.classifier.state_dict().values()]
    together = out_of_fold_logits(phases, state, folds, progress=progress, control=Control())
    alone = logits_alone(phases, state, folds[0], progress=progress, control=Control())
    assert together is not None
    assert alone is not None
    labels = column_labels(state.train + state.validation, columns=2)[folds[0].held_out]
    first = together[: len(labels)]
    torch.testing.assert_close(first[:, :3], alone[0])
    torch.testing.assert_close(first[labels[:, 1] >= 0, 3:], alone[1])
    assert all(torch.equal(a, b) for a, b in zip(before, state.classifier.state_dict().values(), strict=True))
    stopped = Control()
    stopped.stop()
    assert logits_alone(phases, state, folds[0], progress=progress, control=stopped) is None


def test_stages_that_harm_give_way_to_the_plain_heads_and_that_is_said_once(make_state: MakeState):
    recipe = Recipe(strategy="multi-task", freeze="top", inputs={"columns": "size"})
    state, events = with_sizes(make_state(recipe)), list[Event]()
    harm = (ShiftBackbone(), ExtractFeatures(first_trainable=None), FitColumns(columns=2, is_result=True))
    kept = without_harm(harm, state, must_be="not-worse", emit=events.append, control=Control())
    assert [type(phase) for phase in kept] == [ExtractFeatures, FitColumns]
    (warning,) = (event for event in events if isinstance(event, WarningRaised))
    assert warning.message.startswith("Learning the columns together made “label”")
    assert "so the plain heads are kept" in warning.message
    found = read_comparisons(state.run).strategy
    assert found is not None
    assert [column.name for column in found.columns] == ["label", "size"]
    assert all(column.alone is not None for column in found.columns)
