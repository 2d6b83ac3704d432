"""The sample program of the portable folder against the app, on all kinds of files."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.models.scored import with_score
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.files import write_json
from tlstudio.core.types import PredictedImage
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.data.preprocessing import to_input
from tlstudio.data.sniff import sidecar_reason
from tlstudio.export import sample_program
from tlstudio.export.onnx.files import write_image_model
from tlstudio.export.sample_program import BESIDE_IMAGES, decode, eight_bit
from tlstudio.inference.predict import predict_images
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings

KINDS = (
    "exif-orientation",
    "cmyk",
    "alpha",
    "palette",
    "16bit",
    "one-bit",
    "lab-ycbcr",
    "float-int32",
    "extreme-aspect",
)


@pytest.fixture(scope="module")
def odd_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each kind that takes some converting."""
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(7)
    small = Image.fromarray(rng.integers(0, 256, (6, 9, 3), dtype=np.uint8))
    photo = small.resize((190, 120), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    for turn in range(1, 9):
        exif[0x0112] = turn
        photo.save(folder / f"turned-{turn}.jpg", exif=exif)
        photo.save(folder / f"turned-{turn}.tif", exif=exif)
    photo.convert("CMYK").save(folder / "cmyk.jpg")
    photo.convert("L").save(folder / "grey.png")
    photo.convert("1").save(folder / "one-bit.png")
    photo.quantize(16).save(folder / "palette.png")
    photo.quantize(16).save(folder / "transparent.gif", transparency=3)
    alpha = rng.integers(0, 256, (120, 190), dtype=np.uint8)
    photo.putalpha(Image.fromarray(alpha))
    photo.save(folder / "alpha.png")
    photo.convert("LA").save(folder / "grey-alpha.png")
    deep = np.asarray(photo.convert("L")).astype(np.uint16)
    Image.fromarray(deep * 257).save(folder / "16bit.png")
    Image.fromarray(deep * 16).save(folder / "12bit.tif")
    Image.fromarray((deep // 8 + 2000).astype(np.uint16)).save(folder / "thermal.png")
    Image.fromarray(deep.astype(np.int32) * -1000).save(folder / "negative.tif")
    Image.fromarray(deep.astype(np.float32) / 255).save(folder / "fraction.tif")
    Image.fromarray(deep.astype(np.float32) * 3 - 100).save(folder / "float.tif")
    Image.new("I;16", (20, 20)).save(folder / "black.png")
    return folder


def _assert_decoded_alike(files: list[Path]) -> None:
    read = 0
    for file in files:
        try:
            expected = decode_rgb(file, values=None).pixels
        except UnreadableImageError:
            continue
        np.testing.assert_array_equal(decode(file), expected, err_msg=str(file))
        read += 1
    assert read > len(files) / 2


def test_files_are_decoded_as_in_the_app(odd_images: Path) -> None:
    _assert_decoded_alike(sorted(odd_images.iterdir()))


@pytest.mark.needs_data
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_unusual_files_are_decoded_as_in_the_app(kind: str, shared_data: Path) -> None:
    _assert_decoded_alike(sorted(file for file in (shared_data / "tricky-formats" / kind).rglob("*.*")))


def test_nan_and_infinity_are_scaled() -> None:
    values = np.array([[np.nan, 5.0], [np.inf, -5.0]])
    np.testing.assert_array_equal(eight_bit(values), [[0, 255], [255, 0]])
    assert eight_bit(np.full((2, 2), np.nan)).max() == 0


def _predict(python: str, folder: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-I", str(folder / "predict.py"), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def _assert_same_answers(printed: str, answers: list[PredictedImage]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed)))
    good = [answer for answer in answers if answer.error is None]
    assert len(rows) == len(good) > 10
    by_path = {row["path"]: row for row in rows}
    for answer in good:
        assert by_path[answer.path]["class"] == answer.class_name, answer.path
        assert float(by_path[answer.path]["probability"]) == pytest.approx(answer.probability, abs=1e-3)
    assert len({row["class"] for row in rows}) > 1


def test_class_and_probability_are_printed_for_files_and_folders(
    portable_export, odd_images: Path, image_folder: Path, classifier: Classifier, tmp_path: Path
) -> None:
    folder = shutil.copytree(portable_export.file, tmp_path / "somewhere else")
    single = sorted(image_folder.rglob("*.png"))[0]
    result = _predict(sys.executable, folder, odd_images, single)
    assert result.stderr == ""
    assert result.returncode == 0
    files = [*sorted(odd_images.iterdir()), single]
    _assert_same_answers(result.stdout, list(predict_images(classifier, files)))


def test_an_unreadable_file_is_named_and_the_rest_predicted(
    portable_export, odd_images: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"nothing")
    result = _predict(sys.executable, portable_export.file, bad, odd_images / "grey.png")
    assert result.returncode == 1
    assert str(bad) in result.stderr
    assert len(result.stdout.splitlines()) == 2


def test_letters_that_the_system_lacks_and_files_beside_photos_are_no_trouble(
    portable_export, image_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(portable_export.file, tmp_path / "model")
    names = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    (folder / "classes.json").write_text(json.dumps(["Синица", "白头鹎", *names[2:]]), encoding="utf-8")
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, file in enumerate(sorted(image_folder.rglob("*.png"))[:4]):
        shutil.copy(file, photos / f"снимок\r{number}.png")
    for name in (".DS_Store", "._снимок.png", "notes.txt", "a.xmp", "Thumbs.db"):
        (photos / name).write_bytes(b"\x00\x00\x00\x01Bud1")
    result = subprocess.run(
        [sys.executable, str(folder / "predict.py"), str(photos)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    )
    assert (result.returncode, result.stderr) == (0, b"")
    rows = list(csv.DictReader(io.StringIO(result.stdout.decode("utf-8"), newline="")))
    assert [row["path"] for row in rows] == [str(photos / f"снимок\r{number}.png") for number in range(4)]
    assert {row["class"] for row in rows} <= {"Синица", "白头鹎", *names[2:]}


def test_the_files_beside_photos_are_those_that_the_app_passes_over() -> None:
    assert all(sidecar_reason(f"a{suffix}") for suffix in BESIDE_IMAGES)


def test_the_program_runs_with_onnxruntime_and_pillow_alone(
    portable_export, odd_images: Path, image_folder: Path, classifier: Classifier, tmp_path: Path
) -> None:
    """A bare Python that finds these and what they are built on, and nothing else of this environment."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=sys.platform != "win32")
    python = tmp_path / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    place, here = Path(found.stdout.strip()), Path(sysconfig.get_path("platlib"))
    for name in ("numpy", "numpy.libs", "PIL", "pillow.libs", "onnxruntime"):
        if (here / name).exists():
            shutil.copytree(here / name, place / name, ignore=shutil.ignore_patterns("tests"))
    result = _predict(str(python), portable_export.file, odd_images, image_folder)
    assert result.returncode == 0, result.stderr
    files = [*sorted(odd_images.iterdir()), *sorted(image_folder.rglob("*.png"))]
    _assert_same_answers(result.stdout, list(predict_images(classifier, files)))


def test_the_answers_in_every_label_column_are_printed(
    classifier: Classifier, image_folder: Path, tmp_path: Path
) -> None:
    head = build_head(HeadSettings(), feature_size=classifier.backbone.feature_size, classes_count=2)
    health = LabelColumn(name="health", classes=("ill", "well"))
    both = Classifier(
        backbone=classifier.backbone,
        head=classifier.head,
        classes=classifier.classes,
        preprocessing=classifier.preprocessing,
        further=[(health, head)],
    ).eval()
    write_image_model(both, tmp_path / "model.onnx", card={})
    write_json(tmp_path / "classes.json", list(both.classes))
    write_json(tmp_path / "columns.json", {column.name: list(column.classes) for column in both.columns})
    write_json(tmp_path / "preprocessing.json", both.preprocessing.as_values())
    write_json(tmp_path / "card.json", {"asking": {"health": {"threshold": 1.0}}})
    shutil.copy(sample_program.__file__, tmp_path / "predict.py")
    single = sorted(image_folder.rglob("*.png"))[0]
    (row,) = csv.DictReader(io.StringIO(_predict(sys.executable, tmp_path, single).stdout))
    (answer,) = predict_images(both, [single])
    expected = answer.columns["health"]
    best = max(expected, key=lambda name: expected[name])
    assert (row["class"], row["class of health"]) == (answer.class_name, best)
    assert row["ask of health"] == "yes"
    assert "ask" not in row, "only one column has a threshold"
    own = {"health": {"threshold": 1.0, "classes": {best: {"threshold": 0.0}}}}
    write_json(tmp_path / "card.json", {"asking": own})
    (row,) = csv.DictReader(io.StringIO(_predict(sys.executable, tmp_path, single).stdout))
    assert row["ask of health"] == "no", "the class that it names has a threshold of its own"
    assert float(row["probability of health"]) == pytest.approx(expected[best], abs=1e-3)


def test_the_unknown_score_is_printed_where_the_model_gives_it(
    classifier: Classifier, image_folder: Path, tmp_path: Path
) -> None:
    files = sorted(image_folder.rglob("*.png"))
    inputs = [to_input(decode_rgb(file).pixels, classifier.preprocessing) for file in files[::4]]
    scored = with_score(classifier, torch.stack(inputs))
    write_image_model(scored, tmp_path / "model.onnx", card={})
    write_json(tmp_path / "classes.json", list(scored.classes))
    write_json(tmp_path / "preprocessing.json", scored.preprocessing.as_values())
    shutil.copy(sample_program.__file__, tmp_path / "predict.py")
    printed = list(csv.DictReader(io.StringIO(_predict(sys.executable, tmp_path, *files[:3]).stdout)))
    for row, answer in zip(printed, predict_images(scored, files[:3]), strict=True):
        assert row["class"] == answer.class_name
        assert float(row["unknown"]) == pytest.approx(answer.unknown, abs=1e-3)
