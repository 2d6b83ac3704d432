"""The unlabelled images that a strategy asks for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.tiny import Photos
from tlstudio.core.control import Control
from tlstudio.core.dataset import labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.events import Event, WarningRaised, ignore
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_images import UNLABELLED, read_input_images
from tlstudio.training.run.preparation import Preparation, prepare

MORE = InputSpec(id="more", title="More images", help="Of the same kind.", kind="images", flag="--more")


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch):
    """Lets the linear probe ask for images."""

    def ask(spec: InputSpec = MORE) -> None:
        probe = STRATEGIES.get("linear-probe").model_copy(update={"inputs": (spec,)})
        monkeypatch.setattr("tlstudio.training.run.input_images.strategy_spec", lambda _: probe)

    return ask


@pytest.fixture
def prepared(photos: Photos, tmp_path: Path):
    """Prepares a run on 24 photos."""

    def make(**inputs: str):
        run = RunFolder(tmp_path / "run")
        run.create()
        dataset = scan_folder(photos())
        return dataset, prepare(dataset, run, Recipe(inputs=inputs), resume=False)

    return make


def read(dataset, preparation: Preparation, events: list[Event] | None = None):
    emit = ignore if events is None else events.append
    return read_input_images(dataset, preparation, run_id="r", emit=emit, control=Control())


def test_labels_are_not_used_and_what_cannot_be_read_is_said(asks, prepared, photos: Photos, tmp_path: Path):
    asks()
    folder = photos(name="more", per_class=2, seed=5)
    (folder / "torn.jpg").write_bytes(b"no image")
    events: list[Event] = []
    preparation, images = read(*prepared(more=str(folder)), events)
    assert {image.label for image in images["more"]} == {UNLABELLED}
    assert len(images["more"]) == 6
    (warning,) = (event for event in events if isinstance(event, WarningRaised))
    assert warning.paths == ("torn.jpg",)
    assert set(preparation.recipe.inputs_sha256) == {"more"}


def test_names_do_not_matter_and_other_content_does(asks, prepared, photos: Photos, tmp_path: Path):
    asks()
    folder = photos(name="more", per_class=2, seed=5)
    dataset, preparation = prepared(more=str(folder))
    first, images = read(dataset, preparation)
    moved = tmp_path / "flat"
    moved.mkdir()
    for number, file in enumerate(sorted(folder.rglob("*.jpg"), reverse=True)):
        shutil.copy(file, moved / f"{number}.jpg")
    flat = first.recipe.model_copy(update={"inputs": {"more": str(moved)}})
    again, renamed = read(dataset, Preparation(**{**fields(first), "recipe": flat, "is_resumed": True}))
    assert [image.sha256 for image in renamed["more"]] == [image.sha256 for image in images["more"]]
    (moved / "0.jpg").unlink()
    with pytest.raises(UserError, match="was changed"):
        read(dataset, again)


def fields(preparation: Preparation) -> dict:
    return {name: getattr(preparation, name) for name in Preparation.__dataclass_fields__}


def test_test_images_are_left_out(asks, prepared):
    asks()
    dataset, preparation = prepared()
    recipe = preparation.recipe.model_copy(update={"inputs": {"more": str(dataset.root)}})
    events: list[Event] = []
    _, images = read(dataset, Preparation(**{**fields(preparation), "recipe": recipe}), events)
    tested = {image.sha256 for image in preparation.images["test"]}
    assert tested
    assert not tested & {image.sha256 for image in images["more"]}
    assert any("also test images" in event.message for event in events if isinstance(event, WarningRaised))


def test_images_without_a_label_stand_in_where_the_strategy_says_so(asks, prepared, photos: Photos):
    asks(MORE.model_copy(update={"required": False, "else_unlabelled": True}))
    dataset, preparation = prepared()
    assert read(dataset, preparation)[1] == {}
    loose = labels_of(None)
    more = replace(dataset.images[0], path="loose.jpg", sha256="0" * 64, labels=loose)
    found = read(replace(dataset, images=(*dataset.images, more)), preparation)[1]
    assert [image.path for image in found["more"]] == ["loose.jpg"]
