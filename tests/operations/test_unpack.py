"""Unpacking a zip file into the folder of a project."""

import shutil
from pathlib import Path

from tlstudio.core.files import projects_dir


def test_a_zip_file_is_unpacked_once(do, photos, tmp_path):
    folder = photos(per_class=1)
    archive = shutil.make_archive(str(tmp_path / "Wild bees"), "zip", folder)
    value = do("unpack", archive=archive)
    images = projects_dir() / "Wild bees" / "images"
    assert value == {"folder": str(images), "name": "Wild bees"}
    names = sorted(path.relative_to(images) for path in images.rglob("*.jpg"))
    assert names == sorted(path.relative_to(folder) for path in folder.rglob("*.jpg"))
    added = images / "mine.txt"
    added.touch()
    assert do("unpack", archive=archive) == value
    assert added.exists()


def test_another_zip_file_of_the_same_name_gets_a_place_of_its_own(do, photos, tmp_path):
    first = shutil.make_archive(str(tmp_path / "a" / "bees"), "zip", photos(name="one", per_class=1))
    second = shutil.make_archive(str(tmp_path / "b" / "bees"), "zip", photos(name="two", per_class=2))
    assert Path(first).name == Path(second).name
    assert [do("unpack", archive=file)["name"] for file in (first, second, first)] == [
        "bees",
        "bees 2",
        "bees",
    ]
