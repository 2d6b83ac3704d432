"""What the comparison of runs reads."""

from __future__ import annotations

from pathlib import Path

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.gui.pages.compare.contents import read_comparison, read_rows
from tlstudio.project.run_notes import RunNote


def test_data_versions_are_numbered_by_their_first_run(tmp_path: Path):
    data = {"run-1": "b", "run-2": "a", "run-3": "b"}
    runs = [
        make_tested_run(tmp_path / name, answers(3, 1), recipe={"data_sha256": letter * 64})
        for name, letter in data.items()
    ]
    runs.append(make_tested_run(tmp_path / "run-4", answers(3, 1)))
    rows = read_rows(runs, {"run-2": RunNote(title="the good one")})
    assert [row.data_version for row in rows] == [1, 2, 1, 0]
    assert [row.name for row in rows] == ["Run 1", "the good one", "Run 3", "Run 4"]


def test_a_damaged_run_is_a_problem_and_no_crash(tmp_path: Path):
    runs = [make_tested_run(tmp_path / name, answers(3, 1)) for name in ("run-1", "run-2")]
    rows = read_rows(runs, {})
    runs[1].predictions.write_text("torn")
    found = read_comparison(*rows, images_root=tmp_path)
    assert "predictions.csv is damaged" in found.problem
    assert found.columns == {}
    assert [run["name"] for run in found.curves["runs"]] == ["Run 1", "Run 2"]
