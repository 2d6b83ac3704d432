"""A strategy is a plan of phases; one that is added as a spec and an implementation runs and resumes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.tiny import FINE, RECIPES, Photos, same_weights, tiny_backbone, train, weights_of
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import EpochEnded, Event, StageProgress, StageStarted
from tlstudio.data.scan import scan_folder
from tlstudio.models.tensor_files import read_tensors, save_tensors
from tlstudio.project.runs import RunFolder
from tlstudio.specs import STRATEGIES
from tlstudio.specs import strategies as specs_package
from tlstudio.specs.recipe import build_recipe
from tlstudio.training import strategies as strategies_package
from tlstudio.training.loop.checkpoint import phase_of
from tlstudio.training.phases.phase import changes_backbone
from tlstudio.training.planning import cost_probe
from tlstudio.training.planning.estimate import estimate_run
from tlstudio.training.strategies import plan_phases, with_checked_options

pytestmark = pytest.mark.usefixtures("tiny")

TOY = Path(__file__).parent / "toy"
STAGES = tiny_backbone().stage_names


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Adds the strategy toy-shift, by its two files alone."""
    for package, folder in ((specs_package, TOY / "spec"), (strategies_package, TOY / "implementation")):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    STRATEGIES.refresh()
    yield
    monkeypatch.undo()
    STRATEGIES.refresh()
    for package in (specs_package, strategies_package):
        sys.modules.pop(f"{package.__name__}.toy_shift", None)
        vars(package).pop("toy_shift", None)


@pytest.fixture
def recipe(tmp_path: Path) -> dict[str, Any]:
    """A recipe of the toy strategy, with a second folder of four files and one of its options set."""
    folder = tmp_path / "unlabelled"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").touch()
    return {
        "strategy": "toy-shift",
        "strategy_options": {"amount": 0.02},
        "inputs": {"unlabelled": str(folder)},
    }


def shifted_by(run: Path) -> float:
    """Measure how far the weights of the last stage are from those of the tiny backbone."""
    backbone = tiny_backbone()
    weight = backbone.stage("top").get_parameter("0.weight")
    name = next(name for name, parameter in backbone.named_parameters() if parameter is weight)
    return float((weights_of(run)[f"backbone.{name}"] - weight.detach()).mean())


@pytest.mark.usefixtures("toy")
def test_a_strategy_reads_its_options_and_its_folder(photos: Photos, tmp_path: Path, recipe: dict[str, Any]):
    events: list[Event] = []
    result = train(photos(), tmp_path / "run", emit=events.append, **recipe)
    assert shifted_by(tmp_path / "run") == pytest.approx(3 * 0.02 * 4, abs=1e-4)
    assert result["test"]["n"] > 0
    assert [event.done for event in events if isinstance(event, StageProgress) and event.stage == "shift"]
    written = json.loads((tmp_path / "run/recipe.json").read_text())
    assert written["strategy_options"] == {"amount": 0.02, "rounds": 3}, "defaults are written out"
    assert written["inputs"] == recipe["inputs"]


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("moment", ["shift 1", "shift 3", "features", "setting 2", "evaluation"])
def test_a_cancelled_run_continues_in_the_phase_it_was_left_in(
    photos: Photos, tmp_path: Path, fresh_cache: Path, recipe: dict[str, Any], moment: str
):
    root, rounds, control = photos(), list[int](), Control()
    with pytest.MonkeyPatch.context() as patch:  # the cache of the run that is cancelled stays empty
        patch.setenv("TLSTUDIO_CACHE", str(tmp_path / "other-cache"))
        train(root, tmp_path / "whole", **recipe)

    def cancel(event: Event) -> None:
        names = {f"{event.stage} {event.done}", event.stage} if isinstance(event, StageProgress) else set()
        if isinstance(event, EpochEnded):
            names = {f"{event.axis} {event.epoch}"}
        if isinstance(event, StageStarted):
            names = {event.stage}
        if moment in names:
            control.cancel()

    def count(event: Event) -> None:
        if isinstance(event, StageProgress) and event.stage == "shift":
            rounds.append(event.done)

    with pytest.raises(Cancelled):
        train(root, tmp_path / "torn", emit=lambda e: (count(e), cancel(e)), control=control, **recipe)
    train(root, tmp_path / "torn", emit=count, resume=True)
    assert same_weights(tmp_path / "torn", tmp_path / "whole")
    assert rounds == [1, 2, 3], "no round of the first phase was repeated"
    predictions = [(tmp_path / name / "predictions.csv").read_bytes() for name in ("torn", "whole")]
    assert predictions[0] == predictions[1]


