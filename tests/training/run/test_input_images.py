"""The images that a strategy asks for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.tiny import Photos
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.events import Event, WarningRaised
from tlstudio.data.scan import scan_folder
from tlstudio.features.images import UNLABELLED, RunImage
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_images import read_input_images
from tlstudio.training.run.preparation import Preparation, prepare

MORE = InputSpec(id="more", title="More images", help="Of the same kind.", kind="images", flag="--more")
LABELLED = MORE.model_copy(update={"labelled": True})


@pytest.fixture
def dataset(photos: Photos) -> Dataset:
    return scan_folder(photos())


@pytest.fixture
def prepared(dataset: Dataset, tmp_path: Path) -> Preparation:
    """A run on 24 photos."""
    run = RunFolder(tmp_path / "run")
    run.create()
    return prepare(dataset, run, Recipe(), resume=False)


def read(
    dataset: Dataset, preparation: Preparation, folder: Path | None, spec: InputSpec = MORE
) -> tuple[tuple[RunImage, ...], list[WarningRaised]]:
    """Read the images of a folder, and what is warned of."""
    events: list[Event] = []
    inputs = {spec.id: str(folder)} if folder else {}
    recipe = preparation.recipe.model_copy(update={"inputs": inputs})
    images = read_input_images(
        spec,
        dataset=dataset,
        preparation=replace(preparation, recipe=recipe),
        run_id="r",
        emit=events.append,
        control=Control(),
    )
    return images, [event for event in events if isinstance(event, WarningRaised)]


def test_too_few_images_are_counted_and_no_classes_are_asked_for(
    dataset, prepared, photos: Photos, tmp_path: Path
):
    one = photos(name="one", classes=("a",), per_class=1, seed=5)
    with pytest.raises(UserError, match=r"only 1 usable image is in .*at least 2 are needed"):
        read(dataset, prepared, one, MORE.model_copy(update={"fewest": 2}))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for place in (tmp_path / "empty", tmp_path / "file"):
        with pytest.raises(UserError) as unlabelled:
            read(dataset, prepared, place)
        assert unlabelled.value.mend == "Give a folder that holds images."
        with pytest.raises(UserError) as labelled:
            read(dataset, prepared, place, LABELLED)
        assert "per class" in labelled.value.mend


def test_labels_are_not_used_and_what_cannot_be_read_is_said(dataset, prepared, photos: Photos):
    folder = photos(name="more", per_class=2, seed=5)
    (folder / "torn.jpg").write_bytes(b"no image")
    images, (warning,) = read(dataset, prepared, folder)
    assert {image.label for image in images} == {UNLABELLED}
    assert len(images) == 6
    assert warning.paths == ("torn.jpg",)
    assert warning.message == "More images: 1 file cannot be used."


def test_names_do_not_matter(dataset, prepared, photos: Photos, tmp_path: Path):
    folder, moved = photos(name="more", per_class=2, seed=5), tmp_path / "flat"
    moved.mkdir()
    for number, file in enumerate(sorted(folder.rglob("*.jpg"), reverse=True)):
        shutil.copy(file, moved / f"{number}.jpg")
    images, renamed = (read(dataset, prepared, place)[0] for place in (folder, moved))
    assert [image.sha256 for image in renamed] == [image.sha256 for image in images]


def test_test_images_are_left_out(dataset, prepared, tmp_path: Path):
    images, (warning,) = read(dataset, prepared, dataset.root)
    tested = prepared.images["test"]
    assert tested
    assert not {image.sha256 for image in tested} & {image.sha256 for image in images}
    assert "copies of test images are not used" in warning.message
    few = MORE.model_copy(update={"fewest": len(dataset.images)})
    with pytest.raises(
        UserError, match=rf"besides {len(tested)} cop(y|ies) of test images or of one another"
    ):
        read(dataset, prepared, dataset.root, few)
    only = tmp_path / "only"
    only.mkdir()
    shutil.copy(tested[0].file, only)
    with pytest.raises(UserError, match="also a test image"):
        read(dataset, prepared, only)


def test_images_without_a_label_stand_in_where_the_strategy_says_so(dataset, prepared):
    stands_in = MORE.model_copy(update={"required": False, "else_unlabelled": True})
    assert read(dataset, prepared, None, stands_in)[0] == ()
    needed = stands_in.model_copy(update={"required": True})
    with pytest.raises(UserError, match=r"every image in .* has a label. Give a folder of further"):
        read(dataset, prepared, None, needed)
    more = replace(dataset.images[0], path="loose.jpg", sha256="0" * 64, labels=labels_of(None))
    with_more = replace(dataset, images=(*dataset.images, more))
    for spec in (stands_in, needed):
        assert [image.path for image in read(with_more, prepared, None, spec)[0]] == ["loose.jpg"]
    assert read(with_more, prepared, None)[0] == ()


def test_labels_are_read_where_they_are_asked_for(dataset, prepared, photos: Photos):
    folder = photos(name="more", per_class=2, seed=5)
    images, _ = read(dataset, prepared, folder, LABELLED)
    classes = prepared.recipe.classes
    assert [classes[image.label] for image in images] == [image.path.split("/")[0] for image in images]
    (folder / classes[0]).rename(folder / "strangers")
    with pytest.raises(UserError, match=r"strangers/.* is of no class of this classifier"):
        read(dataset, prepared, folder, LABELLED)
