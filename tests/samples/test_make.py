"""The sample sets."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.dataset import Image as DatasetImage
from tlstudio.core.dataset import labels_of
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import make_split
from tlstudio.samples import make as samples
from tlstudio.samples.first_lesson import FIRST_LESSON, ODD_IMAGE, ODD_SHAPE, PLAIN_WASHER, WRONG_LABELS
from tlstudio.samples.make import SAMPLES, make_sample
from tlstudio.samples.marker import MARKER
from tlstudio.samples.nuts_and_bolts import PLANTED_SHAPES, SHAPES, SIZE, draw
from tlstudio.specs.recipe import Recipe


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three images per class, to be quick."""
    monkeypatch.setattr(
        samples, "SAMPLES", tuple(dataclasses.replace(sample, images_per_class=3) for sample in SAMPLES)
    )


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
@pytest.mark.usefixtures("few")
def test_a_sample_is_a_folder_of_classes(tmp_path, sample):
    out = make_sample(sample.id, tmp_path / "out")
    report = scan_folder(out)
    assert report.classes == sample.classes
    assert len(report.images) == 3 * len(sample.classes)
    assert len({record.sha256 for record in report.images}) == len(report.images)
    assert report.problems == ()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_there_are_enough_images_to_learn_from():
    assert {sample.id for sample in SAMPLES} == {"nuts-and-bolts", "handwritten-digits", FIRST_LESSON}
    assert all(sample.images_per_class >= 40 for sample in SAMPLES)


@pytest.mark.usefixtures("few")
def test_images_depend_on_the_seed(tmp_path):
    first = contents(make_sample("nuts-and-bolts", tmp_path / "a", seed=1))
    again = contents(make_sample("nuts-and-bolts", tmp_path / "b", seed=1))
    other = contents(make_sample("nuts-and-bolts", tmp_path / "c", seed=2))
    assert first == again
    assert not set(first.values()) & set(other.values())


@pytest.mark.usefixtures("few")
def test_a_second_call_does_nothing_and_another_folder_is_left_alone(tmp_path):
    out = make_sample("handwritten-digits", tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert make_sample("handwritten-digits", out) == out
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    for sample_id, seed in (("handwritten-digits", 5), ("nuts-and-bolts", 0)):
        with pytest.raises(UserError, match="not empty"):
            make_sample(sample_id, out, seed=seed)
    (tmp_path / "empty").mkdir()
    assert make_sample("handwritten-digits", tmp_path / "empty").is_dir()


def test_an_unknown_sample_is_refused(tmp_path):
    with pytest.raises(UserError, match="no sample 'cats'") as caught:
        make_sample("cats", tmp_path / "out")
    assert "nuts-and-bolts" in caught.value.mend


@pytest.mark.usefixtures("few")
def test_cancelling_leaves_no_files(tmp_path):
    control = Control()

    def cancel(_: Event) -> None:
        control.cancel()

    with pytest.raises(Cancelled):
        make_sample("nuts-and-bolts", tmp_path / "out", emit=cancel, control=control)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few")
def test_progress_is_reported(tmp_path):
    events: list[Event] = []
    make_sample("handwritten-digits", tmp_path / "out", run_id="r", emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[-1], StageProgress)
    assert (events[-1].done, events[-1].total) == (30, 30)


def test_the_first_lesson_differs_from_the_sample_in_its_planted_images_alone(tmp_path, monkeypatch):
    def paint(shape: str, rng: np.random.Generator) -> Image.Image:
        colour = sorted({**SHAPES, **PLANTED_SHAPES}).index(shape)
        return Image.new("RGB", (8, 8), (40 * colour, int(rng.integers(256)), int(rng.integers(256))))

    monkeypatch.setattr(samples, "draw", paint)
    plain = contents(make_sample("nuts-and-bolts", tmp_path / "plain"))
    lesson = contents(make_sample(FIRST_LESSON, tmp_path / "lesson"))
    assert plain.keys() == lesson.keys()
    assert {path for path in lesson if lesson[path] != plain[path]} - {MARKER} == {*WRONG_LABELS, ODD_IMAGE}
    assert set(WRONG_LABELS.values()) <= set(SHAPES)
    assert all(path.partition("/")[0] != shown for path, shown in WRONG_LABELS.items())
    assert ODD_SHAPE in PLANTED_SHAPES
    assert WRONG_LABELS[PLAIN_WASHER] == "washer"


def test_the_planted_images_are_test_images_of_the_usual_split():
    (sample,) = (sample for sample in SAMPLES if sample.id == FIRST_LESSON)
    images = [
        DatasetImage(path=path, sha256=path, labels=labels_of(name), width=8, height=8)
        for name in sample.classes
        for path in (f"{name}/{name}-{number:02}.jpg" for number in range(1, sample.images_per_class + 1))
    ]
    recipe = Recipe()
    split = make_split(images, validation=recipe.split.validation, test=recipe.split.test, seed=recipe.seed)
    assert {split.assignment[path] for path in (*WRONG_LABELS, ODD_IMAGE)} == {"test"}


@pytest.mark.parametrize("name", sorted({**SHAPES, **PLANTED_SHAPES}))
def test_drawn_parts_look_like_photos(name):
    for seed in range(4):
        image = draw(name, np.random.default_rng(seed))
        pixels = np.asarray(image)
        assert image.size == (SIZE, SIZE)
        assert 20 < pixels.mean() < 235
        assert pixels.std() > 8
        assert np.mean(pixels == 255) < 0.05


@pytest.mark.usefixtures("few")
def test_handwriting_is_dark_on_white(tmp_path):
    with Image.open(make_sample("handwritten-digits", tmp_path / "out") / "0" / "digit-0-01.png") as image:
        pixels = np.asarray(image)
    assert (np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]) > 240).all()
    assert pixels.min() < 60
