"""The benchmarks' own arithmetic, and that their photos are what they claim to be."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, ratio, table, write


def test_ratios_are_taken_within_a_round_and_the_median_counts():
    row = ratio("a / b", [10.0, 30.0, 8.0], [1.0, 10.0, 2.0], at_least=4)

    assert row.each == (10.0, 3.0, 4.0)
    assert row.median == 4.0
    assert row.reached is True


@pytest.mark.parametrize(
    ("value", "bounds", "reached"),
    [
        (1.2, {"at_most": 1.2}, True),
        (1.3, {"at_most": 1.2}, False),
        (1.3, {"at_least": 2.0}, False),
        (1.3, {}, None),
    ],
)
def test_bounds(value, bounds, reached):
    assert Row(name="x", each=(value,), unit="×", **bounds).reached is reached


def test_table_says_what_was_missed():
    text = table([Row(name="slow", each=(3.0, 1.0, 2.0), unit="×", at_most=1.2, note="because")])

    assert "✗ slow" in text
    assert "≤ 1.2" in text
    assert "because" in text


def test_writing_again_keeps_other_rows(tmp_path: Path):
    file = tmp_path / "build" / "bench.json"
    write(file, [Row(name="a", each=(1.0,), unit="s"), Row(name="b", each=(2.0,), unit="s")])
    write(file, [Row(name="b", each=(5.0,), unit="s")])

    rows = {row["name"]: row["median"] for row in json.loads(file.read_text())["rows"]}
    assert rows == {"a": 1.0, "b": 5.0}


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(photos.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(photos, "shared_data", lambda: None)


def test_ordinary_photos_have_their_size_and_repeats_are_no_copies(
    tmp_path: Path, own_temporary_folder, monkeypatch: pytest.MonkeyPatch
):
    for name, size in (("glass", (240, 320)), ("paper", (320, 240))):
        folder = tmp_path / "sets" / "trash6" / name
        folder.mkdir(parents=True)
        Image.effect_noise(size, 60).convert("RGB").save(folder / "one.jpg")
    monkeypatch.setattr(photos, "shared_data", lambda: tmp_path / "sets")

    made = photos.ordinary(at_least=4)

    files = list(made.folder.glob("*/*.jpg"))
    assert len(files) == made.count == 4
    assert len({file.read_bytes() for file in files}) == 4
    for file in files:
        with Image.open(file) as image:
            assert abs(image.width * image.height / photos.ORDINARY_PIXELS - 1) < 0.01


@pytest.mark.usefixtures("own_temporary_folder")
def test_small_images_differ():
    made = photos.small(count=300)
    hashes = {hashlib.sha256(file.read_bytes()).hexdigest() for file in made.folder.glob("*/*.jpg")}

    assert len(hashes) == made.count == 300


@pytest.mark.usefixtures("own_temporary_folder")
def test_a_stamp_changes_the_file_and_not_the_picture(tmp_path: Path):
    made = photos.small(count=8)
    stamped = photos.stamped(made, tmp_path / "again", mark="round 1", at_most=1)

    files = sorted(stamped.glob("*/*.jpg"))
    assert len(files) == 4
    for file in files:
        before = made.folder / file.relative_to(stamped)
        assert file.read_bytes() != before.read_bytes()
        with Image.open(file) as new, Image.open(before) as old:
            assert new.tobytes() == old.tobytes()
