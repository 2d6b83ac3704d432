"""Training on a folder."""

import shutil

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.operations import train
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe


def test_train_leaves_a_run_that_evaluate_reads(photos, do, tmp_path):
    recipe = {**CHEAP, "split": {"validation": 0.2, "test": 0.25}}
    result = do("train", folder=photos(), run=tmp_path / "run", recipe=recipe)
    assert result["classes"] == ["ants", "bees", "leaves"]
    figures = do("evaluate", run=tmp_path / "run")
    assert {key: figures[key] for key in ("accuracy", "n")} == {
        key: result["test"][key] for key in ("accuracy", "n")
    }
    assert do("train", folder=photos(name="again"), run=tmp_path / "run", resume=True) == result


def test_a_division_that_came_with_the_images_is_trained_and_told(photos, do, tmp_path):
    for part, seed in (("train", 1), ("Validation", 2), ("holdout", 3)):
        photos(name=f"set/photos_v2/{part}", per_class=6, seed=seed)
    images = tmp_path / "set" / "photos_v2"
    (images / "holdout" / "ants" / "copy.jpg").write_bytes((images / "train/ants/photo-000.jpg").read_bytes())
    (images / "train" / ".hidden.jpg").touch()
    result = do("train", folder=tmp_path / "set", run=tmp_path / "run", recipe=CHEAP)
    assert result["classes"] == ["ants", "bees", "leaves"]
    assert result["images"] == {"train": 18, "validation": 18, "test": 19, "skipped": 0}
    told = " ".join(result["warnings"])
    assert "train, Validation and holdout are taken as a division" in told
    assert told.count("1 picture lies on several sides of the division as exact copies") == 1
    assert told.count("1 picture lies on several sides of the division as near-duplicates") == 1
    assert "1 hidden file is passed over" in told
    split = read_split(tmp_path / "run" / "split.csv")
    assert split.assignment["photos_v2/holdout/ants/copy.jpg"] == "test"
    assert "came with the images" in split.notes[0]
    assert read_recipe(tmp_path / "run" / "recipe.json").layout == "auto"


def test_a_class_that_is_only_tested_is_refused_by_name(photos, do, tmp_path):
    photos(name="set/train", per_class=4, classes=("ants", "bees"))
    photos(name="set/test", per_class=4, classes=("ants", "Bees"), seed=1)
    with pytest.raises(UserError, match="“Bees” is left to learn from: it is in test alone"):
        do("train", folder=tmp_path / "set", run=tmp_path / "run", recipe=CHEAP)


def test_loose_images_are_trained_by_their_table(photos, do, tmp_path):
    images = photos(per_class=6)
    rows = ["Datei;Art"]
    for file in sorted(images.rglob("*.jpg")):
        name = f"{file.parent.name}-{file.name}"
        file.rename(images / name)
        rows.append(f"{name.replace('.jpg', '.JPG')};{file.parent.name}")
    (images / "Liste.csv").write_text("\r\n".join([*rows, "gone.jpg;ants"]), encoding="utf-16")
    result = do("train", folder=images, run=tmp_path / "run", recipe=CHEAP)
    assert result["classes"] == ["ants", "bees", "leaves"]
    told = " ".join(result["warnings"])
    assert "Liste.csv gives 18 of 18 images their class" in told
    assert "1 name in Liste.csv fits no usable image" in told


def test_a_run_resumes_with_its_own_way_to_read_the_folders(photos, do, tmp_path):
    for part, seed in (("train", 1), ("test", 2)):
        photos(name=f"set/{part}", per_class=4, seed=seed)
    recipe = {**CHEAP, "layout": "top"}
    first = do("train", folder=tmp_path / "set", run=tmp_path / "run", recipe=recipe)
    assert first["classes"] == ["test", "train"]
    (tmp_path / "run" / "metrics.json").unlink()
    again = do("train", folder=tmp_path / "set", run=tmp_path / "run", resume=True)
    assert again["classes"] == ["test", "train"]


def test_a_table_that_leaves_open_what_is_meant_is_named_as_the_cause(photos, do, tmp_path):
    images = photos(classes=("images",), per_class=4)
    rows = [f"photo-00{n}.jpg,{'mf'[n % 2]},{n // 2}" for n in range(4)]
    (images / "labels.csv").write_text("\n".join(["image,sex,age", *rows]), encoding="utf-8")
    with pytest.raises(UserError, match="at least two classes") as caught:
        do("train", folder=images, run=tmp_path / "run", recipe=CHEAP)
    assert "none of its columns is clearly their class (sex and age)" in caught.value.work
    assert "call that column" in caught.value.mend
    recipe = {**CHEAP, "label_column": "sex", "split": {"validation": 0, "test": 0}}
    assert do("train", folder=images, run=tmp_path / "run", recipe=recipe)["classes"] == ["f", "m"]


def test_one_picture_in_two_classes_is_told_while_it_learns_from_it(photos, do, tmp_path):
    root = photos()
    for number in range(3):
        shutil.copy(root / "ants" / f"photo-{number:03d}.jpg", root / "bees" / f"copy-{number}.jpg")
    result = do("train", folder=root, run=tmp_path / "run", recipe=CHEAP)
    (told,) = [warning for warning in result["warnings"] if "in more than one class" in warning]
    assert told.startswith("3 images lie")
    stored = read_run_result(RunFolder(tmp_path / "run")).reported.findings
    assert any(len(finding.paths) == 6 for finding in stored if finding.check == "label-conflicts")


def test_a_mistyped_backbone_is_refused_before_the_images_are_read(photos, do, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "scan_for_training", None)
    recipe = {**CHEAP, "backbone": {"id": "eficientnet_lite0"}}
    with pytest.raises(UserError, match="efficientnet_lite0"):
        do("train", folder=photos(), run=tmp_path / "run", recipe=recipe)
    assert not (tmp_path / "run").exists()


def test_a_refused_run_leaves_no_folder_and_a_folder_of_somebody_stays(photos, do, tmp_path):
    recipe = {**CHEAP, "strategy": "zero-shot", "inputs": {"classes": "greens: no class of these"}}
    for run in (tmp_path / "run", tmp_path / "mine"):
        if run.name == "mine":
            run.mkdir()
        with pytest.raises(UserError, match="greens"):
            do("train", folder=photos(per_class=4, name=f"of-{run.name}"), run=run, recipe=recipe)
    assert not (tmp_path / "run").exists()
    assert (tmp_path / "mine").is_dir()
