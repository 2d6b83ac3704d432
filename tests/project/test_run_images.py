"""The table of the images that a run knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.errors import UserError
from tlstudio.project.run_images import KnownImage, read_known_images, write_known_images

TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)


@given(paths=st.lists(TEXT, max_size=5))
def test_every_name_survives(tmp_path_factory: pytest.TempPathFactory, paths: list[str]):
    file = tmp_path_factory.mktemp("run") / "images.csv"
    images = [
        KnownImage(
            path=path, split="train", sha256=f"{number:064x}", near_hash="" if number % 2 else "f" * 64
        )
        for number, path in enumerate(dict.fromkeys(paths))
        if not any("\ud800" <= sign <= "\udfff" for sign in path) and "\0" not in path
    ]
    write_known_images(file, images)
    assert read_known_images(file) == images


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a,b\n1,2\n",
        "path,split,sha256,near_hash\nonly-one\n",
        f"path,split,sha256,near_hash\na,train,{'0' * 64},xyz\n",
        "path,split,sha256,near_hash\na,train,s,\n",
        f"path,split,sha256,near_hash\na,test,{'0' * 64},\n",
        "path,split,sha256,near_hash\n" + f"a,train,{'0' * 64},\n" * 2,
    ],
)
def test_a_damaged_table_is_named(tmp_path: Path, content: str):
    file = tmp_path / "images.csv"
    file.write_text(content)
    with pytest.raises(UserError, match="is damaged") as raised:
        read_known_images(file)
    assert raised.value.mend
