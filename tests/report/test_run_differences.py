"""What differs between two runs."""

from __future__ import annotations

from pathlib import Path

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.core.files import write_json
from tlstudio.project.run_images import KnownImage, write_known_images
from tlstudio.report.run_differences import run_differences


def differing(tmp_path: Path, first: dict, second: dict, **rest) -> dict[str, tuple[str, str]]:
    runs = [
        make_tested_run(tmp_path / name, answers(4, 0), recipe=recipe, **rest)
        for name, recipe in (("run-1", first), ("run-2", second))
    ]
    return {row.setting: (row.first, row.second) for row in run_differences(*runs)}


SAME = {"data_sha256": "a" * 64, "images_root": "here"}


def test_equal_runs_differ_in_nothing(tmp_path: Path):
    elsewhere = {**SAME, "images_root": "there", "device": "cuda", "threads": 3, "budget_seconds": 5}
    assert differing(tmp_path, SAME, elsewhere) == {}


def test_settings_are_named_in_plain_words(tmp_path: Path):
    second = {
        **SAME,
        "strategy": "fine-tune",
        "strategy_options": {"keep_old": 0.5, "mixup": 0.0},
        "freeze": "blocks.5",
        "optimiser": {"batch_size": 16},
        "augmentation": {"flip_horizontal": False},
        "seed": 3,
        "backbone": {"id": "resnet18.a1_in1k"},
        "split": {"groups": "patient"},
    }
    found = differing(tmp_path, SAME, second)
    assert found["What learns"] == ("only the head", "from blocks 5 up")
    assert found["Strategy"] == ("only the head learns", "fine-tuning")
    assert found["Keep old knowledge"] == ("–", "0.5")
    assert found["Optimiser: batch size"] == ("32", "16")
    assert found["Augmentation: flip horizontal"] == ("yes", "no")
    assert found["Split: groups"] == ("none", "patient")
    assert found["Seed"] == ("0", "3")
    assert found["Backbone"][0] == "EfficientNet-Lite0"
    assert len(found) == 8, "an option that is as it is by default is no difference"


def test_what_a_run_found_out_is_compared(tmp_path: Path):
    def made(letter: str, version: str) -> dict:
        backbone = {"weights_sha256": letter * 64}
        return {**SAME, "backbone": backbone, "versions": {"torch": version, "timm": "1"}}

    found = differing(tmp_path, made("a", "2.1"), made("b", "2.2"))
    assert found == {"Weights of the backbone": ("aaaaaaaa", "bbbbbbbb"), "Version of torch": ("2.1", "2.2")}


def test_changes_of_the_data_are_counted(tmp_path: Path):
    first, second = answers(6, 0), answers(6, 2)
    second["ants/000.jpg"] = ("bees", "bees")
    runs = [
        make_tested_run(tmp_path / name, tested, recipe={"data_sha256": letter * 64})
        for name, tested, letter in (("run-1", first, "a"), ("run-2", second, "b"))
    ]
    rows = {row.setting: (row.first, row.second) for row in run_differences(*runs)}
    assert rows["Images and labels"] == (
        "6 images",
        "8 images: 1 of 6 labels of check and test images changed",
    ), "what was learned from is not noted"
    for run in runs:
        learned = KnownImage(path="x", split="train", sha256="0" * 64, near_hash="")
        write_known_images(run.images, [learned])
    rows = {row.setting: (row.first, row.second) for row in run_differences(*runs)}
    assert rows["Images and labels"][1].startswith("8 images: 2 new, 0 gone; ")
    assert rows["Division"] == ("6 test", "8 test")


def test_what_is_not_noted_is_not_claimed(tmp_path: Path):
    runs = [
        make_tested_run(tmp_path / name, answers(4, 0), recipe={"data_sha256": letter * 64}, noted=False)
        for name, letter in (("run-1", "a"), ("run-2", "b"))
    ]
    (row,) = run_differences(*runs)
    assert row.second == "4 images, not the same"
    for run in runs:
        for file in (run.images, run.test_images):
            write_known_images(file, [])
    (row,) = run_differences(*runs)
    assert row.second == "4 images, with other training labels or names of files"


def test_many_classes_are_counted(tmp_path: Path):
    names = [f"class {number}" for number in range(30)]
    found = differing(tmp_path, SAME, SAME)
    assert "Classes" not in found
    runs = [make_tested_run(tmp_path / name, answers(4, 0), recipe=SAME) for name in ("run-1", "run-2")]
    write_json(runs[1].recipe, {**SAME, "classes": names})
    (row,) = run_differences(*runs)
    assert row.second.endswith("class 7 and 22 more")
