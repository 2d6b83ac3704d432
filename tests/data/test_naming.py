"""Names."""

from __future__ import annotations

import json
import os
import unicodedata

from tlstudio.data.naming import class_names, is_hidden, is_text, natural_key, printable


def test_system_files_are_hidden_and_ordinary_ones_not():
    for name in (".DS_Store", "._photo.jpg", "Thumbs.db", "THUMBS.DB", "desktop.ini", "__MACOSX", "@eaDir"):
        assert is_hidden(name)
    for name in ("photo.jpg", "macosx", "a.b", "_x"):
        assert not is_hidden(name)


def test_numbers_sort_as_numbers_and_capitals_do_not_matter():
    names = ["day 10", "Day 9", "apple", "Zebra", "day 9b", "7", "100", "20"]
    assert sorted(names, key=natural_key) == ["7", "20", "100", "apple", "Day 9", "day 9b", "day 10", "Zebra"]


def test_names_that_differ_only_in_capitals_keep_a_fixed_order():
    assert sorted(["cat", "Cat", "CAT"], key=natural_key) == sorted(["CAT", "cat", "Cat"], key=natural_key)


def test_undecodable_names_become_printable():
    name = os.fsdecode(b"caf\xe9.jpg")
    assert not is_text(name)
    assert printable(name) == "caf\\xe9.jpg"
    json.dumps(printable(name), ensure_ascii=False).encode()
    assert is_text("zażółć\n日本.jpg")
    assert printable("zażółć") == "zażółć"


def test_composed_and_decomposed_accents_are_one_class_with_an_exact_name():
    composed, decomposed = (unicodedata.normalize(form, "müsli") for form in ("NFC", "NFD"))
    names = class_names([composed, decomposed, "Müsli"])
    assert names[composed] == names[decomposed] == min(composed, decomposed)
    assert names["Müsli"] == "Müsli"
