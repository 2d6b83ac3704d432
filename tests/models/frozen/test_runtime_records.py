from __future__ import annotations

import pytest

from tlstudio.models.frozen import runtime_records
from tlstudio.models.frozen.runtime_records import key_of, recall, records_file, remember


def test_entries_are_recalled_by_kind_and_key():
    remember("choices", "a", {"runtime": "x"})
    remember("agreements", "a", {"refusal": ""})
    assert recall("choices", "a") == {"runtime": "x"}
    assert recall("agreements", "a") == {"refusal": ""}
    assert recall("choices", "b") is None


def test_different_values_have_different_keys():
    about = {"computer": "a", "sizes": [4, 16]}
    assert key_of(about) == key_of({"computer": "a", "sizes": (4, 16)})
    assert len({key_of(about), key_of({**about, "computer": "b"}), key_of([about])}) == 3


def test_the_oldest_entries_are_removed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime_records, "MOST_ENTRIES", 3)
    for key in "abcd":
        remember("agreements", key, {})
    remember("agreements", "b", {})
    remember("agreements", "e", {})
    assert [key for key in "abcde" if recall("agreements", key) is not None] == ["b", "d", "e"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"choices": []}', '{"choices": {"a": 1}}', "\x00"])
def test_a_damaged_file_counts_as_empty(text: str):
    records_file().parent.mkdir(parents=True, exist_ok=True)
    records_file().write_text(text, encoding="utf-8")
    assert recall("choices", "a") is None
    remember("choices", "a", {"runtime": "x"})
    assert recall("choices", "a") == {"runtime": "x"}
