"""A strategy, two checks and an export format are added as files alone, and every face knows them.

The toys lie in tests/extensions; no other file of the project is touched or names them.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.extensions.using import extended
from tlstudio.cli.main import main
from tlstudio.core.events import EpochEnded
from tlstudio.project.runs import RunFolder


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
        shown = " ".join(capsys.readouterr().out.split()).replace("- ", "-")  # lines break at hyphens
        assert [word for word in words if word not in shown] == []


def test_strategies_lists_options_and_inputs(call):
    code, out, _ = call("strategies", "--json")
    assert code == 0
    row = next(row for row in json.loads(out) if row["id"] == "toy-strategy")
    assert [wanted["flag"] for wanted in row["inputs"]] == ["--toys"]
    assert row["options"] == [
        {"name": "rounds", "type": "integer", "default": 3, "help": "How often the folder is counted."},
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


TRAIN = ("--strategy", "toy-strategy", "--set", "rounds=4", "--set", "mood=wild")


@pytest.fixture
def toys(tmp_path) -> Path:
    """The second folder: three files."""
    folder = tmp_path / "toys"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").touch()
    return folder


def test_the_strategy_trains_with_its_options_and_its_folder(call, photos, toys, tmp_path):
    images, run = photos(per_class=6), tmp_path / "run"
    flags = ("--run", run, *TRAIN, "--toys", toys, "--epochs", 4, "--device", "cpu")
    code, out, err = call("train", images, *flags, "--json")
    assert code == 0, err
    value = json.loads(out)
    assert value["epochs"] == 4
    assert "12 toys were counted, wild." in value["warnings"]
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["strategy"] == "toy-strategy"
    assert recipe["strategy_options"] == {"rounds": 4, "mood": "wild"}
    assert recipe["inputs"] == {"toy-folder": str(toys)}
    code, out, err = call("evaluate", run, "--json")
    assert code == 0, err
    found = [row for row in json.loads(out)["findings"] if row["check"] == "toy-trust-check"]
    assert [row["message"] for row in found] == ["Toy: 5 epochs were counted."]
    code, _, err = call("report", run, "--out", tmp_path / "report.html")
    assert code == 0, err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("a second folder was counted", "Rounds of play", "wild", "5 epochs were counted"):
        assert words in page, words


def test_missing_and_wrong_settings_are_one_line(call, photos, toys, tmp_path):
    images = photos(per_class=2)
    for flags, words in (
        (TRAIN, "needs --toys"),
        ((*TRAIN, "--toys", toys, "--set", "speed=3"), "rounds, mood"),
        (("--toys", toys), "does not take --toys"),
    ):
        code, _, err = call("train", images, "--run", tmp_path / "run", *flags)
        assert code == 2
        (line,) = [line for line in err.splitlines() if line.startswith("tlstudio:")]
        assert words in line


KILLED = """
import json, os, signal, sys
from pathlib import Path
from tests.training import tiny
from tlstudio.core.events import EpochEnded

def kill(event):
    if isinstance(event, EpochEnded) and event.epoch == 3:
        os.kill(os.getpid(), signal.SIGKILL)

images, run, recipe = sys.argv[1:]
tiny.look_back.load_backbone = tiny.assembly.load_backbone = tiny.tiny_backbone
tiny.train(Path(images), Path(run), emit=kill, **json.loads(recipe))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_killed_run_of_the_strategy_resumes(call, photos, toys, tmp_path):
    images, run = photos(per_class=6), tmp_path / "run"
    recipe = {"strategy": "toy-strategy", "epochs": 20, "inputs": {"toy-folder": str(toys)}}
    recipe["strategy_options"] = {"rounds": 4, "mood": "wild"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(images), str(run), json.dumps(recipe)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    code, out, err = call("train", images, "--run", run, "--resume", "--json")
    assert code == 0, err
    assert json.loads(out)["epochs"] == 20
    kept = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    assert kept["strategy_options"] == recipe["strategy_options"]
    epochs = [event.epoch for event in RunFolder(run).read_events() if isinstance(event, EpochEnded)]
    assert epochs == sorted(set(epochs)) == list(range(21))


def test_another_process_knows_the_toys():
    code = "from tlstudio import specs; print(*(spec.id for spec in (*specs.STRATEGIES, *specs.EXPORTS)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"toy-strategy", "toy-format"} <= set(done.stdout.split())
