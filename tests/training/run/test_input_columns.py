"""Further label columns of a run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.training.tiny import Photos
from tlstudio.core.errors import UserError
from tlstudio.core.events import Event, WarningRaised
from tlstudio.core.types import Split
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.run.input_columns import read_input_columns
from tlstudio.training.run.preparation import prepare


@pytest.fixture
def read(photos: Photos, tmp_path: Path):
    """Reads columns of a table whose entries a function gives for the number of each of twelve images."""

    def run(names: str, *, recipe: Recipe | None = None, **columns):
        root = photos(per_class=4)
        paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))
        with (root / "labels.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["image", *columns])
            rows.writerows([path, *(of(n) for of in columns.values())] for n, path in enumerate(paths))
        folder = RunFolder(tmp_path / "run")
        folder.create()
        dataset, recipe = scan_folder(root), recipe or Recipe()
        sides = ["train", "train", "validation", "test"] * 3
        drawn = Split(
            assignment=dict(zip(paths, sides, strict=True)),
            seed=0,
            validation_fraction=0.25,
            test_fraction=0.25,
        )
        preparation = prepare(dataset, folder, recipe, resume=False, drawn=drawn)
        events: list[Event] = []
        found = read_input_columns(
            names, dataset=dataset, preparation=preparation, run_id="run", emit=events.append
        )
        return found, [event for event in events if isinstance(event, WarningRaised)]

    return run


def test_images_get_their_class_in_each_column_or_none(read):
    found, warnings = read(
        "size, age", size=lambda n: "sl"[n % 2], age=lambda n: ["old", "young", ""][n % 3], label=lambda n: ""
    )
    assert (found.first, [column.name for column in found.further]) == ("label", ["size", "age"])
    assert [image.further for image in found.images["train"]][:3] == [(1, 0), (0, 1), (1, 1)]
    assert found.only_further == ()
    assert len(found.values) == 12
    assert "“size” (l 6 and s 6) and “age” (old 4 and young 4)" in warnings[-1].message


def test_a_class_that_no_image_to_learn_from_has_is_left_out_and_said(read):
    found, warnings = read("size", size=lambda n: "rare" if n in (3, 7) else "sl"[n % 2])
    assert found.further[0].classes == ("l", "s")
    assert [image.further for image in found.images["test"]] == [(-1,), (-1,), (0,)]
    assert warnings[0].message.startswith("“size”: rare cannot be learned")
    assert len(warnings[0].paths) == 2


def test_a_column_with_one_class_to_learn_from_is_refused(read):
    with pytest.raises(UserError, match="“size” need images to learn from; only “s” has any"):
        read("size", size=lambda n: "l" if n % 4 > 1 else "s")


def test_a_freeze_line_cannot_be_chosen_for_several_columns(read):
    with pytest.raises(UserError, match="only with one label column"):
        read("size", recipe=Recipe(freeze="auto"), size=lambda n: "sl"[n % 2])


def test_the_first_column_has_the_name_of_the_one_that_mostly_says_the_same(read):
    names = ["ants"] * 4 + ["bees"] * 4 + ["leaves"] * 4
    found, _ = read("size", kind=lambda n: "ants" if n == 5 else names[n], size=lambda n: "sl"[n % 2])
    assert found.first == "kind"


def test_a_further_column_of_the_usual_name_gives_the_first_another(read):
    found, _ = read("Label", Label=lambda n: ["s", "l", ""][n % 3])
    assert [found.first, found.further[0].name] == ["folder", "Label"]
