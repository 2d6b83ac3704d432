"""What the window remembers."""

from __future__ import annotations

import pytest

from tlstudio.core.files import settings_dir
from tlstudio.gui.remembered import remember, remembered

pytestmark = pytest.mark.usefixtures("own_folders")


def test_values_are_kept_apart_from_each_other():
    assert remembered("view", default="simple") == "simple"
    remember("view", "all")
    remember("tour", "left")
    assert remembered("view", default="simple") == "all"
    assert remembered("tour", default="") == "left"


@pytest.mark.parametrize("text", ["not json", "[1]", '{"view": 3}'])
def test_a_damaged_file_counts_as_nothing(text):
    settings_dir().mkdir(parents=True, exist_ok=True)
    (settings_dir() / "remembered.json").write_text(text, encoding="utf-8")
    assert remembered("view", default="simple") == "simple"
    remember("view", "all")
    assert remembered("view", default="simple") == "all"


def test_a_folder_that_cannot_be_written_is_no_error(monkeypatch):
    def refuse(*_args):
        raise PermissionError("read-only")

    monkeypatch.setattr("tlstudio.gui.remembered.write_json", refuse)
    remember("view", "all")
    assert remembered("view", default="simple") == "simple"
