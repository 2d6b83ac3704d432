"""The list of exports survives a move and damage to single entries."""

import json

import pytest

from tlstudio.core.types import Parity
from tlstudio.project.run_exports import (
    StoredExport,
    exports_are_damaged,
    exports_file,
    list_exports,
    write_exports,
)
from tlstudio.project.runs import RunFolder

PARITY = Parity(n=32, same_class=32, max_abs_difference=1e-6)


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    (folder / "exports").mkdir(parents=True)
    return RunFolder(folder)


def entry(file):
    return StoredExport(
        format="onnx", file=str(file), bytes=7, parity=PARITY, made="2025-01-01T00:00:00+00:00"
    )


def test_entries_are_read_back_with_whole_paths(run):
    entries = [entry(run.exports / "a.onnx"), entry(run.path.parent / "b.onnx")]
    assert not exports_are_damaged(run)
    write_exports(run, entries)
    assert not exports_are_damaged(run)
    assert list_exports(run) == entries
    stored = json.loads(exports_file(run).read_text(encoding="utf-8"))
    assert [value["file"] for value in stored] == ["exports/a.onnx", "../b.onnx"]


@pytest.mark.parametrize("damage", [{}, 3, {"format": "onnx"}, {"format": 1}, [], None])
def test_a_damaged_entry_is_left_out(run, damage):
    write_exports(run, [entry(run.exports / "a.onnx")])
    stored = json.loads(exports_file(run).read_text(encoding="utf-8"))
    exports_file(run).write_text(json.dumps([damage, *stored]))
    assert [entry.format for entry in list_exports(run)] == ["onnx"]
    assert exports_are_damaged(run)


@pytest.mark.parametrize("content", ["", "{not json", "{}", "3", "[" * 100_000])
def test_a_damaged_list_counts_as_empty(run, content):
    exports_file(run).write_text(content)
    assert list_exports(run) == []
    assert exports_are_damaged(run)
