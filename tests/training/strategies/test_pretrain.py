"""First learning without labels: kept where it helps, undone where not, and the same after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.planning.test_estimate import WorkClock, estimate
from tests.training.tiny import Photos, same_weights, tiny_backbone, train, weights_of
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Emit, Event, StageProgress, StageStarted, ignore
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons
from tlstudio.features.views import PLAIN, View
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe
from tlstudio.training.phases import pretrain as phase
from tlstudio.training.planning import cost_probe
from tlstudio.training.planning import estimate as estimate_module
from tlstudio.training.run import assembly, look_back
from tlstudio.training.run import run as run_module
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import pretrain as strategy

pytestmark = pytest.mark.usefixtures("tiny")
Learn = Callable[..., dict]
CLASSES = ("ants", "bees")
EARLY = {"scan", "backbone"}
"""Stages in which nothing takes long."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer views and checkpoints after every epoch."""
    monkeypatch.setattr(strategy, "pretraining_views", lambda *_, **__: (PLAIN, View(flip_vertical=True)))
    monkeypatch.setattr(
        run_module, "TrainingState", lambda **rest: TrainingState(**rest, checkpoint_seconds=0.0)
    )
    monkeypatch.setattr(cost_probe, "load_backbone", tiny_backbone)


@pytest.fixture
def learn(photos: Photos, tmp_path: Path) -> Learn:
    root = photos(classes=CLASSES, per_class=4)
    more = photos(name="more", classes=("many",), per_class=50, seed=5)

    def run(name: str, *, options: dict | None = None, emit: Emit = ignore, **rest) -> dict:
        settings = {"strategy": "pretrain", "strategy_options": {"passes": 3, **(options or {})}}
        given = {"unlabelled": str(more)}
        return train(root, tmp_path / name, inputs=given, emit=emit, **settings, **rest)

    return run


@pytest.fixture
def always_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(state: TrainingState, start: object, **_: object) -> StrategyComparison:
        return StrategyComparison(
            start_accuracy=0.5,
            accuracy=0.75,
            n=8,
            difference=0.25,
            interval=(0.1, 0.4),
            start_returned=False,
            reason="It helped.",
        )

    monkeypatch.setattr(phase, "try_unlabelled", found)


def changed_stages(run: Path) -> set[str]:
    """The stages of a run's classifier that differ from those of the backbone."""
    before, after = tiny_backbone().state_dict(), weights_of(run)
    assert all(tensor.isfinite().all() for tensor in after.values())
    return {
        name.split(".")[1] for name, value in before.items() if not value.equal(after[f"backbone.{name}"])
    }


def test_where_nothing_is_gained_the_plain_head_is_returned_and_one_sentence_says_so(
    learn: Learn, tmp_path: Path, photos: Photos, monkeypatch: pytest.MonkeyPatch
):
    clock = WorkClock()
    for module in (assembly, look_back, cost_probe):
        monkeypatch.setattr(module, "load_backbone", clock.backbone)
    monkeypatch.setattr(estimate_module, "pretraining_seconds", lambda *_, **__: 0.0)
    result, took = learn("run"), clock()
    found = read_comparisons(RunFolder(tmp_path / "run")).strategy
    assert found is not None
    assert found.start_returned
    assert [text for text in result["warnings"] if "50 images without a label did not" in text]
    assert changed_stages(tmp_path / "run") == set()
    assert read_recipe(tmp_path / "run/recipe.json").freeze == "top", "the head alone cannot learn so"
    plain = train(tmp_path / "photos", tmp_path / "probe")
    assert result["validation"] == plain["validation"]
    told = estimate(
        photos(name="others", classes=CLASSES, per_class=4, seed=3),
        tmp_path / "never",
        clock=clock,
        strategy="pretrain",
        strategy_options={"passes": 3},
        inputs={"unlabelled": str(photos(name="further", classes=("many",), per_class=50, seed=4))},
    )
    assert told.total_seconds == pytest.approx(took, rel=0.5)
    assert not (tmp_path / "never").exists()


@pytest.mark.usefixtures("always_helps")
def test_a_run_killed_after_it_ends_the_same_after_resume(learn: Learn, tmp_path: Path):
    class Killed(BaseException):
        pass

    def kill(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "training":
            raise Killed

    rest = {"options": {"afterwards": "stages"}, "epochs": 2}
    whole = learn("whole", **rest)
    with pytest.raises(Killed):
        learn("torn", emit=kill, **rest)
    torn = learn("torn", resume=True, **rest)
    assert same_weights(tmp_path / "whole", tmp_path / "torn")
    assert torn["test"] == whole["test"]
    assert changed_stages(tmp_path / "torn") == {"top"}


@pytest.mark.usefixtures("always_helps")
def test_a_cancelled_run_is_a_whole_classifier_and_a_stopped_one_too(learn: Learn, tmp_path: Path):
    control = Control()

    def cancel(event: Event) -> None:
        if isinstance(event, StageProgress) and event.stage == "unlabelled" and event.done == 4:
            control.cancel()

    with pytest.raises(Cancelled):
        learn("run", emit=cancel, control=control)
    assert changed_stages(tmp_path / "run") == set()
    control = Control()

    def cancel_later(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "comparison":
            control.cancel()

    with pytest.raises(Cancelled):
        learn("later", emit=cancel_later, control=control)
    best = RunFolder(tmp_path / "later").best_checkpoint
    assert not best.exists(), "the head of the plain start does not fit the stages that were learned"
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, StageProgress) and event.stage == "unlabelled":
            control.stop()

    result = learn("stopped", emit=stop, control=control)
    assert any("was stopped before it could be seen" in text for text in result["warnings"])
    assert changed_stages(tmp_path / "stopped") == set()


def test_what_it_needs_is_said_before_anything_long_and_leaves_no_run(
    learn: Learn, photos: Photos, tmp_path: Path
):
    events = list[Event]()
    root = photos(name="alike", classes=CLASSES, per_class=25)
    settings = {"strategy": "pretrain", "split": {"validation": 0, "test": 0}}
    with pytest.raises(UserError, match="Only 0 images without a label are not among the labelled ones"):
        train(root, tmp_path / "same", inputs={"unlabelled": str(root)}, emit=events.append, **settings)
    assert not RunFolder(tmp_path / "same").recipe.exists()
    assert {event.stage for event in events if isinstance(event, StageStarted)} <= EARLY
    single = photos(name="single", per_class=1)
    with pytest.raises(UserError, match="Label at least two images of a class"):
        train(single, tmp_path / "one", inputs={"unlabelled": str(tmp_path / "more")}, **settings)
    assert not RunFolder(tmp_path / "one").recipe.exists()
