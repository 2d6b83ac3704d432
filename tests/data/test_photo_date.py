"""The date comes from the camera's record alone, and nothing in a file can make reading it fail."""

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tlstudio.data.photo_date import photo_camera, photo_date

PART, ORIGINAL, DIGITISED, CHANGED = 0x8769, 0x9003, 0x9004, 0x0132


def photo(path, *, original=None, digitised=None, changed=None):
    exif = Image.Exif()
    for tag, value in ((ORIGINAL, original), (DIGITISED, digitised)):
        if value is not None:
            exif.get_ifd(PART)[tag] = value
    if changed is not None:
        exif[CHANGED] = changed
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_moment_of_the_photo_is_read(tmp_path, suffix):
    made = photo(tmp_path / f"a{suffix}", original="2024:05:06 07:08:09", changed="2025:01:01 00:00:00")
    assert photo_date(made) == "2024-05-06 07:08:09"


def test_the_other_dates_take_its_place(tmp_path):
    assert photo_date(photo(tmp_path / "a.jpg", digitised="2023:01:02 03:04:05")) == "2023-01-02 03:04:05"
    assert photo_date(photo(tmp_path / "b.jpg", changed="2022:01:02 03:04:05")) == "2022-01-02 03:04:05"


@pytest.mark.parametrize("written", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:40 99:00:00", ""])
def test_a_clock_that_was_never_set_gives_no_date(tmp_path, written):
    assert photo_date(photo(tmp_path / "a.jpg", original=written)) == ""


def test_a_photo_without_a_record_has_no_date(tmp_path):
    assert photo_date(photo(tmp_path / "a.jpg")) == ""


@given(st.integers(2, 200), st.binary(min_size=1, max_size=8))
def test_damage_gives_no_error(tmp_path_factory, place, damage):
    file = photo(tmp_path_factory.mktemp("damaged") / "a.jpg", original="2024:05:06 07:08:09")
    data = file.read_bytes()
    file.write_bytes(data[:place] + damage + data[place + len(damage) :])
    assert photo_date(file) in ("", "2024-05-06 07:08:09") or photo_date(file)[4] == "-"


def test_the_camera_is_read_with_its_maker(tmp_path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model 7"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    assert photo_camera(tmp_path / "a.jpg") == "Maker Model 7"
    assert photo_camera(photo(tmp_path / "b.jpg")) == photo_camera(tmp_path / "gone") == ""


def test_what_is_no_photo_has_no_date(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    assert photo_date(tmp_path / "a.txt") == photo_date(tmp_path) == photo_date(tmp_path / "gone") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert photo_date(tmp_path / "pipe") == photo_camera(tmp_path / "pipe") == ""
