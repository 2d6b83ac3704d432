"""Every command prints its fixed JSON object and leaves its fixed files."""

import csv
from pathlib import Path

import pytest

from tlstudio.cli.command import load_command
from tlstudio.cli.commands import command_names
from tlstudio.cli.main import main

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
    assert set(figures) >= EVALUATE_KEYS
    assert figures["accuracy"] == value["test"]["accuracy"]
    assert set(figures["per_class"][0]) == {"class", "precision", "recall", "f1", "n"}
    code, elsewhere, _ = call("evaluate", run, "--images", images, "--json")
    assert (code, elsewhere["n"]) == (0, value["images"]["test"]), "it has seen all others"
    assert set(elsewhere) == set(figures) | {"left_out"}


def test_predict_answers_every_file_and_writes_a_csv(trained, call, tmp_path):
    images, run, _ = trained
    code, answers, _ = call("predict", run, images, "--csv", tmp_path / "out.csv", "--json")
    assert code == 0
    assert len(answers) == 43
    bad = [answer for answer in answers if answer["error"]]
    assert [Path(answer["path"]).name for answer in bad] == ["torn.jpg"]
    good = next(answer for answer in answers if not answer["error"])
    keys = {"path", "class", "probability", "probabilities", "unknown", "ask", "classes", "error"}
    assert set(good) == keys
    assert sum(good["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] or None for row in rows] == [answer["class"] for answer in answers]


@pytest.mark.usefixtures("quick_readback")
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


def test_strategies_prints_the_fixed_object_and_words(call, capsys):
    code, value, _ = call("strategies", "--json")
    assert code == 0
    assert {"linear-probe", "fine-tune"} <= {row["id"] for row in value}
    assert {frozenset(row) for row in value} == {frozenset({"id", "title", "summary", "inputs", "options"})}
    words = load_command("strategies").describe(
        [
            {
                "id": "toy",
                "title": "Toy",
                "summary": "Plays.",
                "inputs": [{"flag": "--unlabelled", "help": "More images."}],
                "options": [{"name": "size", "type": "integer", "default": 3, "help": "How big."}],
            }
        ]
    )
    assert words.splitlines() == [
        "toy: Toy",
        "    Plays.",
        "    --unlabelled: More images.",
        "    --set size=… (integer, 3 when left out): How big.",
    ]


@pytest.mark.parametrize("name", command_names())
def test_every_command_has_a_summary_and_words_for_its_result(name):
    command = load_command(name)
    assert command.summary
    assert callable(command.describe)


def test_rank_compares_the_backbones_that_are_named(call, photos, tiny_backbones):
    named = "efficientnet_lite0,resnet18"
    code, value, _ = call("rank", photos(per_class=6), "--backbones", named, "--json")
    assert code == 0
    assert {row["id"] for row in value} == set(named.split(","))
    words = load_command("rank").describe(value)
    assert "s per 1000 images" in words
    assert "Not clearly worse than" in words, "both are the same tiny backbone"


def test_find_rate_says_what_the_curve_shows(call, photos, tiny_backbones):
    code, value, _ = call("find-rate", photos(per_class=6), "--freeze", "top", "--json")
    assert code == 0
    assert {"suggestion", "falls", "usual", "sentence", "images", "start_loss", "curve"} == set(value)
    describe = load_command("find-rate").describe
    words = describe({**value, "suggestion": {"stages": 0.00003, "head": 0.0003}})
    assert words.startswith(value["sentence"])
    assert '"learning_rate_stages": 0.00003 and "learning_rate_head": 0.0003' in words
    assert "learning_rate" not in describe({**value, "suggestion": None})


def test_find_rate_needs_a_freeze_line(call, photos):
    code, _, err = call("find-rate", photos())
    assert code == 2
    assert "--freeze STAGE" in err


def test_rank_refuses_a_backbone_that_it_does_not_know(call, photos):
    code, _, err = call("rank", photos(per_class=6), "--backbones", "efficientnet_lite9")
    assert code == 2
    assert "efficientnet_lite0" in err


def test_train_names_each_unusable_file_with_its_reason(call, photos, tmp_path):
    images = photos()
    (images / "ants" / "empty.jpg").touch()
    (images / "bees" / "page.jpg").write_text("<html><body>404</body></html>")
    code, _, err = call("train", images, "--run", tmp_path / "run")
    assert code == 0
    lines = [line.strip() for line in err.splitlines()]
    assert any(line.startswith("ants/empty.jpg: The file is empty") for line in lines), err
    assert any(line.startswith("bees/page.jpg: This is a web page") for line in lines), err


def test_a_line_end_in_a_class_name_does_not_break_the_lines():
    finding = {"check": "c", "severity": "note", "message": "a\nb is small.", "paths": ["a\nb/1.jpg"]}
    words = load_command("check").describe({"images": 1, "classes": {"a\nb": 1}, "findings": [finding]})
    assert words.splitlines()[1:] == [r"  a\nb: 1", r"[note] a\nb is small.", r"    a\nb/1.jpg"]


@pytest.mark.parametrize("command", [("check", "images"), ("train", "images", "--run", "run")])
def test_groups_that_are_empty_are_wrong_usage(command, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([*command, "--groups", ""])
    assert "it is empty" in capsys.readouterr().err


def test_figures_and_answers_of_several_label_columns_are_told_by_name():
    part = {"accuracy": 0.5, "interval": [0.2, 0.8], "n": 8}
    whole = {**part, "macro_f1": 0.5, "balanced_accuracy": 0.5, "ece": 0.1, "per_class": [], "findings": []}
    columns = {"species": {"validation": part, "test": part}, "health": {"validation": part, "test": part}}
    trained = {
        **{
            "run": "r",
            "status": "finished",
            "classes": ["a", "b"],
            "warnings": [],
            "seconds": {"total": 1.0},
        },
        **{
            "images": {"train": 1, "validation": 8, "test": 8, "skipped": 0},
            "validation": part,
            "test": part,
        },
        "columns": columns,
    }
    assert "Test of health: 50.0 % of 8 images right" in load_command("train").describe(trained)
    words = load_command("evaluate").describe({**whole, "columns": {"species": whole, "health": whole}})
    assert words.index("species:") < words.index("health:")
    answers = {
        "species": {"class": "ant", "probability": 0.9},
        "health": {"class": "ill", "probability": 0.75},
    }
    row = {"path": "a.jpg", **answers["species"], "unknown": 0.7, "error": None, "columns": answers}
    assert load_command("predict").describe([row]) == "a.jpg: odd: species ant 90 %, health ill 75 %"
    answers["health"]["ask"] = True
    assert load_command("predict").describe([row]).endswith("health ill 75 % (unsure: ask a person)")


@pytest.mark.parametrize("value", ["1.5", "90", "nan", "-1", "0"])
def test_a_share_that_is_none_is_one_line(call, value):
    code, _, error = call("evaluate", "no-run", "--right", value)
    assert code == 2
    assert "between 0 and 1" in error
    if value != "0":
        code, _, error = call("evaluate", "no-run", "--ask-below", value)
        assert code == 2
        assert "between 0 and 1" in error
