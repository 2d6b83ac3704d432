"""What is remembered of the first lesson."""

from __future__ import annotations

import pytest

from tlstudio.core.files import settings_dir
from tlstudio.gui.lesson.memory import LessonMemory, read_memory, save_memory

pytestmark = pytest.mark.usefixtures("own_folders")


def test_it_is_remembered_that_the_lesson_was_left():
    assert read_memory() == LessonMemory(left=False)
    for kept in (
        LessonMemory(left=True, earlier_runs=("run-1", "run-2")),
        LessonMemory(runs_when_mended=()),
        LessonMemory(runs_when_mended=("run-1",)),
    ):
        save_memory(kept)
        assert read_memory() == kept


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"left": 3}', '{"left": true, "earlier_runs": 3, "runs_when_mended": null}']
)
def test_a_damaged_memory_is_an_empty_one(text):
    settings_dir().mkdir(parents=True, exist_ok=True)
    (settings_dir() / "lesson.json").write_text(text, encoding="utf-8")
    assert read_memory() == LessonMemory()


def test_settings_that_cannot_be_written_stop_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(tmp_path / "file" / "settings"))
    save_memory(LessonMemory(left=True))
    assert read_memory() == LessonMemory()
