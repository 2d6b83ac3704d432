"""A column that a strategy asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.tiny import Photos
from tlstudio.core.errors import UserError
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_column import read_input_column
from tlstudio.training.run.preparation import prepare

SPEC = InputSpec(id="camera", title="What to ignore", help="The camera.", kind="column", flag="--camera")


@pytest.fixture
def read(photos: Photos, tmp_path: Path):
    """Reads what a rule says of twelve photos called photo-0.png and so on."""

    def run(rule: str):
        folder = RunFolder(tmp_path / "run")
        folder.create()
        dataset = scan_folder(photos(per_class=4))
        preparation = prepare(dataset, folder, Recipe(), resume=False)
        return preparation, read_input_column(rule, SPEC, dataset=dataset, preparation=preparation)

    return run


def test_a_pattern_gives_each_image_that_is_learned_from_a_value(read):
    preparation, values = read("[02468]?[.]")
    images = preparation.images["train"] + preparation.images["validation"]
    assert list(values) == sorted(image.path for image in images)


def test_what_does_not_fit_is_refused_with_the_name_of_the_field(read):
    with pytest.raises(UserError, match="What to ignore: “gone” is no column"):
        read("gone")
