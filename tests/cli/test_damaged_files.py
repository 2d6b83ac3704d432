"""Files of a run that a full disk, an editor or another program damaged: one sentence, never a traceback."""

from __future__ import annotations

import codecs
import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from tlstudio.cli.main import main
from tlstudio.core.events import JobFailed, ignore, run_guarded
from tlstudio.evaluation.run_summary import summarise
from tlstudio.export.card import build_card, card_markdown
from tlstudio.gui.pages.train.stored_run import read_stored_run
from tlstudio.gui.pages.use.contents import read_usable
from tlstudio.models.classifier import load_classifier
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import gather
from tlstudio.report.run_text import run_facts

DEEP = 200_000
EACH = 17
"""One of so many of the damaged values is tried, so that all kinds and most places have their turn."""
WRONG_VALUES = [
    None,
    True,
    -1,
    0.5,
    1e308,
    math.nan,
    10**30,
    "x",
    "",
    "\ud800",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
]
WRONG_TEXTS = ["", "x", "null", "33", "[]", "{}", "[" * DEEP, '{"a":' * DEEP, '"\\ud800"', "NaN", "\x00"]


@pytest.fixture
def run(trained, tmp_path) -> RunFolder:
    """A copy of a finished run."""
    return RunFolder(Path(shutil.copytree(trained.run, tmp_path / "run")))


def damaged_texts(whole: str) -> Iterator[str]:
    yield from WRONG_TEXTS
    for share in (0.1, 0.5, 0.9, 0.99):
        yield whole[: int(len(whole) * share)]
    yield whole + "x"
    yield whole.replace('"', "", 1)
    yield whole.replace("0", "NaN")
    yield whole.replace(",", "\r", 3)
    yield whole.replace("a", "\x00", 5)


def damaged_values(whole: Any) -> Iterator[Any]:
    """The value with each part of it missing, or replaced by something of another kind."""
    if isinstance(whole, dict):
        for key, inner in whole.items():
            yield {name: value for name, value in whole.items() if name != key}
            for wrong in WRONG_VALUES:
                yield {**whole, key: wrong}
            for damaged in damaged_values(inner):
                yield {**whole, key: damaged}
    elif isinstance(whole, list) and whole:
        yield whole[1:]
        yield [*whole, whole[0]]
        yield [None, *whole[1:]]
        for damaged in damaged_values(whole[0]):
            yield [damaged, *whole[1:]]


def read_all(run: RunFolder, classifier: Any) -> list[str]:
    """Everything that reads a run: the faults of ours that came of it."""

    def report() -> dict[str, Any]:
        contents = gather(run)
        return {"facts": run_facts(contents), "wrong": contents.wrong()}

    def window() -> dict[str, Any]:
        return {"runs": [summarise(run), read_stored_run(run), read_usable(run)]}

    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "report": report,
        "card": lambda: {"card": card_markdown(build_card(run, classifier))},
        "window": window,
    }
    found = []
    for name, job in jobs.items():
        final = run_guarded(job, run_id=name, emit=ignore)
        if isinstance(final, JobFailed) and (final.fault or name == "window"):
            found.append(f"{name}: {final.what}")
    code = main(["evaluate", str(run.path)])
    if code not in (0, 2):
        found.append(f"evaluate: {code}")
    return found


FILES = ["recipe.json", "metrics.json", "environment.json", "split.csv", "predictions.csv", "events.jsonl"]


@pytest.mark.parametrize("name", FILES)
def test_no_text_in_a_file_of_a_run_is_a_fault(name, run, capsys):
    classifier = load_classifier(run.best_checkpoint)
    file = run.path / name
    whole = file.read_text(encoding="utf-8")
    faults = {}
    for text in damaged_texts(whole):
        file.write_text(text, encoding="utf-8")
        if found := read_all(run, classifier):
            faults[text[:60]] = found
    for data in (b"\xff\xfe\xd8", b"\x80abc", whole.encode("utf-16-le")):
        file.write_bytes(data)
        if found := read_all(run, classifier):
            faults[repr(data[:60])] = found
    assert faults == {}
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["recipe.json", "metrics.json", "environment.json"])
def test_no_value_in_a_file_of_a_run_is_a_fault(name, run, capsys):
    classifier = load_classifier(run.best_checkpoint)
    file = run.path / name
    whole = json.loads(file.read_text(encoding="utf-8"))
    faults = {}
    for number, value in enumerate(damaged_values(whole)):
        text = json.dumps(value)
        if number % EACH:
            continue
        file.write_text(text, encoding="utf-8")
        if found := read_all(run, classifier):
            faults[text[:200]] = found
    assert faults == {}
    assert "Traceback" not in capsys.readouterr().err


