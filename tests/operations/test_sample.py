"""Sample images."""

import dataclasses

import pytest

from tlstudio.core.files import cache_dir
from tlstudio.samples import make as samples


@pytest.fixture(autouse=True)
def _few_images(monkeypatch, fresh_cache):
    few = tuple(dataclasses.replace(sample, images_per_class=2) for sample in samples.SAMPLES)
    monkeypatch.setattr(samples, "SAMPLES", few)


def times(folder):
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*.png")}


def test_a_sample_is_drawn_into_the_cache_once(do):
    value = do("sample", sample="handwritten-digits")
    before = times(cache_dir())
    assert len(before) == 20
    assert all(str(file).startswith(value["folder"]) for file in before)
    assert do("sample", sample="handwritten-digits") == value
    assert times(cache_dir()) == before


def test_a_sample_is_drawn_into_the_folder_asked_for(do, tmp_path):
    assert do("sample", sample="handwritten-digits", out=tmp_path / "digits") == {
        "folder": str(tmp_path / "digits")
    }
    assert len(times(tmp_path / "digits")) == 20
    assert times(cache_dir()) == {}
