"""The freeze line is lowered only as long as that gains more than its noise, and never by the test images."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.tiny import Photos, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Event, StageStarted, TrialEnded, WarningRaised, ignore
from tlstudio.data.splits import read_split
from tlstudio.features import images
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto import choice
from tlstudio.training.auto.candidates import MOST_EPOCHS, OPTIONS, TRIED_WITH
from tlstudio.training.state import TrainingState

MakeState = Callable[..., TrainingState]

pytestmark = pytest.mark.usefixtures("tiny")

AUTO = {"strategy": "fine-tune", "freeze": "auto", "epochs": 3, "optimiser": {"batch_size": 8}}


def rigged(monkeypatch: pytest.MonkeyPatch, accuracies: dict[str, float]) -> list[str]:
    """Lets each freeze line predict this share of each fold of 100 images correctly.

    Returns the lines tried, once for each fold.
    """
    tried: list[str] = []

    def logits_by_fold(_phases, state, folds, *, emit, control):
        for _ in folds:
            freeze = state.recipe.freeze
            tried.append(freeze)
            wrong = torch.arange(100) >= round(100 * accuracies[freeze])
            yield (torch.nn.functional.one_hot(wrong.long(), 3).float(),)

    monkeypatch.setattr(choice, "folds_of_run", lambda state: [None] * 3)
    monkeypatch.setattr(choice, "held_out_labels", lambda state, folds: torch.zeros(300, dtype=torch.long))
    monkeypatch.setattr(choice, "logits_by_fold", logits_by_fold)
    return tried


@pytest.mark.parametrize(
    ("accuracies", "chosen"),
    [
        ((0.5, 0.5, 0.5, 0.5), "head"),
        ((0.5, 0.51, 0.51, 0.51), "head"),
        ((0.5, 0.6, 0.6, 0.6), "top"),
        ((0.5, 0.5, 0.7, 0.4), "middle"),
        ((0.5, 0.6, 0.7, 0.8), "stem"),
        ((0.5, 0.5, 0.4, 0.8), "stem"),
        ((0.9, 0.2, 0.1, 0.3), "head"),
    ],
)
def test_a_lower_line_must_gain_more_than_noise(
    make_state: MakeState, monkeypatch: pytest.MonkeyPatch, accuracies, chosen
):
    tried = ["head", "top", "middle", "stem"]
    lines = rigged(monkeypatch, dict(zip(tried, accuracies, strict=True)))
    events: list[Event] = []
    state = make_state(Recipe(**AUTO))
    recipe = choice.choose(state, emit=events.append, control=Control()).recipe
    assert recipe.freeze == chosen
    assert recipe.strategy == ("linear-probe" if chosen == "head" else "fine-tune")
    assert list(dict.fromkeys(lines)) == tried
    trials = [event for event in events if isinstance(event, TrialEnded)]
    assert [event.freeze for event in trials] == tried
    assert [event.freeze for event in trials if event.best][-1] == chosen
    assert (trials[0].against, trials[0].difference, trials[0].noise) == (None, None, None)
    best = "head"
    for event in trials[1:]:
        assert event.against == best
        assert event.best == (event.difference > event.noise)
        assert event.n == 100 * lines.count(event.freeze)
        assert event.ended_early == (event.difference <= 0), (
            "it has no more right: the other folds are left out"
        )
        best = event.freeze if event.best else best


def test_the_result_equals_a_run_with_the_chosen_settings(photos: Photos, tmp_path: Path):
    root = photos(per_class=10)
    auto = train(root, tmp_path / "auto", **AUTO)
    assert [one["freeze"] for one in auto["tried"]] == ["head", "top", "middle", "stem"]
    assert train(root, tmp_path / "auto", resume=True)["tried"] == auto["tried"]
    recipe = json.loads((tmp_path / "auto/recipe.json").read_text())
    settings = ("strategy", "freeze", "optimiser", "epochs", "kept_epoch", "strategy_options", "learns_from")
    same = train(root, tmp_path / "same", **{name: recipe[name] for name in settings})
    assert (auto["test"], auto["validation"]) == (same["test"], same["validation"])
    one = load_file(tmp_path / "auto/checkpoints/best.safetensors")
    two = load_file(tmp_path / "same/checkpoints/best.safetensors")
    assert all(torch.equal(tensor, two[name]) for name, tensor in one.items())


def test_a_chosen_line_trains_with_the_settings_of_its_trial_and_keeps_the_last_epoch(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rigged(monkeypatch, {"head": 0.5, "top": 0.9, "middle": 0.1, "stem": 0.1})
    gentle = {"strategy": "fine-tune", "freeze": "auto", "epochs": 50, "patience": 1}
    result = train(photos(), tmp_path / "run", **gentle, optimiser={"learning_rate_stages": 2e-4})
    recipe = json.loads((tmp_path / "run/recipe.json").read_text())
    assert recipe["freeze"] == "top"
    assert recipe["optimiser"]["learning_rate_stages"] == 2e-4, "the person's own setting stays"
    assert recipe["optimiser"]["batch_size"] == TRIED_WITH["batch_size"]
    assert result["best_epoch"] == result["epochs"] == MOST_EPOCHS


def test_test_images_are_not_read_by_the_trials(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_cache
):
    opened: list[Path] = []
    choosing = [True]
    real = images.read_file
    monkeypatch.setattr(images, "read_file", lambda file: (choosing and opened.append(file)) or real(file))

    def note(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "evaluation":
            choosing.clear()

    root = photos(per_class=10)
    train(root, tmp_path / "run", emit=note, **AUTO)
    tested = {root / path for path in read_split(tmp_path / "run/split.csv").paths("test")}
    assert tested
    assert not tested & set(opened)


def test_stop_takes_the_best_line_so_far_and_a_cancelled_run_can_be_resumed(photos: Photos, tmp_path: Path):
    def at_first_trial(control: Control, command: str):
        def hear(event: Event) -> None:
            if isinstance(event, TrialEnded):
                getattr(control, command)()

        return hear

    root, control = photos(), Control()
    result = train(root, tmp_path / "stopped", emit=at_first_trial(control, "stop"), control=control, **AUTO)
    assert result["test"]["n"] > 0
    assert result["status"] == "finished", "the trials were stopped, not the training after them"
    assert json.loads((tmp_path / "stopped/recipe.json").read_text())["freeze"] == "head"
    control = Control()
    with pytest.raises(Cancelled):
        train(root, tmp_path / "left", emit=at_first_trial(control, "cancel"), control=control, **AUTO)
    whole = train(root, tmp_path / "whole", **AUTO)
    assert train(root, tmp_path / "left", resume=True)["test"] == whole["test"]


def test_a_budget_ends_the_tries_and_says_what_is_left_out(
    make_state: MakeState, monkeypatch: pytest.MonkeyPatch
):
    lines = rigged(monkeypatch, {"head": 0.5, "top": 0.9, "middle": 0.95, "stem": 0.99})

    def chosen(seconds: float) -> tuple[str, str]:
        lines.clear()
        events: list[Event] = []
        state.recipe = Recipe(budget_seconds=seconds, **AUTO)
        # A fold takes one second.
        found = choice.choose(state, emit=events.append, control=Control(), clock=lambda: float(len(lines)))
        (note,) = (event for event in events if isinstance(event, WarningRaised))
        return found.recipe.freeze, note.message

    state = make_state()
    assert chosen(6.0) == ("top", "The time for trying was over; 2 tries were left out.")
    assert chosen(8.0)[0] == "top", "the third try was not over"
    assert chosen(11.5) == ("stem", "The time for trying was over.")
    lines = rigged(monkeypatch, {"head": 0.5, "top": 0.4, "middle": 0.4, "stem": 0.4})
    assert chosen(4.0) == ("head", "The time for trying was over; 2 tries were left out."), "one was decided"


def test_a_budget_ends_a_try_within_a_fold(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    rigged(monkeypatch, {"head": 0.5, "top": 0.9})
    rigged_logits, clock = choice.logits_by_fold, [0.0]

    def logits_by_fold(phases, state, folds, *, emit, control):
        for ends in rigged_logits(phases, state, folds, emit=emit, control=control):
            for _ in range(10):
                clock[0] += 1
                emit(StageStarted(run_id="r", stage="training", title="Training"))
                if control.stopped:
                    return
            yield ends

    monkeypatch.setattr(choice, "logits_by_fold", logits_by_fold)
    state, control = make_state(Recipe(budget_seconds=45, **AUTO)), Control()
    chosen = choice.choose(state, emit=ignore, control=control, clock=lambda: clock[0])
    assert chosen.recipe.freeze == "head"
    assert clock == [45]
    assert not control.stopped, "what was chosen is still to be trained"
    clock[0] = 0.0
    state.recipe = Recipe(budget_seconds=5, **AUTO)
    assert choice.choose(state, emit=ignore, control=control, clock=lambda: clock[0]).logits is not None
    assert clock == [30], "the head alone is always tried"


def test_with_time_left_other_settings_of_the_best_line_are_tried(
    make_state: MakeState, monkeypatch: pytest.MonkeyPatch
):
    rigged(monkeypatch, {"head": 0.5, "top": 0.8, "middle": 0.5, "stem": 0.5})
    events: list[Event] = []
    state = make_state(Recipe(budget_seconds=1000, **AUTO))
    found = choice.choose(state, emit=events.append, control=Control(), clock=lambda: 0.0)
    trials = [event for event in events if isinstance(event, TrialEnded)]
    assert [event.option for event in trials] == [""] * 4 + list(OPTIONS)
    assert all((event.freeze, event.against) == ("top", "top") for event in trials[4:])
    assert found.recipe.augmentation == state.recipe.augmentation, "none of them was better"
    assert found.logits is not None
    assert len(found.logits) == 300


def test_a_last_phase_that_does_not_help_is_left_out(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    lines = rigged(monkeypatch, {"head": 0.5, "top": 0.8, "middle": 0.5, "stem": 0.5})
    rigged_logits = choice.logits_by_fold
    sure = {"with": 5.0, "without": 5.0}

    def logits_by_fold(phases, state, folds, *, emit, control):
        for (logits,) in rigged_logits(phases, state, folds, emit=emit, control=control):
            ends = (logits * sure["without"], logits * sure["with"])
            yield ends if phases[-1].option else ends[1:]

    monkeypatch.setattr(choice, "logits_by_fold", logits_by_fold)
    state = make_state(Recipe(**AUTO))
    sure["with"] = 20.0  # as many right, but the wrong ones with certainty
    found = choice.choose(state, emit=ignore, control=Control())
    assert (found.recipe.freeze, found.recipe.strategy_options) == ("top", {"refit_head": False})
    lines.clear()
    sure["with"] = 2.0
    assert choice.choose(state, emit=ignore, control=Control()).recipe.strategy_options == {}
