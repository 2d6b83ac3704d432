"""The estimate before a run: what it covers, what it leaves behind, and that it counts the work of the run.

How near it comes in seconds is measured by tests/benchmarks/planning.py.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from torch import nn

from tests.training.tiny import RECIPES, Photos, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.planning import cost_probe as short_probe
from tlstudio.training.planning.estimate import estimate_run
from tlstudio.training.run import assembly, look_back
from tlstudio.training.trials.pretraining_gain import measure_pretraining


@pytest.fixture(autouse=True)
def tiny_probe(tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_probe, "load_backbone", tiny_backbone)


class WorkClock:
    """A clock that only computing stages advances: one second for each image, three in training."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def backbone(self, *args, pretrained: bool = True, **kwargs):
        """A tiny backbone whose stages advance the clock."""
        made = tiny_backbone(seed=0 if pretrained else 1)

        def count(stage: nn.Module, inputs: tuple, output: object) -> None:  # a method would be copied
            self.seconds += len(inputs[0]) * (3 if stage.training else 1)

        for stage in made.stages.values():
            stage.register_forward_hook(count)
        return made


@pytest.fixture
def clock(monkeypatch) -> WorkClock:
    """A clock of the work that estimates and runs do."""
    clock = WorkClock()
    monkeypatch.setattr(short_probe, "load_backbone", clock.backbone)
    monkeypatch.setattr(look_back, "load_backbone", clock.backbone)
    monkeypatch.setattr(assembly, "load_backbone", clock.backbone)
    monkeypatch.setattr(look_back, "measure_pretraining", measure_pretraining)
    return clock


def estimate(root: Path, run: Path, *, control: Control | None = None, clock=time.process_time, **recipe):
    settings = build_recipe({"device": "cpu", "threads": 1, **recipe})
    return estimate_run(
        scan_folder(root), RunFolder(run), settings, control=control or Control(), clock=clock
    )


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_every_kind_of_run_is_estimated_and_nothing_is_written_for_it(
    kind, photos: Photos, tmp_path, fresh_cache
):
    told = estimate(photos(), tmp_path / "run", **RECIPES[kind])
    parts = (told.features_seconds, told.training_seconds, told.evaluation_seconds)
    assert all(part is not None and part >= 0 for part in parts)
    assert told.total_seconds >= sum(parts)
    assert (told.seconds_per_epoch is None) == (kind == "probe")
    assert told.training_seconds >= (told.seconds_per_epoch or 0) * RECIPES[kind].get("epochs", 0)
    assert not (tmp_path / "run").exists()


def test_an_automatic_freeze_line_is_estimated_with_all_its_tries(photos: Photos, tmp_path, fresh_cache):
    root, recipe = photos(), {"strategy": "fine-tune", "epochs": 4}
    one = estimate(root, tmp_path / "run", freeze="stem", **recipe)
    told = estimate(root, tmp_path / "run", freeze="auto", **recipe)
    assert told.tries == 4, "the head alone and three freeze lines"
    assert told.tries_seconds > one.training_seconds
    assert told.total_seconds > told.tries_seconds + told.evaluation_seconds
    short = estimate(root, tmp_path / "run", freeze="auto", budget_seconds=1e-3, **recipe)
    assert short.tries_seconds == 1e-3
    assert short.total_seconds < told.total_seconds
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="only with a linear head"):
        estimate(root, tmp_path / "run", freeze="auto", head={"kind": "hidden"}, **recipe)


def test_cache_bytes_are_those_of_the_finished_run(photos: Photos, tmp_path, fresh_cache):
    """Three classes of eight: 24 decoded images, and the features of those that are no test images."""
    told = estimate(photos(), tmp_path / "run")
    train(photos(name="same"), tmp_path / "done")
    held = sum(file.stat().st_size for file in (fresh_cache / "activations").rglob("data.bin"))
    assert told.cache_bytes == held


def test_cached_features_cost_nothing(photos: Photos, tmp_path, fresh_cache, clock):
    root = photos(per_class=12)
    before = estimate(root, tmp_path / "run", clock=clock)
    train(root, tmp_path / "done")
    after = estimate(root, tmp_path / "run", clock=clock)
    assert after.features_seconds < before.features_seconds / 10
    assert before.has_unseen_images
    assert not after.has_unseen_images


def test_more_epochs_take_longer_in_proportion(photos: Photos, tmp_path, clock):
    few, many = (
        estimate(photos(name=str(n)), tmp_path / "run", clock=clock, **{**RECIPES["fine"], "epochs": n})
        for n in (10, 1000)
    )
    assert many.training_seconds - few.training_seconds == pytest.approx(990 * few.seconds_per_epoch)


def test_a_run_that_could_not_begin_is_refused(photos: Photos, tmp_path):
    with pytest.raises(UserError, match="two classes"):
        estimate(photos(classes=("ants",)), tmp_path / "run")


def test_the_estimate_can_be_cancelled(photos: Photos, tmp_path):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        estimate(photos(), tmp_path / "run", control=control)


def told_and_done(photos: Photos, tmp_path: Path, clock: WorkClock, **recipe) -> tuple[float, float]:
    """Estimated work of a run, and the work of the same run on other images."""
    told = estimate(photos(per_class=20, seed=3), tmp_path / "run", clock=clock, **recipe)
    began = clock()
    train(photos(name="same", per_class=20, seed=4), tmp_path / "done", **recipe)
    return told.total_seconds, clock() - began


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        pytest.param("probe", {}, marks=pytest.mark.exhaustive),
        pytest.param("fine", {"freeze": "middle"}, marks=pytest.mark.exhaustive),
        pytest.param("fine-views", {}, marks=pytest.mark.exhaustive),
        ("fine-everything", {}),
        ("fine", {"learns_from": "train+validation"}),
    ],
)
def test_the_work_of_the_run_is_counted(name, recipe, photos: Photos, tmp_path, fresh_cache, clock):
    told, took = told_and_done(photos, tmp_path, clock, **{**RECIPES[name], **recipe})
    assert told == pytest.approx(took, rel=0.2)


def test_a_choice_is_estimated_between_the_least_and_the_most_that_it_can_take(
    photos: Photos, tmp_path, fresh_cache, clock
):
    told, took = told_and_done(photos, tmp_path, clock, strategy="fine-tune", freeze="auto")
    # The most is about 4.5 times the least, and what is told is as many times the one as the other is of it.
    assert 1 / 2.3 < told / took < 2.3
