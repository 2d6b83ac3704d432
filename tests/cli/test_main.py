"""The command line keeps its promises: JSON keys, exit codes, one line on stderr, never a traceback."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tlstudio.cli import main as cli

TRAIN_KEYS = {
    "run",
    "status",
    "classes",
    "images",
    "validation",
    "test",
    "epochs",
    "best_epoch",
    "seconds",
    "warnings",
}
EVALUATE_KEYS = {
    "findings",
    "accuracy",
    "interval",
    "n",
    "macro_f1",
    "balanced_accuracy",
    "ece",
    "confusion",
    "classes",
    "per_class",
}
RUN_FILES = {
    "recipe.json",
    "split.csv",
    "events.jsonl",
    "predictions.csv",
    "metrics.json",
    "environment.json",
}


@pytest.fixture
def call(capsys):
    """Runs a command in this process: exit code, the JSON of its last line (or None), stderr."""

    def run(*arguments) -> tuple[int, object, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        lines = captured.out.strip().splitlines()
        value = json.loads(lines[-1]) if lines and "--json" in arguments else None
        assert "Traceback" not in captured.err
        return code, value, captured.err

    return run


@pytest.fixture
def trained(trained_run, tiny_backbones):
    """A trained run of three easy classes, shared by the tests that only look at it: (images, run, JSON)."""
    return trained_run


def test_train_prints_the_fixed_object_and_leaves_the_fixed_files(trained_run, call, tmp_path, monkeypatch):
    """The embedded backbone itself; the other tests make do with the tiny one."""
    images, run = trained_run.images, tmp_path / "run"
    monkeypatch.chdir(tmp_path)
    code, value, _ = call("train", images, "--run", "run", "--seed", 1, "--json")
    assert code == 0
    assert set(value) == TRAIN_KEYS
    assert set(value["images"]) == {"train", "validation", "test", "skipped"}
    assert set(value["seconds"]) == {"total", "features", "train"}
    assert value["classes"] == ["ants", "bees", "leaves"]
    assert value["images"]["skipped"] == 1
    assert sum(value["images"][side] for side in ("train", "validation", "test")) == 42
    for side in ("validation", "test"):
        assert set(value[side]) == {"accuracy", "interval", "n"}
        low, high = value[side]["interval"]
        assert 0 <= low <= value[side]["accuracy"] <= high <= 1
    assert {path.name for path in run.iterdir()} >= RUN_FILES
    assert {path.stem for path in (run / "checkpoints").iterdir()} == {"last", "best"}


def test_evaluate_prints_the_fixed_object_and_agrees_with_training(trained, call):
    images, run, value = trained
    code, figures, _ = call("evaluate", run, "--json")
    assert code == 0
    assert set(figures) == EVALUATE_KEYS
    assert figures["accuracy"] == value["test"]["accuracy"]
    assert set(figures["per_class"][0]) == {"class", "precision", "recall", "f1", "n"}
    code, elsewhere, _ = call("evaluate", run, "--images", images, "--json")
    assert (code, elsewhere["n"]) == (0, 42)
    assert set(elsewhere) == EVALUATE_KEYS


def test_predict_answers_every_file_and_writes_a_csv(trained, call, tmp_path):
    images, run, _ = trained
    code, answers, _ = call("predict", run, images, "--csv", tmp_path / "out.csv", "--json")
    assert code == 0
    assert len(answers) == 43
    bad = [answer for answer in answers if answer["error"]]
    assert [Path(answer["path"]).name for answer in bad] == ["torn.jpg"]
    good = next(answer for answer in answers if not answer["error"])
    assert set(good) == {"path", "class", "probability", "probabilities", "error"}
    assert sum(good["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] or None for row in rows] == [answer["class"] for answer in answers]


def test_export_report_and_answers_of_the_exported_file(trained, call, tmp_path):
    images, run, _ = trained
    file = tmp_path / "out" / "model.onnx"
    code, value, _ = call("export", run, "--format", "onnx", "--out", file, "--json")
    assert code == 0
    assert set(value) == {"file", "bytes", "parity"}
    assert value["parity"]["same_class"] == value["parity"]["n"] >= 32
    assert value["parity"]["max_abs_difference"] <= 1e-3
    assert value["bytes"] == file.stat().st_size
    _, from_run, _ = call("predict", run, images, "--json")
    _, from_file, _ = call("predict", file, images, "--json")
    assert [answer["class"] for answer in from_file] == [answer["class"] for answer in from_run]
    assert call("report", run, "--out", tmp_path / "report.html")[0] == 0
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_second_training_into_the_same_folder_needs_resume(trained, call):
    images, run, value = trained
    code, _, err = call("train", images, "--run", run, "--json")
    assert code == 2
    assert "finished run" in err
    code, again, _ = call("train", images, "--run", run, "--resume", "--json")
    assert code == 0
    assert again["test"] == value["test"]


def test_check_prints_the_fixed_object(trained, call):
    images, _, _ = trained
    code, value, _ = call("check", images, "--json")
    assert code == 0
    assert set(value) == {"images", "classes", "findings"}
    assert value["classes"] == {"ants": 14, "bees": 14, "leaves": 14}
    finding = next(f for f in value["findings"] if "bees/torn.jpg" in f["paths"])
    assert set(finding) == {"check", "severity", "message", "paths"}
    assert "Copy or download" in finding["message"], "the mend belongs to it"


def test_backbones_lists_what_is_ready_offline(call):
    code, value, _ = call("backbones", "--offline", "--json")
    assert code == 0
    assert "efficientnet_lite0" in [row["id"] for row in value]
    assert len(call("backbones", "--json")[1]) > len(value)
    assert {row["state"] for row in value} <= {"embedded", "cached"}


def images_of(kind: str, root: Path) -> Path:
    folder = root / "images"
    if kind == "missing":
        return root / "nowhere"
    folder.mkdir()
    if kind == "a file":
        file = root / "file.jpg"
        file.write_bytes(b"x")
        return file
    if kind == "one class":
        from tests.conftest import draw_photo

        (folder / "ants").mkdir()
        for number in range(5):
            draw_photo(0, width=40, height=40, seed=number).save(folder / "ants" / f"{number}.png")
    if kind == "no image":
        (folder / "ants").mkdir()
        (folder / "ants" / "a.txt").write_text("no image")
    return folder


@pytest.mark.parametrize("kind", ["missing", "empty", "a file", "one class", "no image"])
def test_wrong_input_is_one_line_with_the_mend_and_exit_code_2(kind, call, tmp_path):
    code, _, err = call("train", images_of(kind, tmp_path), "--run", tmp_path / "run", "--json")
    assert code == 2
    told = [line for line in err.splitlines() if line.startswith("tlstudio:")]
    assert len(told) == 1
    assert told[0].count(". ") >= 1, "what happened, then the mend"


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--weights", "nowhere.safetensors"), "nowhere.safetensors"),
        (("--backbone", "efficientnet_litle0"), "efficientnet_lite0"),
        (("--freeze", "blocks.99", "--strategy", "fine-tune"), "blocks.4"),
        (("--validation", "0.9", "--test", "0.9"), "test"),
        (("--epochs", "0"), "epochs"),
        (("--strategy", "magic"), "linear-probe"),
        (("--recipe", "nowhere.json"), "nowhere.json"),
        (("--groups", "no such column ("), "group"),
        (("--backbone", "resnet18"), "weights"),
        (("--device", "abacus"), "abacus"),
        (("--strategy", "linear-probe", "--freeze", "blocks.4"), "fine-tune"),
    ],
)
def test_wrong_settings_are_told_by_name(flags, word, call, photos, tmp_path):
    code, _, err = call("train", photos(), "--run", tmp_path / "run", *flags)
    assert code == 2, err
    assert word in err
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_run_folder_that_cannot_be_written(call, photos, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = call("train", photos(), "--run", tmp_path / "file" / "run")
    assert code == 2
    assert "run folder" in err


@pytest.mark.parametrize(
    "command", [("evaluate",), ("report", "--out", "r.html"), ("export", "--format", "onnx", "--out", "o")]
)
def test_no_run_in_the_folder(command, call, tmp_path):
    code, _, err = call(command[0], tmp_path, *command[1:])
    assert code == 2
    assert "no run" in err


def test_rank_says_that_it_is_not_there_yet(call, tmp_path):
    code, _, err = call("rank", tmp_path)
    assert code == 2
    assert "not part of this version" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train"], "folder, --run"),
        (["train", ".", "--run", "r", "--epochs", "x"], "'x'"),
        (["dance"], "dance"),
    ],
)
def test_wrong_usage_is_one_line_with_the_mend_and_exit_code_2(arguments, told, capsys):
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert "--help` lists" in line


def test_flags_that_a_resumed_run_does_not_use_are_named(trained, call):
    images, run, _ = trained
    seed = json.loads((run / "recipe.json").read_text(encoding="utf-8"))["seed"]
    flags = ("--seed", seed + 1, "--freeze", "blocks.6")
    code, _, err = call("train", images, "--run", run, "--resume", *flags)
    assert code == 0
    assert "not used: --strategy, --freeze, --seed" in err
    code, _, err = call("train", images, "--run", run, "--resume", "--seed", seed)
    assert code == 0
    assert "not used" not in err


def test_train_names_each_unusable_file_with_its_reason(call, photos, tmp_path):
    images = photos()
    (images / "ants" / "empty.jpg").touch()
    (images / "bees" / "page.jpg").write_text("<html><body>404</body></html>")
    code, _, err = call("train", images, "--run", tmp_path / "run")
    assert code == 0
    lines = [line.strip() for line in err.splitlines()]
    assert any(line.startswith("ants/empty.jpg: The file is empty") for line in lines), err
    assert any(line.startswith("bees/page.jpg: This is a web page") for line in lines), err


def test_a_reader_that_leaves_early_and_a_full_disk_are_no_traceback(tmp_path):
    command = [sys.executable, "-m", "tlstudio", "backbones", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    if not Path("/dev/full").exists():
        return
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("tlstudio: The disk is full (standard output).")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_behind_stderr_does_not_change_how_a_command_ends(photos, tmp_path, monkeypatch, capsys):
    for arguments, code in ((["check", photos()], 0), (["check", tmp_path / "nothing"], 2)):
        with Path("/dev/full").open("w") as full:
            monkeypatch.setattr(sys, "stderr", full)
            assert cli.main([str(argument) for argument in arguments]) == code
        assert bool(capsys.readouterr().out) == (code == 0)


def test_a_name_that_is_no_text_can_be_told(trained, tmp_path, monkeypatch, capsys):
    images, run, _ = trained
    photo = (images / "ants" / "photo-000.jpg").read_bytes()
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (tmp_path / name).write_bytes(photo)
    except OSError:
        pytest.skip("this file system allows only names that are text")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["predict", str(run), name]) == 0
    assert "caf\\udce9.jpg: ants" in capsys.readouterr().out


def test_ctrl_c_keeps_what_was_done_and_resume_goes_on(photos, tmp_path):
    images = photos(classes=("ants", "bees"), per_class=7)
    command = [sys.executable, "-m", "tlstudio", "train", str(images), "--run", str(tmp_path / "run")]
    command += ["--freeze", "blocks.6", "--epochs", "200", "--json"]
    events = tmp_path / "run" / "events.jsonl"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 200
        while process.poll() is None and not (events.exists() and '"epoch": 2,' in events.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert {file.name for file in (events.parent / "checkpoints").iterdir()} == {
        "best.safetensors",
        "last.safetensors",
    }


def test_the_parser_and_the_starter_name_the_same_commands():
    from tlstudio.__main__ import _is_command

    actions = cli.build_parser()._subparsers._group_actions  # type: ignore[union-attr]
    commands = list(actions[0].choices)
    assert all(_is_command(command) for command in commands)
    assert len(commands) == 9
    assert not _is_command("photos")


def test_without_a_screen_the_app_says_what_to_do(monkeypatch):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-m", "tlstudio"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "tlstudio demo" in done.stderr
