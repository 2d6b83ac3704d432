"""Facts that the header of an image file tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tlstudio.data.file_facts import FileFacts, read_file_facts


def test_the_header_is_read(tmp_path: Path):
    Image.new("L", (30, 20)).save(tmp_path / "grey.png")
    facts = read_file_facts(tmp_path / "grey.png")
    assert facts == FileFacts(width=30, height=20, format="PNG", mode="L", compression=None)


def test_stronger_compression_has_larger_numbers(tmp_path: Path):
    found = []
    for quality in (30, 50, 95):
        Image.new("RGB", (30, 20)).save(tmp_path / "photo.jpg", quality=quality)
        facts = read_file_facts(tmp_path / "photo.jpg")
        assert facts is not None
        assert facts.compression is not None
        found.append(facts.compression)
    assert found == sorted(found, reverse=True)
    assert found[1] == pytest.approx(58, abs=1)


def test_what_is_no_image_has_none(tmp_path: Path):
    (tmp_path / "text.jpg").write_text("hello")
    assert read_file_facts(tmp_path / "text.jpg") is None
    assert read_file_facts(tmp_path / "missing.jpg") is None
    assert read_file_facts(tmp_path) is None
