"""Telling what a file is that is no image."""

from __future__ import annotations

import pytest

from tlstudio.data.sniff import container_reason, sidecar_reason, unknown_reason


def test_sidecar_files_are_recognised_by_name():
    assert sidecar_reason("cat/Notes.TXT") is not None
    assert sidecar_reason("cat/photo.jpg") is None
    assert sidecar_reason("cat/no_ending") is None


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0", b"\x89PNG", b"RIFF\x00\x00\x00\x00WEBP", b"\x00\x00\x00\x18ftypheic", b""]
)
def test_image_signatures_are_not_mistaken_for_other_files(head):
    assert container_reason(head) is None


def test_an_excerpt_of_text_may_end_within_a_character():
    assert "text" in unknown_reason(("ż" * 4000).encode()[:4097])[0]
    assert "text" not in unknown_reason(b"abc\xff\xfe\xfd more" * 20)[0]