def test_no_value_in_an_event_is_a_fault(run, capsys):
    classifier = load_classifier(run.best_checkpoint)
    lines = run.events.read_text(encoding="utf-8").splitlines()
    kinds = {json.loads(line)["event"]: line for line in lines}
    damaged = [json.dumps(value) for line in kinds.values() for value in damaged_values(json.loads(line))]
    run.events.write_text("\n".join([*lines, *damaged[:: max(1, len(damaged) // 300)]]), encoding="utf-8")
    assert read_all(run, classifier) == []
    for line in damaged[::40]:
        run.events.write_text("\n".join([*lines, line]), encoding="utf-8")
        assert read_all(run, classifier) == [], line
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"test": {"n": 5}}, "metrics.json is damaged"),
        ({}, "metrics.json is damaged"),
        ([], "metrics.json is damaged"),
    ],
)
def test_metrics_with_keys_missing_are_said_to_be_damaged(values, words, run, call):
    run.metrics.write_text(json.dumps(values))
    code, _, err = call("evaluate", run.path)
    assert code == 2
    assert words in err
    assert len(err.splitlines()) == 1


def test_classes_of_one_name_are_damage(run, call):
    values = json.loads(run.metrics.read_text(encoding="utf-8"))
    values["test"]["classes"] = ["ants", "ants", "leaves"]
    run.metrics.write_text(json.dumps(values))
    assert call("evaluate", run.path)[0] == 2
    table = run.predictions.read_text(encoding="utf-8")
    run.predictions.write_text(table.replace("P(bees)", "P(ants)"), encoding="utf-8")
    assert call("report", run.path, "--out", run.path / "r.html")[0] == 2


METADATA = ["format", "format_version", "backbone", "classes", "preprocessing", "head"]


@pytest.mark.parametrize("key", METADATA)
def test_a_checkpoint_whose_record_is_damaged_is_refused(key, run, trained, call):
    photo = next((trained.images / "ants").iterdir())
    with safe_open(run.best_checkpoint, "pt") as file:
        metadata = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    wrong = [*WRONG_TEXTS, '["ants", "ants", "bees"]', '["ants", ""]', '["ants"]', '{"kind": "x"}', None]
    for value in wrong:
        changed = {name: text for name, text in metadata.items() if name != key}
        if value is not None:
            changed[key] = value
        save_file(tensors, run.best_checkpoint, metadata=changed)
        code, _, err = call("predict", run.best_checkpoint, photo)
        # The tiny backbone is given for any name; a head without settings is the usual one; 3 is a version.
        is_whole = (key, value) in (("head", "{}"), ("format_version", "3"))
        assert code == 2 or key == "backbone" or is_whole, (value, err)
        assert len([line for line in err.splitlines() if line.startswith("tlstudio:")]) == (code == 2)


def test_weights_that_give_no_numbers_are_refused(run, trained, call):
    with safe_open(run.best_checkpoint, "pt") as file:
        metadata = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    metadata.pop("checksum")
    bias = next(name for name in tensors if name.startswith("head") and name.endswith("bias"))
    tensors[bias] = tensors[bias] * math.nan
    save_file(tensors, run.best_checkpoint, metadata=metadata)
    code, _, err = call("predict", run.path, next((trained.images / "ants").iterdir()))
    assert code == 2
    assert "gives no probabilities" in err
    assert "nan" not in err


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_checkpoint_is_refused(share, run, trained, call):
    data = run.best_checkpoint.read_bytes()
    run.best_checkpoint.write_bytes(data[: int(len(data) * share)])
    code, _, err = call("predict", run.path, next((trained.images / "ants").iterdir()))
    assert code == 2
    assert "damaged" in err


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_a_recipe_saved_by_an_editor_is_read(mark, run, trained, call, tmp_path):
    text = run.recipe.read_text(encoding="utf-8")
    encoding = "utf-8" if mark == codecs.BOM_UTF8 else "utf-16-le"
    edited = tmp_path / "edited.json"
    edited.write_bytes(mark + text.encode(encoding))
    code, _, err = call("train", trained.images, "--run", tmp_path / "new", "--recipe", edited)
    assert code == 0, err


@pytest.mark.parametrize("text", ["[" * DEEP, '{"seed": "\\ud800"}', '{"seed": NaN}', "{", "[]", "\x00"])
def test_a_recipe_made_by_hand_is_refused_in_one_sentence(text, trained, call, tmp_path):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(text, encoding="utf-8")
    code, _, err = call("train", trained.images, "--run", tmp_path / "new", "--recipe", recipe)
    assert code == 2
    assert len(err.splitlines()) == 1
