"""Copies of predicted images in class folders."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, WarningRaised
from tlstudio.core.types import PredictedImage
from tlstudio.inference.class_folders import COPIES, copy_while_reading, folder_names


def predicted(file: Path, name: str = "ants", *, unknown: float | None = None) -> PredictedImage:
    return PredictedImage(
        path=str(file),
        probabilities={name: 0.9, **dict.fromkeys({"ants", "bees"} - {name}, 0.1)},
        unknown=unknown,
    )


def image(file: Path, content: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content or file.as_posix(), encoding="utf-8")
    return file


def copied(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


class Copying:
    """Runs the copying and keeps what it says."""

    def __init__(self, source: Path, out: Path) -> None:
        self.source, self.out = source, out
        self.events: list[Event] = []

    def __call__(self, predictions: list[PredictedImage] | Iterator[PredictedImage]) -> list[PredictedImage]:
        self.events.clear()
        copying = copy_while_reading(
            iter(predictions), self.out, sources=[self.source], run_id="job", emit=self.events.append
        )
        return list(copying)

    @property
    def note(self) -> str:
        (event,) = self.events
        assert isinstance(event, WarningRaised)
        assert (event.code, event.run_id) == (COPIES, "job")
        return event.message


@pytest.fixture
def copy(tmp_path) -> Copying:
    (tmp_path / "photos").mkdir()
    return Copying(tmp_path / "photos", tmp_path / "sorted")


def test_images_are_copied_into_the_folder_of_their_class_and_stay(copy):
    ant, bee = image(copy.source / "1.jpg"), image(copy.source / "deep/2.jpg")
    os.utime(ant, (1_000_000_000, 1_000_000_000))
    rows = [predicted(ant), predicted(bee, "bees")]
    assert copy(rows) == rows
    assert copied(copy.out) == {"ants/1.jpg": ant.as_posix(), "bees/2.jpg": bee.as_posix()}
    assert (copy.out / "ants" / "1.jpg").stat().st_mtime == 1_000_000_000
    assert ant.exists()
    assert bee.exists()
    assert copy.note == f"2 images were copied into {copy.out}, one folder per class."


def test_equal_names_are_kept_apart_also_where_case_does_not_count(copy):
    files = [image(copy.source / name) for name in ("a/IMG.jpg", "b/IMG.jpg", "c/img.JPG")]
    copy([predicted(file) for file in files])
    assert copied(copy.out) == {
        "ants/IMG.jpg": files[0].as_posix(),
        "ants/IMG (2).jpg": files[1].as_posix(),
        "ants/img (3).JPG": files[2].as_posix(),
    }


def test_exact_copies_under_one_name_are_two_images(copy):
    files = [image(copy.source / name, "the same") for name in ("a/IMG.jpg", "b/IMG.jpg")]
    copy([predicted(file) for file in files])
    assert sorted(copied(copy.out)) == ["ants/IMG (2).jpg", "ants/IMG.jpg"]


def test_a_second_call_copies_only_what_is_new(copy):
    files = [image(copy.source / name) for name in ("a/IMG.jpg", "b/IMG.jpg")]
    copy([predicted(file) for file in files])
    before = copied(copy.out)
    third = image(copy.source / "c/IMG.jpg")
    copy([predicted(file) for file in (*files, third)])
    assert copied(copy.out) == {**before, "ants/IMG (3).jpg": third.as_posix()}
    assert copy.note.endswith(
        f"1 image was copied into {copy.out}, one folder per class. 2 images were there already."
    )


def test_a_file_of_the_person_is_never_replaced(copy):
    mine = image(copy.out / "ants" / "1.jpg", "mine")
    copy([predicted(image(copy.source / "1.jpg", "new"))])
    assert mine.read_text(encoding="utf-8") == "mine"
    assert copied(copy.out)["ants/1 (2).jpg"] == "new"


def test_files_that_could_not_be_read_are_counted_and_those_that_vanished_named(copy):
    gone = copy.source / "gone.jpg"
    broken = PredictedImage(path=str(copy.source / "torn.jpg"), error="The file is cut short.")
    copy([broken, predicted(image(copy.source / "1.jpg")), predicted(gone)])
    assert "1 image was copied" in copy.note
    assert "1 file could not be read and got no copy." in copy.note
    assert "1 file could not be copied: gone.jpg (No such file or directory)." in copy.note
    assert sorted(copied(copy.out)) == ["ants/1.jpg"]


def test_cancelling_keeps_the_copies_and_says_how_many(copy):
    def cancelled() -> Iterator[PredictedImage]:
        yield predicted(image(copy.source / "1.jpg"))
        raise Cancelled

    with pytest.raises(Cancelled):
        copy(cancelled())
    assert copy.note == f"Cancelled. 1 image was copied into {copy.out}, one folder per class."
    assert sorted(copied(copy.out)) == ["ants/1.jpg"]


def test_a_full_disk_is_one_sentence_that_says_what_was_done(copy, monkeypatch):
    files = [image(copy.source / f"{number}.jpg") for number in range(3)]
    real = shutil.copyfile

    def copyfile(source: Path, target: Path) -> object:
        if source.name != "2.jpg":
            return real(source, target)
        target.write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    with pytest.raises(UserError, match="disk is full: 2 images were copied into") as caught:
        copy([predicted(file) for file in files])
    assert "not copied twice" in caught.value.mend
    assert sorted(copied(copy.out)) == ["ants/0.jpg", "ants/1.jpg"]
    monkeypatch.undo()
    copy([predicted(file) for file in files])
    assert sorted(copied(copy.out)) == ["ants/0.jpg", "ants/1.jpg", "ants/2.jpg"]


def test_copies_among_the_images_are_refused(copy):
    copy.out = copy.source / "sorted"
    with pytest.raises(UserError, match="lies among the images"):
        copy([predicted(image(copy.source / "1.jpg"))])
    assert not copy.out.exists()


def test_a_folder_that_is_a_file_is_refused(copy):
    image(copy.out)
    with pytest.raises(UserError, match="A file is in the way"):
        copy([predicted(image(copy.source / "1.jpg"))])


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("ants", "ants"),
        ("Käfer", "Käfer"),
        ("a/b:c?", "a_b_c_"),
        ("NUL", "_NUL"),
        ("com1.x", "_com1.x"),
        ("..", "_"),
        (".hidden", "_.hidden"),
        ("end. ", "end"),
        ("", "_"),
    ],
)
def test_a_class_gets_a_folder_that_every_system_accepts(name, folder):
    assert folder_names([name]) == {name: folder}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=6))
def test_different_classes_have_different_folders(classes):
    names = folder_names(classes)
    assert list(names) == classes
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(folded)
    assert all(
        name and len(name.encode()) < 256 and not {"/", "\\", "\0"} & set(name) for name in names.values()
    )


def test_odd_images_are_kept_apart_by_class_and_counted(copy):
    files = [image(copy.source / f"{number}.jpg") for number in range(3)]
    copy(
        [
            predicted(files[0], unknown=0.49),
            predicted(files[1], unknown=0.5),
            predicted(files[2], "bees", unknown=1),
        ]
    )
    assert set(copied(copy.out)) == {"ants/0.jpg", "_odd/ants/1.jpg", "_odd/bees/2.jpg"}
    assert "2 images are unlike what the model was taught and lie below “_odd”." in copy.note


def test_a_class_named_like_the_folder_of_odd_images_gets_another_folder():
    assert folder_names(["_odd", "ants"]) == {"_odd": "_odd (2)", "ants": "ants"}
