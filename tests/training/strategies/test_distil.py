"""Teacher and student: what is learned from a finished run, and when it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.training.tiny import Photos, same_weights, tiny_backbone, train, weights_of
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageStarted
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.comparisons import Comparisons, read_comparisons
from tlstudio.models.classifier import load_classifier
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.planning import cost_probe
from tlstudio.training.planning.estimate import estimate_run
from tlstudio.training.strategies import plan_phases

pytestmark = pytest.mark.usefixtures("tiny")
Student = Callable[..., dict]


@pytest.fixture(autouse=True)
def tiny_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    monkeypatch.setattr(cost_probe, "load_backbone", tiny_backbone)


@pytest.fixture
def root(photos: Photos) -> Path:
    return photos(per_class=10)


@pytest.fixture
def student(root: Path, photos: Photos, tmp_path: Path):
    """Trains a teacher once, and students of it."""
    more = photos(name="more", per_class=4, seed=5)
    train(root, tmp_path / "teacher")

    def run(name: str = "student", **rest) -> dict:
        inputs = {"teacher": str(tmp_path / "teacher"), "unlabelled": str(more)}
        return train(root, tmp_path / name, strategy="distil", inputs=inputs, **rest)

    return run


def comparisons(run: Path) -> Comparisons:
    return read_comparisons(RunFolder(run))


def test_a_student_is_put_beside_its_teacher_and_ends_the_same_after_an_interruption(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    events: list[Event] = []
    result = student("whole", emit=events.append)
    assert "Asking the teacher" in {event.title for event in events if isinstance(event, StageStarted)}
    found = comparisons(tmp_path / "whole")
    assert found.strategy is not None
    assert found.teacher is not None
    assert found.teacher.accuracy == result["test"]["accuracy"]
    assert found.teacher.n == result["test"]["n"]
    assert found.teacher.weights_bytes == found.teacher.teacher_weights_bytes > 0
    assert all(tensor.isfinite().all() for tensor in weights_of(tmp_path / "whole").values())
    with monkeypatch.context() as patch:
        patch.setattr("tlstudio.training.phases.fit_to_teacher.solve_linear", cancelled)
        with pytest.raises(Cancelled):
            student("torn")
    student("torn", resume=True)
    assert same_weights(tmp_path / "whole", tmp_path / "torn")
    (tmp_path / "torn/metrics.json").unlink()
    shutil.copy(tmp_path / "torn/recipe.json", tmp_path / "teacher/checkpoints/best.safetensors")
    with pytest.raises(UserError, match="was changed"):
        student("torn", resume=True)


def cancelled(*_: object, **__: object) -> None:
    raise Cancelled


def test_a_teacher_of_wrong_labels_is_not_followed(student: Student, root: Path, tmp_path: Path):
    model = tmp_path / "teacher/checkpoints/best.safetensors"
    wrong = load_classifier(model)
    linear = wrong.head.linear  # each class is taken for the next
    wrong.head.set_linear(linear.weight.roll(1, 0), linear.bias.roll(1, 0))
    wrong.save(model)
    result = student()
    found = comparisons(tmp_path / "student").strategy
    assert found is not None
    assert found.start_returned
    assert any("nothing to learn from this teacher" in warning for warning in result["warnings"])
    train(root, tmp_path / "plain")
    assert same_weights(tmp_path / "plain", tmp_path / "student"), "the plain start, to the bit"


@pytest.mark.parametrize("recipe", [{"freeze": "top"}, {"head": {"kind": "hidden"}}])
def test_settings_that_do_not_fit_are_refused(recipe: dict):
    made = build_recipe({"strategy": "distil", "inputs": {"teacher": "x"}, **recipe})
    with pytest.raises(UserError, match="student"):
        plan_phases(made, stage_names=tiny_backbone().stage_names)


def test_the_unlabelled_images_are_in_the_estimate(
    student: Student, root: Path, photos: Photos, tmp_path: Path
):
    new = photos(name="new", per_class=10, seed=8)  # nothing of these is cached
    reading = count()  # of a clock for which every measurement takes the same time

    def seconds(**inputs: str) -> float:
        told = estimate_run(
            scan_folder(new),
            RunFolder(tmp_path / "never"),
            build_recipe({"device": "cpu", "threads": 1, "strategy": "distil", "inputs": inputs}),
            control=Control(),
            clock=lambda: float(next(reading)),
        )
        return told.training_seconds or 0.0

    teacher = str(tmp_path / "teacher")
    assert seconds(teacher=teacher, unlabelled=str(root)) > seconds(teacher=teacher)
    assert not (tmp_path / "never").exists()
