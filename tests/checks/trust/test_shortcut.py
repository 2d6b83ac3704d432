"""Shortcuts: marks, backgrounds and facts of files that give a class away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.checks.made import examine
from tests.conftest import draw_photo
from tests.training.tiny import train
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.project.runs import RunFolder

Shortcuts = Callable[[Path], list[Finding]]
SPLIT = {"validation": 0.2, "test": 0.2}


@pytest.fixture
def shortcuts(tiny_backbones: None, tmp_path: Path) -> Shortcuts:
    """Trains on a folder and runs the check; the textures that `photos` show may raise a note."""

    def found(folder: Path) -> list[Finding]:
        train(folder, tmp_path / "run", split=SPLIT)
        evidence = Evidence(dataset=scan_folder(folder), run=RunFolder(tmp_path / "run"))
        return [finding for finding in examine("shortcut", evidence) if finding.severity != "note"]

    return found


def changed(folder: Path, change: Callable[[Image.Image], Image.Image], *, quality: int = 90) -> None:
    """Change all photos of a folder."""
    for file in sorted(folder.iterdir()):
        with Image.open(file) as photo:
            made = change(photo.copy())
        made.save(file, quality=quality)


@pytest.fixture
def alike(photos) -> Callable[..., Path]:
    """Photos that all have one size; those of `photos` have sizes of their class."""

    def made(**rest) -> Path:
        folder: Path = photos(**rest)
        for part in folder.iterdir():
            changed(part, lambda photo: photo.resize((72, 72)))
        return folder

    return made


def in_corner(photo: Image.Image) -> Image.Image:
    """The photo with a mark in a corner of what the tiny backbone sees of it."""
    short = min(photo.size)
    left, top = ((side - short) // 2 + short // 18 for side in photo.size)
    ImageDraw.Draw(photo).rectangle((left, top, left + short // 4, top + short // 4), fill=(10, 250, 250))
    return photo


def at_end(photo: Image.Image) -> Image.Image:
    """The photo, made very long, with a mark at an end that is cut away."""
    long = photo.resize((3 * photo.height, photo.height))
    ImageDraw.Draw(long).rectangle((0, 0, photo.height // 3, photo.height // 3), fill=(10, 250, 250))
    return long


@pytest.fixture
def things(tmp_path: Path) -> Callable[..., Path]:
    """The same things on grounds of any colour, in three classes; the grounds of bees are given."""

    def made(*, ground: Callable[[np.random.Generator], np.ndarray]) -> Path:
        random = np.random.default_rng(3)
        for label, name in enumerate(("ants", "bees", "leaves")):
            (tmp_path / "things" / name).mkdir(parents=True)
            for number in range(24):
                thing = draw_photo(0, width=40, height=40, seed=100 * label + number)
                colour = ground(random) if name == "bees" else random.uniform(40, 200, 3)
                pixels = np.clip(colour + random.normal(0, 12, (72, 72, 3)), 0, 255).astype(np.uint8)
                photo = Image.fromarray(pixels)
                photo.paste(thing, (16, 16))
                photo.save(tmp_path / "things" / name / f"{number}.jpg", quality=90)
        return tmp_path / "things"

    return made


def test_images_without_a_shortcut_are_not_flagged(things, shortcuts: Shortcuts):
    (found,) = shortcuts(things(ground=lambda random: random.uniform(40, 200, 3)))
    assert found.severity == "ok"


def test_a_background_that_gives_a_class_away(things, shortcuts: Shortcuts):
    (found,) = shortcuts(things(ground=lambda random: np.array([40, 170, 60]) + random.normal(0, 20, 3)))
    assert found.severity == "warning"
    assert found.message.startswith("Shortcut: the background gives “bees” away. By their outer 12 % on each")
    assert found.numbers["guessed"] > found.numbers["by_middle"] + 0.05
    assert found.numbers["n"] == 32
    assert "put around the middles of 32 images of other classes, it makes" in found.meaning
    assert len(found.paths) == 12
    assert all(path.startswith("bees/") for path in found.paths)


def test_textures_that_fill_images_are_not_flagged(alike, shortcuts: Shortcuts):
    assert not [found for found in shortcuts(alike(per_class=20)) if found.severity == "warning"]


def test_a_mark_that_the_classifier_relies_on(alike, shortcuts: Shortcuts):
    folder = alike(classes=("ants", "bees"), per_class=20)
    # Both classes show the same things, so that nothing but the mark tells them apart.
    shutil.rmtree(folder / "bees")
    shutil.copytree(alike(name="more", per_class=20, seed=5) / "ants", folder / "bees")
    changed(folder / "bees", in_corner)
    (found,) = shortcuts(folder)
    assert found.severity == "warning"
    assert found.message.startswith(
        "Shortcut: the same mark is at the top left corner of 100 % of 20 images of “bees”"
    )
    assert found.numbers["class"] == "bees"
    assert found.meaning.startswith("The classifier relies on it: put into 20 images of other classes")
    assert all(path.startswith("bees/") for path in found.paths)


def test_a_mark_that_is_cut_away_is_said_to_be(alike, shortcuts: Shortcuts):
    folder = alike(per_class=20)
    for name in ("ants", "bees"):
        changed(folder / name, lambda photo: photo.resize((3 * photo.height, photo.height)))
    changed(folder / "leaves", at_end)
    (found,) = shortcuts(folder)
    assert found.severity == "warning"
    assert found.numbers["class"] == "leaves"
    assert found.meaning.startswith("The classifier does not see it")


@pytest.mark.parametrize(
    ("words", "change", "quality"),
    [
        ("100 % of its images have 40 × 40 pixels", lambda photo: photo.resize((40, 40)), 90),
        ("100 % of its images are compressed with a mean step of", lambda photo: photo, 30),
    ],
)
def test_facts_of_files_that_give_a_class_away(alike, shortcuts: Shortcuts, words: str, change, quality: int):
    folder = alike(per_class=20)
    changed(folder / "bees", change, quality=quality)
    (found,) = shortcuts(folder)
    assert found.severity == "warning"
    assert "the files give “bees” away" in found.message
    assert words in found.message


def test_few_images_are_not_judged(alike, shortcuts: Shortcuts):
    (found,) = shortcuts(alike(per_class=8))
    assert (found.severity, found.message[:24]) == ("ok", "Fewer than two classes h")


def test_other_folders_and_further_evaluations_are_not_searched(trained_run):
    run, dataset = RunFolder(trained_run.run), scan_folder(trained_run.images)
    assert Evidence(run=run, dataset=dataset).has("own_dataset")
    assert not Evidence(run=run, dataset=dataset, left_out=LeftOut()).has("own_dataset")
    assert not Evidence(run=run).has("own_dataset")
    assert not Evidence(dataset=dataset).has("own_dataset")
