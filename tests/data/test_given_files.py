"""Files are found by name, by pattern and by folder; what lies beside photos is passed over."""

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.data.given_files import find_given_files


@pytest.fixture
def find(tmp_path, monkeypatch):
    def touch(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

    def run(*paths):
        given = find_given_files([tmp_path / path for path in paths], control=Control())
        files = [str(file.relative_to(tmp_path)) for file in given.files]
        return files, [str(file.relative_to(tmp_path)) for file in given.side_files], given.problems

    run.touch = touch
    return run


def test_files_are_taken_as_named_and_folders_with_everything_below(find, tmp_path):
    find.touch("a/2.jpg", "a/b/1.jpg", "a/.hidden.jpg", "a/Thumbs.db", "loose.txt", ".asked-for.jpg")
    find.touch("elsewhere/linked.jpg")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    files, side_files, problems = find(".asked-for.jpg", "a", "loose.txt")
    assert files == [".asked-for.jpg", "a/2.jpg", "a/b/1.jpg", "a/link/linked.jpg", "loose.txt"]
    assert (side_files, problems) == ([], ())
    with pytest.raises(UserError, match="is not there"):
        find("nowhere.jpg")


def test_files_beside_photos_are_set_apart(find):
    find.touch("a/1.JPG", "a/1.xmp", "a/1.THM", "a/notes.txt", "a/odd", "a/b/2.CSV")
    files, side_files, _ = find("a")
    assert files == ["a/1.JPG", "a/odd"]
    assert side_files == ["a/1.THM", "a/1.xmp", "a/b/2.CSV", "a/notes.txt"]


def test_a_pattern_is_expanded_in_natural_order(find):
    find.touch("a/10.jpg", "a/9.jpg", "a/9.xmp", "a/b/1.jpg", "a/b/c/2.jpg")
    assert find("a/*.jpg")[0] == ["a/9.jpg", "a/10.jpg"]
    assert find("a/9.*")[:2] == (["a/9.jpg"], ["a/9.xmp"])
    assert find("a/**/*.jpg")[0] == ["a/9.jpg", "a/10.jpg", "a/b/1.jpg", "a/b/c/2.jpg"]
    assert find("a/?")[0] == ["a/b/1.jpg", "a/b/c/2.jpg"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(find):
    find.touch("a[1].jpg", "a1.jpg")
    assert find("a[1].jpg")[0] == ["a[1].jpg"]


@pytest.mark.parametrize("pattern", ["*.png", "G:\\fotos\\*.jpg"])
def test_a_pattern_that_matches_nothing_is_an_error(find, pattern):
    with pytest.raises(UserError, match="No file matches"):
        find(pattern)


def test_a_folder_without_images_is_an_error(find, tmp_path):
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(UserError, match="no image in"):
        find("empty")
    find.touch("empty/a.txt")
    with pytest.raises(UserError, match="no image in"):
        find("empty")


def test_hidden_files_are_counted_in_folders_and_taken_when_named(tmp_path):
    for name in ("1.jpg", ".2.jpg", "Thumbs.db"):
        (tmp_path / name).touch()
    assert find_given_files([tmp_path], control=Control()).hidden_files == 2
    assert find_given_files([tmp_path / ".2.jpg"], control=Control()).hidden_files == 0
