"""All that a strategy asks for besides the labelled images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.tiny import Photos
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.inputs import Inputs, read_inputs
from tlstudio.training.run.preparation import Preparation, prepare

ASKED = (
    InputSpec(id="more", title="More images", help="Of the same kind.", kind="images", flag="--more"),
    InputSpec(id="few", title="A few", help="Labelled.", kind="images", flag="--few", labelled=True),
    InputSpec(id="ignore", title="What to ignore", help="A pattern.", kind="column", flag="--ignore"),
    InputSpec(id="teacher", title="Teacher", help="A run.", kind="run", flag="--teacher"),
)


@pytest.fixture
def dataset(photos: Photos) -> Dataset:
    return scan_folder(photos(per_class=4))


@pytest.fixture
def prepared(dataset: Dataset, photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A run whose strategy asks for images, labelled images and a column, and was given them."""
    probe = STRATEGIES.get("linear-probe").model_copy(update={"inputs": ASKED})
    monkeypatch.setattr("tlstudio.training.run.inputs.strategy_spec", lambda _: probe)
    inputs = {
        "more": str(photos(name="more", per_class=2, seed=5)),
        "few": str(photos(name="few", per_class=1, seed=6)),
        "ignore": "[02468]?[.]",
    }
    run = RunFolder(tmp_path / "run")
    run.create()
    return prepare(dataset, run, Recipe(inputs=inputs), resume=False)


def read(dataset: Dataset, preparation: Preparation) -> tuple[Preparation, Inputs]:
    return read_inputs(dataset, preparation, run_id="r", emit=ignore, control=Control())


def resumed(dataset: Dataset, begun: Preparation, **inputs: str) -> None:
    """Read the inputs as a resumed run does, some of them from elsewhere."""
    recipe = begun.recipe.model_copy(update={"inputs": {**begun.recipe.inputs, **inputs}})
    read(dataset, replace(begun, recipe=recipe, is_resumed=True))


def test_each_input_is_read_and_its_hash_kept(dataset: Dataset, prepared: Preparation):
    begun, inputs = read(dataset, prepared)
    assert {name: len(images) for name, images in inputs.images.items()} == {"more": 6, "few": 3}
    learned = begun.images["train"] + begun.images["validation"]
    assert set(inputs.columns["ignore"]) == {image.path for image in learned}
    assert list(begun.recipe.inputs_sha256) == ["more", "few", "ignore"]
    resumed(dataset, begun)


@pytest.mark.parametrize(("changed", "title"), [("more", "More images"), ("few", "A few")])
def test_a_run_is_not_resumed_with_other_images(
    dataset: Dataset, prepared: Preparation, changed: str, title: str
):
    begun, _ = read(dataset, prepared)
    next(Path(begun.recipe.inputs[changed]).rglob("*.jpg")).unlink()
    with pytest.raises(UserError, match=rf"was changed since it started: {title}\."):
        resumed(dataset, begun)


def test_a_run_is_not_resumed_with_other_values_of_a_column(dataset: Dataset, prepared: Preparation):
    begun, _ = read(dataset, prepared)
    with pytest.raises(UserError, match=r"was changed since it started: What to ignore\."):
        resumed(dataset, begun, ignore="[13579]?[.]")


def test_another_label_is_another_input(dataset: Dataset, prepared: Preparation):
    begun, _ = read(dataset, prepared)
    one, two, *_ = (Path(begun.recipe.inputs["few"]) / name for name in begun.recipe.classes)
    file = next(one.iterdir())
    file.rename(two / f"moved-{file.name}")
    with pytest.raises(UserError, match="A few"):
        resumed(dataset, begun)
