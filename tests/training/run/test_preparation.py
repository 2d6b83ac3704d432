from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tlstudio.core.dataset import Dataset, Image, LabelColumn, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.recipe import Recipe, read_recipe
from tlstudio.data.splits import read_split
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.preparation import (
    LIBRARIES,
    keep_settings,
    prepare,
    versions,
    with_weights,
)


def images_of(*labels: str | None, per_class: int = 8) -> list[Image]:
    return [
        Image(path=f"{label}/{n}.jpg", sha256=f"{label}-{n}", labels=labels_of(label))
        for label in labels
        for n in range(per_class)
    ]


def dataset(*labels: str | None) -> Dataset:
    images = images_of(*(labels or ("bees", "ants")))
    classes = dict.fromkeys(image.label() for image in images if image.label())
    return Dataset.of_folder(Path("/photos"), images=images, classes=classes)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run-1")
    run.create()
    return run


def begin(run: RunFolder, given: Dataset, recipe: Recipe | None = None):
    """Prepare a run and leave on disk what a started run leaves."""
    settled = with_weights(prepare(given, run, recipe or Recipe(), resume=False), "w" * 64)
    keep_settings(run, settled, device="cpu", threads=1, runtime={"runtime": "torch-fp32", "batch_size": 4})
    return settled


def test_a_new_run_gets_its_classes_split_and_the_proof_of_its_data(run: RunFolder):
    settled = prepare(dataset(), run, Recipe(seed=3), resume=False)
    assert not settled.goes_on
    assert settled.recipe.classes == ("bees", "ants")  # in the order of the data set
    assert settled.recipe.images_root == "/photos"
    assert settled.recipe.seed == settled.split.seed == 3
    assert sum(map(len, settled.images.values())) == 16
    for name, images in settled.images.items():
        assert [image.path for image in images] == settled.split.paths(name)
        assert {image.label for image in images} == {0, 1}
        assert all(image.file == Path("/photos") / image.path for image in images)
        assert all(settled.recipe.classes[image.label] == image.path.split("/")[0] for image in images)
    assert not list(run.path.glob("*.json"))  # nothing is written yet


def test_unlabelled_images_and_classes_without_any_are_left_out(run: RunFolder):
    given = dataset("bees", "ants", None)
    settled = prepare(
        replace(given, columns=(LabelColumn(classes=("bees", "wasps", "ants")),)), run, Recipe(), resume=False
    )
    assert settled.recipe.classes == ("bees", "ants")
    assert len(settled.split.assignment) == 16


@pytest.mark.parametrize("change", ["content", "label", "path"])
def test_the_proof_changes_with_the_data(run: RunFolder, change: str):
    given = dataset()
    other = {
        "content": {"sha256": "other"},
        "label": {"labels": labels_of("ants")},
        "path": {"path": "bees/renamed.jpg"},
    }[change]
    changed = replace(given, images=(replace(given.images[0], **other), *given.images[1:]))
    shuffled = replace(given, images=given.images[::-1])
    one, same, two = (prepare(s, run, Recipe(), resume=False) for s in (given, shuffled, changed))
    assert one.recipe.data_sha256 == same.recipe.data_sha256 != two.recipe.data_sha256


def test_a_split_drawn_before_is_used(run: RunFolder, tmp_path: Path):
    drawn = prepare(dataset(), run, Recipe(seed=9), resume=False).split
    assert prepare(dataset(), run, Recipe(seed=1), resume=False, drawn=drawn).split == drawn


def test_what_is_settled_is_on_disk_and_comes_back(run: RunFolder):
    settled = begin(run, dataset(), Recipe(epochs=7))
    assert read_recipe(run.recipe) == settled.recipe
    assert read_split(run.split).assignment == settled.split.assignment
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    assert environment["device"] == "cpu"
    assert set(environment["versions"]) == set(versions()) == {"python", "tlstudio", *LIBRARIES}
    again = prepare(dataset(), run, Recipe(epochs=99, seed=5), resume=True)
    assert again.goes_on
    assert again.recipe.epochs == 7  # its own recipe, not the one asked for now
    assert again.images == settled.images
    before = run.recipe.read_bytes()
    keep_settings(run, again, device="cpu", threads=2, runtime={"runtime": "torch-fp32", "batch_size": 4})
    assert run.recipe.read_bytes() == before
    assert json.loads(run.environment.read_text(encoding="utf-8"))["threads"] == 2


def test_later_images_are_not_used_and_named(run: RunFolder):
    begin(run, dataset())
    more = dataset()
    late = Image(path="bees/late.jpg", sha256="late", labels=labels_of("bees"))
    again = prepare(replace(more, images=(*more.images, late)), run, Recipe(), resume=True)
    assert again.unused == ("bees/late.jpg",)
    assert late.path not in again.split.assignment


def test_a_run_is_not_begun_twice(run: RunFolder):
    begin(run, dataset())
    with pytest.raises(UserError, match="not finished") as caught:
        prepare(dataset(), run, Recipe(), resume=False)
    assert "--resume" in caught.value.mend
    run.metrics.write_text('{"status": "finished"}', encoding="utf-8")
    with pytest.raises(UserError, match="a finished run"):
        prepare(dataset(), run, Recipe(), resume=False)


def test_images_that_went_or_changed_stop_it(run: RunFolder):
    begin(run, dataset())
    given = dataset()
    with pytest.raises(UserError, match=r"bees/0\.jpg and 1 more"):
        prepare(replace(given, images=given.images[2:]), run, Recipe(), resume=True)
    changed = (replace(given.images[0], sha256="other"), *given.images[1:])
    with pytest.raises(UserError, match="changed since it started"):
        prepare(replace(given, images=changed), run, Recipe(), resume=True)


def test_two_classes_are_needed_and_each_must_be_learnt_from(run: RunFolder):
    with pytest.raises(UserError, match="only “bees” has any"):
        prepare(dataset("bees"), run, Recipe(), resume=False)
    with pytest.raises(UserError, match="none has any"):
        prepare(dataset(None), run, Recipe(), resume=False)
    split = prepare(dataset(), run, Recipe(), resume=False).split
    lost = {path: "test" if path.startswith("ants") else side for path, side in split.assignment.items()}
    with pytest.raises(UserError, match="No image of the class “ants”"):
        prepare(dataset(), run, Recipe(), resume=False, drawn=replace(split, assignment=lost))


def test_other_weights_stop_a_run_that_goes_on(run: RunFolder):
    begin(run, dataset())
    again = prepare(dataset(), run, Recipe(), resume=True)
    assert with_weights(again, "w" * 64).recipe.backbone.weights_sha256 == "w" * 64
    with pytest.raises(UserError, match="are others than those"):
        with_weights(again, "v" * 64)


@pytest.mark.parametrize("name", ["recipe.json", "split.csv"])
def test_weights_whose_split_or_recipe_is_gone_are_not_trained_on(run: RunFolder, name: str):
    begin(run, dataset())
    run.last_checkpoint.touch()
    (run.path / name).unlink()
    with pytest.raises(UserError, match=f"its {name} is gone"):
        prepare(dataset(), run, Recipe(), resume=True)
    assert run.last_checkpoint.exists()
