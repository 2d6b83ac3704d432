"""Text saved by other programs is read; JSON that is damaged or malicious is refused in one way."""

import codecs
import os

import pytest

from tlstudio.core.text_files import parse_json, read_json_or_none, read_text

TEXT = '{"a": "ä→"}\n'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
    ],
)
def test_every_usual_encoding_is_read(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    assert read_text(tmp_path / "a") == TEXT


def test_what_is_not_text_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"\xff\xfe\xd8")
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a")


@pytest.mark.parametrize("text", ["", "{", "[" * 200_000, '{"a":' * 200_000, '"\\ud800"', '{"\\udfff": 1}'])
def test_damaged_json_is_a_value_error(text):
    if os.name == "nt" and "\\u" in text:
        pytest.skip("names on Windows may hold halves of surrogates")
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_sound_json_is_parsed():
    assert parse_json('{"a": [1, 2.5, null, "\\ud83d\\ude00", "\\u00e4"]}') == {
        "a": [1, 2.5, None, "😀", "ä"]
    }


def test_json_that_is_missing_or_damaged_is_nothing(tmp_path):
    assert read_json_or_none(tmp_path / "none.json") is None
    for text, value in (("{", None), ('{"a": [1]}', {"a": [1]})):
        (tmp_path / "a.json").write_text(text, encoding="utf-8")
        assert read_json_or_none(tmp_path / "a.json") == value
