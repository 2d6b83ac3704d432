"""Training and prediction go on where cache and settings cannot be written."""

from __future__ import annotations

import pytest

from tlstudio.core import conveniences


@pytest.fixture
def closed(tmp_path, monkeypatch, tiny_backbones):
    (tmp_path / "file").touch()
    for variable in ("TLSTUDIO_CACHE", "TLSTUDIO_SETTINGS"):
        monkeypatch.setenv(variable, str(tmp_path / "file" / variable))
    monkeypatch.setenv("TLSTUDIO_RUNTIME", "auto")
    monkeypatch.setattr(conveniences, "_said", set())
    monkeypatch.setattr(conveniences.tempfile, "tempdir", str(tmp_path))
    conveniences._writable_cache.cache_clear()
    yield
    conveniences._writable_cache.cache_clear()


def test_a_run_is_trained_and_used_and_each_place_is_named_once(closed, photos, call, tmp_path):
    images = photos(classes=("ants", "bees"), per_class=8)
    run = tmp_path / "run"
    code, _, err = call("train", images, "--run", run, "--device", "cpu")
    assert code == 0, err
    assert err.count("TLSTUDIO_CACHE can name another folder") == 1
    assert err.count("TLSTUDIO_SETTINGS can name another folder") == 1
    code, _, err = call("predict", run, images, "--csv", tmp_path / "t.csv")
    assert code == 0, err
    assert "can name another folder" not in err
    assert call("evaluate", run, "--images", images)[0] == 0
