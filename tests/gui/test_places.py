"""Where the window proposes to save things."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from tlstudio.core.files import cache_dir, settings_dir
from tlstudio.gui.places import proposed_folder, remember_folder


@pytest.fixture(autouse=True)
def documents(own_folders: None, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "Documents"
    folder.mkdir()
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: folder)
    return folder


@pytest.fixture
def images(tmp_path) -> Path:
    (tmp_path / "work" / "photos").mkdir(parents=True)
    return tmp_path / "work" / "photos"


def test_the_place_beside_the_images_comes_first(images):
    assert proposed_folder("export", images=images) == images.parent


def test_without_images_it_is_documents(documents):
    assert proposed_folder("export", images=None) == documents


def test_samples_lie_in_the_cache_so_documents_it_is(documents):
    sample = cache_dir() / "samples" / "parts"
    sample.mkdir(parents=True)
    assert proposed_folder("export", images=sample) == documents


def test_the_last_place_is_remembered_for_each_purpose(images, tmp_path):
    last = tmp_path / "stick"
    last.mkdir()
    remember_folder("export", last)
    assert proposed_folder("export", images=images) == last
    assert proposed_folder("table", images=images) == images.parent
    last.rmdir()
    assert proposed_folder("export", images=images) == images.parent


def test_the_place_is_never_among_the_images(images):
    (images / "cats").mkdir()
    remember_folder("export", images / "cats")
    assert proposed_folder("export", images=images) == images.parent
    remember_folder("export", images)
    assert proposed_folder("export", images=images) == images.parent


def test_a_damaged_memory_is_an_empty_one(images):
    settings_dir().mkdir(parents=True, exist_ok=True)
    for text in ("{", "[]", '{"folder for export": 3}'):
        (settings_dir() / "remembered.json").write_text(text, encoding="utf-8")
        assert proposed_folder("export", images=images) == images.parent


def test_settings_that_cannot_be_written_stop_nothing(images, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(tmp_path / "file" / "settings"))
    remember_folder("export", tmp_path)
    assert proposed_folder("export", images=images) == images.parent
