"""Adapting in whole runs: what is kept, what is said, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageOps

from tests.training.tiny import Photos, same_weights, train, weights_of
from tlstudio.core.errors import UserError
from tlstudio.core.events import DomainMap, Event, WarningRaised
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons
from tlstudio.project.runs import RunFolder
from tlstudio.training.adaptation import bottleneck
from tlstudio.training.adaptation.kinship import Kinship
from tlstudio.training.phases import adapt_head

pytestmark = pytest.mark.usefixtures("tiny")

Adapt = Callable[..., dict[str, Any]]
KIN = Kinship(p=0.01, similarity=1.0)
ALIEN = Kinship(p=0.6, similarity=0.2)


@pytest.fixture
def places(photos: Photos, tmp_path: Path) -> tuple[Path, Path]:
    """Photos from here, and other photos of the same classes as a dark negative."""
    here, there = photos(per_class=10), photos(name="there", per_class=8, seed=5)
    for file in there.rglob("*.jpg"):
        with Image.open(file) as image:
            ImageOps.invert(image.convert("RGB")).point(lambda value: value // 3).save(file, quality=95)
    return here, there


@pytest.fixture
def adapt(places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adapt:
    """Runs the strategy with few steps; tiny images cannot show whether they are of the classes."""
    monkeypatch.setattr(bottleneck, "MOST_STEPS", 8)
    monkeypatch.setattr(adapt_head, "kinship_of", lambda domains: KIN)

    def run(name: str = "run", *, unlabelled: Path | None = None, target_labels: Path | None = None, **rest):
        inputs = {"unlabelled": str(unlabelled or places[1])}
        if target_labels is not None:
            inputs["target-labels"] = str(target_labels)
        return train(places[0], tmp_path / name, strategy="adapt", inputs=inputs, **rest)

    return run


def found(folder: Path) -> StrategyComparison:
    comparison = read_comparisons(RunFolder(folder)).strategy
    assert comparison is not None
    return comparison


@pytest.fixture
def always_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dozen tiny images are too few for a gain beyond noise."""
    compare = adapt_head.comparison_of

    def keep(*given: Any, **rest: Any) -> StrategyComparison:
        return replace(compare(*given, **rest), start_returned=False)

    monkeypatch.setattr(adapt_head, "comparison_of", keep)


@pytest.mark.usefixtures("always_kept")
def test_an_adapted_head_is_kept_exact_and_the_same_after_a_kill(adapt: Adapt, tmp_path: Path):
    events: list[Event] = []
    adapt(emit=events.append)
    comparison = found(tmp_path / "run")
    assert not comparison.start_returned
    assert not comparison.labelled
    assert "before and" in comparison.sentence
    assert any(event.code == "figures-from-here" for event in events if isinstance(event, WarningRaised))
    (mapped,) = (event for event in events if isinstance(event, DomainMap))
    assert len(mapped.before.there) == len(mapped.after.there) > 20
    assert weights_of(tmp_path / "run")["head.linear.weight"].shape == (3, bottleneck.UNITS)
    assert all(tensor.isfinite().all() for tensor in weights_of(tmp_path / "run").values())
    (tmp_path / "run").rename(tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "run")
    for file in ("metrics.json", "comparisons.json", "checkpoints/best.safetensors"):
        (tmp_path / "run" / file).unlink()
    adapt(resume=True)
    assert same_weights(tmp_path / "run", tmp_path / "whole")
    assert found(tmp_path / "run") == comparison


@pytest.mark.usefixtures("always_kept")
def test_a_named_method_that_is_linear_stays_linear(adapt: Adapt, tmp_path: Path):
    adapt(strategy_options={"method": "coral"})
    assert weights_of(tmp_path / "run")["head.linear.weight"].shape == (3, 24)


def start_is(folder: Path, probe: Path) -> bool:
    """Return whether a run returned the plain linear probe."""
    return torch.equal(weights_of(folder)["head.linear.weight"], weights_of(probe)["head.linear.weight"])


def test_the_start_is_returned_for_images_of_the_same_place(adapt: Adapt, places, tmp_path: Path):
    events: list[Event] = []
    adapt(unlabelled=places[0], emit=events.append)
    assert found(tmp_path / "run").start_returned
    (said,) = (
        event for event in events if isinstance(event, WarningRaised) and event.code == "strategy-helped"
    )
    assert "cannot be told from the labelled ones" in said.message
    (same,) = (e.message for e in events if isinstance(e, WarningRaised) and e.code == "same-folder")
    assert "the folder of the labelled images itself" in same
    train(places[0], tmp_path / "probe")
    assert start_is(tmp_path / "run", tmp_path / "probe")


def test_the_start_is_returned_for_another_world(adapt: Adapt, places, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(adapt_head, "kinship_of", lambda domains: ALIEN)
    adapt()
    assert found(tmp_path / "run").start_returned
    assert "do not show these classes" in found(tmp_path / "run").sentence
    train(places[0], tmp_path / "probe")
    assert start_is(tmp_path / "run", tmp_path / "probe")


def test_labelled_images_from_there_decide(adapt: Adapt, photos: Photos, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(adapt_head, "kinship_of", lambda domains: ALIEN)
    few = photos(name="few", per_class=2, seed=9)
    adapt(target_labels=few)
    comparison = found(tmp_path / "run")
    assert comparison.labelled
    assert comparison.n == 6
    assert comparison.start_returned == (comparison.accuracy <= comparison.start_accuracy)


def test_labels_of_other_classes_are_refused(adapt: Adapt, photos: Photos):
    others = photos(classes=("cats", "dogs"), name="others", per_class=1)
    with pytest.raises(UserError, match="of no class"):
        adapt(target_labels=others)


def test_too_few_images_are_refused_with_how_many_are_needed_before_anything_is_loaded(
    adapt: Adapt, photos: Photos, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tlstudio.training.run.look_back.load_backbone", None)
    few = photos(name="few", per_class=1, seed=8)
    with pytest.raises(UserError, match=r"only 3 usable images are in .*at least 20 are needed"):
        adapt(unlabelled=few)


def test_a_freeze_line_below_the_head_is_refused(adapt: Adapt):
    with pytest.raises(UserError, match="head alone"):
        adapt(freeze="top")
