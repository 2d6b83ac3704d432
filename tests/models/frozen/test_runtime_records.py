from __future__ import annotations

import pytest

from tlstudio.models.frozen import runtime_records
from tlstudio.models.frozen.runtime_records import key_of, read_record, records_file, write_record


def test_entries_are_recalled_by_kind_and_key():
    write_record("choices", "a", {"runtime": "x"})
    write_record("agreements", "a", {"refusal": ""})
    assert read_record("choices", "a") == {"runtime": "x"}
    assert read_record("agreements", "a") == {"refusal": ""}
    assert read_record("choices", "b") is None


def test_different_values_have_different_keys():
    about = {"computer": "a", "sizes": [4, 16]}
    assert key_of(about) == key_of({"computer": "a", "sizes": (4, 16)})
    assert len({key_of(about), key_of({**about, "computer": "b"}), key_of([about])}) == 3


def test_the_oldest_entries_are_removed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime_records, "MOST_ENTRIES", 3)
    for key in "abcd":
        write_record("agreements", key, {})
    write_record("agreements", "b", {})
    write_record("agreements", "e", {})
    assert [key for key in "abcde" if read_record("agreements", key) is not None] == ["b", "d", "e"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"choices": []}', '{"choices": {"a": 1}}', "\x00"])
def test_a_damaged_file_counts_as_empty(text: str):
    records_file().parent.mkdir(parents=True, exist_ok=True)
    records_file().write_text(text, encoding="utf-8")
    assert read_record("choices", "a") is None
    write_record("choices", "a", {"runtime": "x"})
    assert read_record("choices", "a") == {"runtime": "x"}