@pytest.mark.usefixtures("toy")
def test_each_phase_with_checkpoints_has_a_file_of_its_own(
    photos: Photos, tmp_path: Path, recipe: dict[str, Any]
):
    train(photos(), tmp_path / "run", **recipe)
    folder = tmp_path / "run/checkpoints"
    assert {file.name for file in folder.iterdir()} == {
        "best.safetensors", "last.safetensors", "last.phase-0.safetensors",
    }  # fmt: skip
    assert phase_of(folder / "last.safetensors", default=-1) == 2
    assert phase_of(folder / "last.phase-0.safetensors", default=-1) == 0


@pytest.mark.usefixtures("toy")
def test_the_estimate_is_the_sum_of_the_phases(
    photos: Photos, tmp_path: Path, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cost_probe, "load_backbone", tiny_backbone)
    dataset, control = scan_folder(photos()), Control()
    more = {**recipe, "strategy_options": {"rounds": 10}}
    few, many = (
        estimate_run(
            dataset,
            RunFolder(tmp_path / "run"),
            build_recipe({"device": "cpu", "threads": 1, **settings}),
            control=control,
        )
        for settings in (recipe, more)
    )
    assert few.training_seconds > 3 * 0.25
    assert many.training_seconds > 10 * 0.25
    assert few.features_seconds > 0
    assert few.total_seconds > few.features_seconds + few.training_seconds


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy_options": {"amount": 7}}, "amount.*at most 1"),
        ({"strategy_options": {"speed": 1}}, "speed"),
        ({"inputs": {}}, "Unlabelled images.*--unlabelled"),
        ({"inputs": {"unlabelled": "/f", "teacher": "/t"}}, "teacher"),
        ({"strategy": "no-such"}, "toy-shift"),
    ],
)
def test_settings_that_do_not_fit_the_strategy_are_refused(recipe, changes, message):
    with pytest.raises(UserError, match=message):
        with_checked_options(build_recipe({**recipe, **changes}))


@pytest.mark.parametrize("strategy_id", STRATEGIES.ids())
def test_every_strategy_is_a_plan_of_phases(strategy_id: str):
    spec = STRATEGIES.get(strategy_id)
    freeze = "top" if spec.trains_stages else "head"
    inputs = {wanted.id: "given" for wanted in spec.inputs}
    recipe = build_recipe({"strategy": strategy_id, "freeze": freeze, "inputs": inputs})
    phases = plan_phases(recipe, stage_names=STAGES)
    assert all(phase.stage for phase in phases)
    # What takes long is not done again after a kill.
    assert any(phase.keeps_checkpoints for phase in phases) or not spec.trains_stages
    assert changes_backbone(phases) == spec.trains_stages


@pytest.mark.parametrize(
    ("name", "stages", "changes"),
    [
        ("probe", ["features", "head"], False),
        ("hidden", ["features", "head"], False),
        ("fine", ["features", "head", "training", "new-head"], True),
        ("fine-head", ["features", "head", "training"], False),
        ("fine-hidden", ["features", "head", "training"], True),
        ("fine-everything", ["features", "head", "training", "new-head"], True),
    ],
)
def test_the_phases_of_a_recipe(name: str, stages: list[str], changes: bool):
    phases = plan_phases(build_recipe(RECIPES[name]), stage_names=STAGES)
    assert [phase.stage for phase in phases] == stages
    assert changes_backbone(phases) is changes


def test_the_head_can_be_left_as_it_was_trained():
    phases = plan_phases(
        build_recipe({**FINE, "strategy_options": {"refit_head": False}}), stage_names=STAGES
    )
    assert [phase.stage for phase in phases] == ["features", "head", "training"]


def test_a_checkpoint_of_version_0_1_belongs_to_the_phase_that_kept_one_then(photos: Photos, tmp_path: Path):
    """It does not name its phase; the run resumes from it all the same."""
    root, control = photos(), Control()
    settings = {**FINE, "strategy_options": {"refit_head": False}}
    train(root, tmp_path / "whole", **settings)

    def cancel(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, tmp_path / "old", emit=cancel, control=control, **settings)
    last = tmp_path / "old/checkpoints/last.safetensors"
    metadata, tensors = read_tensors(last)
    save_tensors(last, tensors, metadata={"progress": metadata["progress"]})
    epochs: list[int] = []
    stages: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, EpochEnded):
            epochs.append(event.epoch)
        if isinstance(event, StageStarted):
            stages.append(event.stage)

    train(root, tmp_path / "old", emit=note, resume=True)
    assert epochs == [3]
    assert "head" not in stages, "the start lies in the checkpoint"
    one, two = (load_file(tmp_path / name / "checkpoints/best.safetensors") for name in ("old", "whole"))
    assert all(torch.equal(one[key], two[key]) for key in two)
