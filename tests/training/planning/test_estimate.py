"""The estimate before a run: what it covers, what it leaves behind, and that it is near what then happens."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.training.tiny import RECIPES, Photos, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.planning import cost_probe as short_probe
from tlstudio.training.planning.estimate import estimate_run


@pytest.fixture(autouse=True)
def tiny_probe(tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_probe, "load_backbone", tiny_backbone)


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
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="only with a linear head"):
        estimate(root, tmp_path / "run", freeze="auto", head={"kind": "hidden"}, **recipe)


@pytest.mark.alone
def test_the_estimate_of_a_choice_is_near_the_measured_time(photos: Photos, tmp_path, fresh_cache):
    recipe = {"strategy": "fine-tune", "freeze": "auto"}
    estimate(photos(name="other", seed=5), tmp_path / "never", **recipe)
    root = photos(per_class=12)
    told = estimate(root, tmp_path / "run", **recipe)
    began = time.process_time()
    train(root, tmp_path / "run", **recipe)
    # Which line is chosen is not known before; the longest training is counted.
    assert 0.4 < told.total_seconds / (time.process_time() - began) < 2.5


def test_cache_bytes_are_those_of_the_finished_run(photos: Photos, tmp_path, fresh_cache):
    """Three classes of eight: 24 decoded images, and the features of those that are no test images."""
    told = estimate(photos(), tmp_path / "run")
    train(photos(name="same"), tmp_path / "done")
    held = sum(file.stat().st_size for file in (fresh_cache / "activations").rglob("data.bin"))
    assert told.cache_bytes == held


def test_cached_features_cost_nothing(photos: Photos, tmp_path, fresh_cache):
    root = photos(per_class=40)
    before = estimate(root, tmp_path / "run")
    train(root, tmp_path / "done")
    after = estimate(root, tmp_path / "run")
    assert after.features_seconds < before.features_seconds / 3
    assert before.has_unseen_images
    assert not after.has_unseen_images


def test_more_epochs_take_longer_in_proportion(photos: Photos, tmp_path):
    told = [
        estimate(photos(name=str(n)), tmp_path / "run", **{**RECIPES["fine"], "epochs": n})
        for n in (10, 1000)
    ]
    assert told[1].training_seconds > 50 * told[0].seconds_per_epoch
    assert told[1].training_seconds > 10 * told[0].training_seconds


def test_a_run_that_could_not_begin_is_refused(photos: Photos, tmp_path):
    with pytest.raises(UserError, match="two classes"):
        estimate(photos(classes=("ants",)), tmp_path / "run")


def test_the_estimate_can_be_cancelled(photos: Photos, tmp_path):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        estimate(photos(), tmp_path / "run", control=control)


@pytest.mark.alone
def test_the_estimate_is_near_the_measured_time(photos: Photos, tmp_path, fresh_cache):
    """In seconds of the processor, with a wide margin; tests/benchmarks/planning.py looks closely.

    The middle one of three, and nearer for it: a single training of under a second is easily disturbed.
    """
    recipe = {**RECIPES["fine"], "epochs": 30}
    other = photos(name="other", seed=5)  # as in an engine that has been up for a while
    estimate(other, tmp_path / "never", **recipe)
    train(other, tmp_path / "warm-up", **recipe)
    ratios = []
    for seed in (6, 7, 8):
        root = photos(name=f"photos-{seed}", per_class=20, seed=seed)
        told = estimate(root, tmp_path / f"run-{seed}", **recipe)
        began = time.process_time()
        train(root, tmp_path / f"run-{seed}", **recipe)
        ratios.append(told.total_seconds / (time.process_time() - began))
    assert statistics.median(ratios) == pytest.approx(1, rel=0.4)
