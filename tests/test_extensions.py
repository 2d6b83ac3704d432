"""A strategy, two checks and an export format are added as files alone, and every face knows them.

The toys lie in tests/extensions; no other file of the project is touched or names them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.extensions.using import extended
from tlstudio.cli.main import main


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch, tiny_backbones: None) -> Iterator[None]:
    with extended(monkeypatch):
        yield


@pytest.fixture
def call(capsys):
    """Runs a command: exit code, stdout, stderr."""

    def run(*arguments) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_help_names_the_strategy_its_input_and_the_format(capsys):
    for command, words in (
        ("train", ["toy-strategy", "--toys FOLDER", "A second folder, whose files are counted."]),
        ("export", ["toy-format"]),
    ):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert [word for word in words if word not in shown] == []


def test_strategies_lists_options_and_inputs(call):
    code, out, _ = call("strategies", "--json")
    assert code == 0
    row = next(row for row in json.loads(out) if row["id"] == "toy-strategy")
    assert [wanted["flag"] for wanted in row["inputs"]] == ["--toys"]
    assert row["options"] == [
        {"name": "rounds", "type": "integer", "default": 3, "help": "How many epochs are trained."},
        {"name": "mood", "type": "calm | wild", "default": "calm", "help": "How it is told."},
    ]
    code, out, _ = call("strategies")
    assert "--set rounds=… (integer, 3 when left out)" in out


def test_check_runs_the_check_of_the_data(call, photos):
    code, out, _ = call("check", photos(per_class=2), "--json")
    assert code == 0
    (found,) = [row for row in json.loads(out)["findings"] if row["check"] == "toy-data-check"]
    assert found["message"] == "Toy: 6 images were counted."


def test_the_format_exports_is_compared_and_predicts(call, trained_run, tmp_path):
    file = tmp_path / "model.toy"
    code, out, err = call("export", trained_run.run, "--format", "toy-format", "--out", file, "--json")
    assert code == 0, err
    parity = json.loads(out)["parity"]
    assert parity["same_class"] == parity["n"] > 0
    code, out, _ = call("predict", file, trained_run.images / "ants", "--json")
    assert code == 0
    assert {row["class"] for row in json.loads(out)} == {"ants"}


def test_another_process_knows_the_toys():
    code = "from tlstudio import specs; print(*(spec.id for spec in (*specs.STRATEGIES, *specs.EXPORTS)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"toy-strategy", "toy-format"} <= set(done.stdout.split())
