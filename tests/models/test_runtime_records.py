from __future__ import annotations

import pytest

from tlstudio.models import runtime_records as runtime_memory
from tlstudio.models.runtime_records import key_of, memory_file, recall, remember


def test_what_is_remembered_is_recalled_by_kind_and_key():
    remember("choices", "a", {"runtime": "x"})
    remember("agreements", "a", {"refusal": ""})
    assert recall("choices", "a") == {"runtime": "x"}
    assert recall("agreements", "a") == {"refusal": ""}
    assert recall("choices", "b") is None


def test_keys_tell_apart_what_they_are_about():
    about = {"computer": "a", "sizes": [4, 16]}
    assert key_of(about) == key_of({"computer": "a", "sizes": (4, 16)})
    assert len({key_of(about), key_of({**about, "computer": "b"}), key_of([about])}) == 3


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime_memory, "REMEMBERED", 3)
    for key in "abcd":
        remember("agreements", key, {})
    remember("agreements", "b", {})
    remember("agreements", "e", {})
    assert [key for key in "abcde" if recall("agreements", key) is not None] == ["b", "d", "e"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"choices": []}', '{"choices": {"a": 1}}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(text: str):
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    memory_file().write_text(text, encoding="utf-8")
    assert recall("choices", "a") is None
    remember("choices", "a", {"runtime": "x"})
    assert recall("choices", "a") == {"runtime": "x"}
