"""Backbones ranked by a cross-validated head and their speed."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Event, StageProgress, ignore
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.stages import Backbone
from tlstudio.training.auto import ranking
from tlstudio.training.auto.ranking import rank_backbones
from tlstudio.training.state import TrainingState

MakeState = Callable[..., TrainingState]


def blind_backbone(backbone_id: str, **rest: object) -> Backbone:
    """The tiny backbone; the one named "blind" sees nothing."""
    backbone = tiny_backbone()
    if backbone_id == "blind":
        with torch.no_grad():
            for parameter in backbone.parameters():
                parameter.zero_()
    return backbone


@pytest.fixture
def rank(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranking, "load_backbone", blind_backbone)
    state = make_state()

    def run(*names: str, emit=ignore, control: Control | None = None, timings: int = ranking.TIMINGS):
        return rank_backbones(
            state.train + state.validation,
            names,
            recipe=state.recipe,
            device="cpu",
            threads=1,
            timings=timings,
            run_id="r",
            emit=emit,
            control=control or Control(),
        )

    return run


def test_the_more_accurate_backbone_comes_first(rank):
    first, second = rank("blind", "seeing")
    assert (first.id, second.id) == ("seeing", "blind")
    assert first.accuracy > second.accuracy
    assert (first.difference, second.difference) == (0, pytest.approx(second.accuracy - first.accuracy))
    assert second.difference_interval.high < 0
    assert first.seconds_per_1000 > 0


def test_one_that_is_clearly_worse_drops_out_early(rank, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranking, "ROUNDS", (15, 20, 24))
    first, second, third = rank("seeing", "blind", "seeing-too")
    assert third.id == "blind"
    assert (first.n, second.n, third.n) == (24, 24, 15)
    (alone, behind) = rank("seeing", "blind")
    assert (alone.n, behind.n) == (15, 15), "one that is left alone need not go on"


def test_the_least_of_several_timings_in_turn_counts(rank, monkeypatch: pytest.MonkeyPatch):
    given = iter([9.0, 1.0, 3.0, 8.0, 5.0, 5.0, 4.0, 6.0])
    order: list[int] = []

    def seconds(self: FeatureExtractor, images: object, *, repeats: int) -> float:
        order.append(id(self))
        return next(given)

    monkeypatch.setattr(FeatureExtractor, "seconds_per_1000", seconds)
    rows = rank("seeing", "seeing-too")
    assert {row.id: row.seconds_per_1000 for row in rows} == {"seeing": 3.0, "seeing-too": 1.0}
    assert order == [order[0], order[1]] * 4


def test_the_fastest_runtime_of_each_is_looked_for_only_if_the_speed_is_asked_for(
    rank, monkeypatch: pytest.MonkeyPatch
):
    looked_for: list[str] = []

    def choose(backbone: Backbone, **rest: object) -> RuntimeChoice:
        looked_for.append(backbone.id)
        return RuntimeChoice()

    monkeypatch.setattr(ranking, "choose_runtime", choose)
    timed = rank("seeing", "blind")
    assert len(looked_for) == 2
    untimed = rank("seeing", "blind", timings=0)
    assert len(looked_for) == 3
    assert [row.accuracy for row in untimed] == [row.accuracy for row in timed]


def test_every_part_of_the_sample_has_all_classes_alike(make_state: MakeState):
    state = make_state()
    sample = ranking._sample(state.train + state.validation, seed=0)
    for count in range(3, len(sample) + 1, 3):
        numbers = [0, 0, 0]
        for image in itertools.islice(sample, count):
            numbers[image.label] += 1
        assert max(numbers) - min(numbers) <= 1


def test_progress_runs_to_its_end_and_it_can_be_cancelled(rank):
    events: list[Event] = []
    rank("seeing", "seeing-too", emit=events.append)
    progress = [event for event in events if isinstance(event, StageProgress)]
    assert events[1] == progress[0], "it is counted from the first moment"
    assert progress[0].done == 0
    assert progress[-1].done == progress[-1].total
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        rank("seeing", control=control)
