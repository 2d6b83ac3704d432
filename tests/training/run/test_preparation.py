from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tlstudio.core.dataset import Dataset, Image, LabelColumn, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing
from tlstudio.core.values import ValueSummary
from tlstudio.data.splits import read_split
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe, read_recipe
from tlstudio.training.run.preparation import (
    LIBRARIES,
    prepare,
    versions,
    with_weights,
    write_settings,
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


def begin(run: RunFolder, images: Dataset, recipe: Recipe | None = None):
    """Prepare a run and leave on disk what a started run leaves."""
    prepared = with_weights(prepare(images, run, recipe or Recipe(), resume=False), "w" * 64)
    write_settings(run, prepared, device="cpu", threads=1, runtime={"runtime": "torch-fp32", "batch_size": 4})
    return prepared


def test_a_new_run_gets_its_classes_its_split_and_the_hash_of_its_data(run: RunFolder):
    prepared = prepare(dataset(), run, Recipe(seed=3), resume=False)
    assert not prepared.is_resumed
    assert prepared.recipe.classes == ("bees", "ants")  # in the order of the data set
    assert prepared.recipe.images_root == "/photos"
    assert prepared.recipe.seed == prepared.split.seed == 3
    assert sum(map(len, prepared.images.values())) == 16
    for name, images in prepared.images.items():
        assert [image.path for image in images] == prepared.split.paths(name)
        assert {image.label for image in images} == {0, 1}
        assert all(image.file == Path("/photos") / image.path for image in images)
        assert all(prepared.recipe.classes[image.label] == image.path.split("/")[0] for image in images)
    assert not list(run.path.glob("*.json"))  # nothing is written yet


def test_unlabelled_images_and_classes_without_any_are_left_out(run: RunFolder):
    found = dataset("bees", "ants", None)
    prepared = prepare(
        replace(found, columns=(LabelColumn(classes=("bees", "wasps", "ants")),)), run, Recipe(), resume=False
    )
    assert prepared.recipe.classes == ("bees", "ants")
    assert len(prepared.split.assignment) == 16


@pytest.mark.parametrize("change", ["content", "label", "path"])
def test_the_data_hash_changes_with_the_data(run: RunFolder, change: str):
    found = dataset()
    other = {
        "content": {"sha256": "other"},
        "label": {"labels": labels_of("ants")},
        "path": {"path": "bees/renamed.jpg"},
    }[change]
    changed = replace(found, images=(replace(found.images[0], **other), *found.images[1:]))
    shuffled = replace(found, images=found.images[::-1])
    one, same, two = (prepare(s, run, Recipe(), resume=False) for s in (found, shuffled, changed))
    assert one.recipe.data_sha256 == same.recipe.data_sha256 != two.recipe.data_sha256


def test_a_split_drawn_before_is_used(run: RunFolder, tmp_path: Path):
    drawn = prepare(dataset(), run, Recipe(seed=9), resume=False).split
    assert prepare(dataset(), run, Recipe(seed=1), resume=False, drawn=drawn).split == drawn


def test_a_resumed_run_reads_its_settings_from_disk(run: RunFolder):
    prepared = begin(run, dataset(), Recipe(epochs=7))
    assert read_recipe(run.recipe) == prepared.recipe
    assert read_split(run.split).assignment == prepared.split.assignment
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    assert environment["device"] == "cpu"
    assert set(environment["versions"]) == set(versions()) == {"python", "tlstudio", *LIBRARIES}
    again = prepare(dataset(), run, Recipe(epochs=99, seed=5), resume=True)
    assert again.is_resumed
    assert again.recipe.epochs == 7  # its own recipe, not the one asked for now
    assert again.images == prepared.images
    before = run.recipe.read_bytes()
    write_settings(run, again, device="cpu", threads=2, runtime={"runtime": "torch-fp32", "batch_size": 4})
    assert run.recipe.read_bytes() == before
    assert json.loads(run.environment.read_text(encoding="utf-8"))["threads"] == 2


def test_images_added_later_are_listed_and_not_used(run: RunFolder):
    begin(run, dataset())
    more = dataset()
    late = Image(path="bees/late.jpg", sha256="late", labels=labels_of("bees"))
    again = prepare(replace(more, images=(*more.images, late)), run, Recipe(), resume=True)
    assert again.unused == ("bees/late.jpg",)
    assert late.path not in again.split.assignment


def test_a_run_is_not_started_twice(run: RunFolder):
    begin(run, dataset())
    with pytest.raises(UserError, match="not finished") as caught:
        prepare(dataset(), run, Recipe(), resume=False)
    assert "resume" in caught.value.mend
    run.metrics.write_text('{"status": "finished"}', encoding="utf-8")
    with pytest.raises(UserError, match="a finished run"):
        prepare(dataset(), run, Recipe(), resume=False)


def test_a_run_does_not_resume_when_its_images_are_gone_or_changed(run: RunFolder):
    begin(run, dataset())
    found = dataset()
    with pytest.raises(UserError, match=r"bees/0\.jpg and 1 more"):
        prepare(replace(found, images=found.images[2:]), run, Recipe(), resume=True)
    changed = (replace(found.images[0], sha256="other"), *found.images[1:])
    with pytest.raises(UserError, match="changed since it started"):
        prepare(replace(found, images=changed), run, Recipe(), resume=True)


def test_two_classes_with_training_images_are_needed(run: RunFolder):
    with pytest.raises(UserError, match="only “bees” has any"):
        prepare(dataset("bees"), run, Recipe(), resume=False)
    with pytest.raises(UserError, match="none has any"):
        prepare(dataset(None), run, Recipe(), resume=False)
    split = prepare(dataset(), run, Recipe(), resume=False).split
    lost = {path: "test" if path.startswith("ants") else side for path, side in split.assignment.items()}
    with pytest.raises(UserError, match="No image of the class “ants”"):
        prepare(dataset(), run, Recipe(), resume=False, drawn=replace(split, assignment=lost))


def test_a_run_does_not_resume_with_other_weights(run: RunFolder):
    begin(run, dataset())
    again = prepare(dataset(), run, Recipe(), resume=True)
    assert with_weights(again, "w" * 64).recipe.backbone.weights_sha256 == "w" * 64
    with pytest.raises(UserError, match="are others than those"):
        with_weights(again, "v" * 64)


@pytest.mark.parametrize("name", ["recipe.json", "split.csv"])
def test_a_run_without_its_split_or_recipe_does_not_resume(run: RunFolder, name: str):
    begin(run, dataset())
    run.last_checkpoint.touch()
    (run.path / name).unlink()
    with pytest.raises(UserError, match=f"its {name} is gone"):
        prepare(dataset(), run, Recipe(), resume=True)
    assert run.last_checkpoint.exists()


def test_the_first_label_column_is_learned(run: RunFolder):
    columns = (LabelColumn(name="health", classes=("well", "ill")), LabelColumn(classes=("ants", "bees")))
    images = tuple(
        replace(image, labels={**image.labels, "health": "ill" if number % 2 else "well"})
        for number, image in enumerate(images_of("ants", "bees"))
    )
    prepared = prepare(replace(dataset(), columns=columns, images=images), run, Recipe(), resume=False)
    assert prepared.recipe.classes == ("well", "ill")
    health = {image.path: image.labels["health"] for image in images}
    for part in prepared.images.values():
        assert all(prepared.recipe.classes[image.label] == health[image.path] for image in part)


def test_the_data_hash_of_one_column_is_what_it_always_was(run: RunFolder):
    prepared = prepare(dataset(), run, Recipe(), resume=False)
    lines = [f"{label}/{n}.jpg\0{label}-{n}\0{label}\n" for label in ("ants", "bees") for n in range(8)]
    assert prepared.recipe.data_sha256 == sha256("".join(lines).encode()).hexdigest()


DEEP = ValueSummary(layout="grey, whole numbers", bits=12, least=(0,), low=(100,), high=(900,), most=(4095,))


def deep_dataset() -> Dataset:
    found = dataset()
    return replace(found, images=tuple(replace(image, values=DEEP) for image in found.images))


def test_the_window_of_values_is_found_once_and_kept_by_a_resumed_run(run: RunFolder):
    prepared = begin(run, deep_dataset())
    (window,) = prepared.recipe.values.found or ()
    assert (window.low, window.high) == ((100,), (900,))
    others = replace(DEEP, high=(4000.0,))
    later = deep_dataset()
    later = replace(later, images=tuple(replace(image, values=others) for image in later.images))
    resumed = prepare(later, run, Recipe(), resume=True)
    assert resumed.recipe.values.found == (window,)
    assert resumed.recipe.preprocessing(Preprocessing()).values == (window,)


def test_a_set_of_ordinary_images_has_no_window(run: RunFolder):
    recipe = prepare(dataset(), run, Recipe(), resume=False).recipe
    assert recipe.values.found == ()
    assert recipe.preprocessing(Preprocessing()).values == ()


def test_a_run_that_began_before_there_were_windows_goes_on_without(run: RunFolder):
    begin(run, deep_dataset())
    values = json.loads(run.recipe.read_text(encoding="utf-8"))
    del values["values"]
    run.recipe.write_text(json.dumps(values), encoding="utf-8")
    resumed = prepare(deep_dataset(), run, Recipe(), resume=True)
    assert resumed.recipe.values.window == "image"
    assert resumed.recipe.preprocessing(Preprocessing()).values is None
