"""A cache or settings folder that cannot be written stops nothing, and is told once."""

import json

import pytest

from tlstudio.core import conveniences
from tlstudio.core.conveniences import sentences_to, settings_if_possible, working_cache_dir
from tlstudio.core.files import settings_dir, write_json


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr(conveniences, "_said", set())
    monkeypatch.setattr(conveniences, "_waiting", [])
    conveniences._writable_cache.cache_clear()
    yield []
    conveniences._writable_cache.cache_clear()


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A place that cannot be made, whoever runs the tests: below a file."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(tmp_path / "file" / "settings"))
    monkeypatch.setattr(conveniences.tempfile, "tempdir", str(tmp_path))


def test_a_cache_that_can_be_written_is_used(heard, fresh_cache):
    assert working_cache_dir() == fresh_cache


def test_a_temporary_folder_takes_the_place_of_a_closed_cache(heard, closed, tmp_path):
    with sentences_to(heard.append):
        first = working_cache_dir()
        assert working_cache_dir() == first
    assert first.parent == tmp_path
    (first / "x").touch()
    (sentence,) = heard
    assert "TLSTUDIO_CACHE can name another folder" in sentence


def test_settings_that_cannot_be_kept_are_told_once_and_stop_nothing(heard, closed):
    with sentences_to(heard.append):
        for _ in range(2):
            with settings_if_possible():
                write_json(settings_dir() / "a.json", {})
    (sentence,) = heard
    assert "TLSTUDIO_SETTINGS can name another folder" in sentence


def test_a_sentence_waits_until_somebody_listens(heard, closed):
    working_cache_dir()
    assert heard == []
    with sentences_to(heard.append):
        assert len(heard) == 1
    with sentences_to(heard.append):
        assert len(heard) == 1


def test_settings_that_can_be_written_are_kept(heard):
    with sentences_to(heard.append), settings_if_possible():
        write_json(settings_dir() / "a.json", {"a": 1})
    assert json.loads((settings_dir() / "a.json").read_text()) == {"a": 1}
    assert heard == []
