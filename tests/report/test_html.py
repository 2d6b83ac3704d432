from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.report.conftest import take_test_away
from tlstudio.core.colours import DARK, LIGHT
from tlstudio.core.events import TrialEnded, WarningRaised
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.core.limits import MODEL_LIMITS
from tlstudio.core.percent import percent
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, read_predictions_csv, write_predictions_csv
from tlstudio.project.runs import RunFolder
from tlstudio.report.html import write_report

pytestmark = pytest.mark.usefixtures("quick_figures")

VOID = {"meta", "img", "source", "br", "hr", "link", "input"}


class _Reader(HTMLParser):
    """Collects text and addresses, and checks that every element is closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("src", "srcset", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def _read(file: Path) -> _Reader:
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


def test_report_shows_everything_and_loads_nothing(run: RunFolder, tmp_path: Path) -> None:
    out = write_report(run, tmp_path / "new folder" / "report.html")
    page = _read(out)
    assert page.addresses
    assert all(address.startswith("data:image/") for address in page.addresses)
    assert not re.search(r"https?://|@import|url\(", out.read_text(encoding="utf-8"))
    figures = json.loads(run.metrics.read_text())["test"]
    assert f"{figures['accuracy'] * 100:.1f} %" in page.words
    assert "of 12 test images right" in page.words
    assert "1 file is not used." in page.words
    for title in ("Each class", "Mistakes: all 3", "Loss", "Accuracy", "Images", "How it was made"):
        assert title in page.words
    for limit in MODEL_LIMITS:
        assert limit in page.words
    assert "Trained from the stage blocks 4 upwards" in page.words
    assert "python 3.11.2" in page.words


@pytest.mark.parametrize("precision", ["bfloat16", "float32", None])
def test_reduced_precision_is_named(run: RunFolder, tmp_path: Path, precision: str | None) -> None:
    metrics = json.loads(run.metrics.read_text())
    run.metrics.write_text(json.dumps({**metrics, "training_precision": precision}), encoding="utf-8")
    words = _read(write_report(run, tmp_path / "r.html")).words
    assert ("reduced precision while training (bfloat16)" in words) == (precision == "bfloat16")
    assert ("reduced precision" in words) == (precision == "bfloat16")


def test_names_cannot_become_markup(run: RunFolder, tmp_path: Path) -> None:
    page = _read(write_report(run, tmp_path / "r.html"))
    assert "<img src=x> & roses" in page.words
    assert "run <7>" in page.words
    assert "notes <1>.jpg" in page.words
    assert "x" not in page.addresses
    assert not [tag for tag, _ in page.tags if tag in ("script", "7")]


def test_figures_have_descriptions_and_both_looks(run: RunFolder, tmp_path: Path) -> None:
    page = _read(write_report(run, tmp_path / "r.html"))
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(pictures) == 5 + 3, "five figures, three mistakes"
    assert all(attrs["alt"] for attrs in pictures)
    sources = [attrs for tag, attrs in page.tags if tag == "source"]
    assert len(sources) == 5
    assert all(attrs["media"] == "(prefers-color-scheme: dark)" for attrs in sources)


def test_deleted_images_leave_a_placeholder(run: RunFolder, images: Path, tmp_path: Path) -> None:
    shutil.rmtree(images)
    page = _read(write_report(run, tmp_path / "r.html"))
    assert page.words.count("the image is no longer there") == 3


def test_without_mistakes_or_figures(run: RunFolder, tmp_path: Path) -> None:
    metrics = json.loads(run.metrics.read_text())
    run.predictions.unlink()
    words = _read(write_report(run, tmp_path / "a.html")).words
    assert "3; the answers for single images are missing." in words
    metrics["test"]["confusion"] = [[4, 0, 0], [0, 4, 0], [0, 0, 4]]
    run.metrics.write_text(json.dumps(metrics))
    words = _read(write_report(run, tmp_path / "right.html")).words
    assert "None: every test image got the right class." in words
    for split in ("validation", "test"):
        metrics[split] = {"n": 0}
    run.metrics.write_text(json.dumps(metrics))
    words = _read(write_report(run, tmp_path / "b.html")).words
    assert "it is not known how good this classifier is" in words
    assert "Mistakes" not in words


def test_a_figure_of_validation_images_is_called_too_good(run: RunFolder, tmp_path: Path) -> None:
    take_test_away(run)
    assert "a little too good" in _read(write_report(run, tmp_path / "r.html")).words


def test_undecodable_file_names_are_written(run: RunFolder, tmp_path: Path) -> None:
    run.append_event(
        WarningRaised(run_id="r", code="skipped", message="2 files.", paths=("daisy/\udcff.jpg",))
    )
    page = _read(write_report(run, tmp_path / "r.html"))
    assert "daisy/?.jpg" in page.words


def test_an_older_report_is_replaced(run: RunFolder) -> None:
    run.report.write_text("old")
    assert write_report(run, run.report) == run.report
    assert run.report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_trials_are_shown_with_the_chosen_freeze_line(run: RunFolder, tmp_path: Path) -> None:
    without = write_report(run, tmp_path / "plain.html").read_text(encoding="utf-8")
    assert "What was tried" not in without
    for freeze, accuracy, best in (("head", 0.7, True), ("conv_head", 0.72, False)):
        interval = (accuracy - 0.1, accuracy + 0.1)
        run.append_event(
            TrialEnded(
                run_id=run.path.name, freeze=freeze, accuracy=accuracy, interval=interval, n=100,
                elapsed_seconds=3.0, best=best,
            )
        )  # fmt: skip
    reader = _read(write_report(run, tmp_path / "tried.html"))
    assert "What was tried, and what was chosen" in reader.words
    assert "Training more stages was not clearly better" in reader.words


def test_findings_are_shown_with_meaning_and_mend(run: RunFolder, tmp_path: Path) -> None:
    metrics = json.loads(run.metrics.read_text())
    findings = [
        Finding(check="a", severity="ok", message="Even <b>."),
        Finding(check="b", severity="serious", message="Wrong & bad.", meaning="Worthless.", mend="Mend it."),
    ]
    metrics["test"]["findings"] = [finding.as_values() for finding in findings]
    run.metrics.write_text(json.dumps(metrics), encoding="utf-8")
    words = _read(write_report(run, tmp_path / "r.html")).words
    assert "To keep in mind Wrong & bad. Worthless. Mend it. 1 file is not used." in words
    assert "Checked, and nothing to worry about Even <b>." in words


def test_the_images_of_a_warning_are_shown(run: RunFolder, tmp_path: Path) -> None:
    metrics = json.loads(run.metrics.read_text())
    paths = ("daisy/0.jpg", *(f"gone/{number}.jpg" for number in range(13)))
    findings = [
        Finding(check="a", severity="warning", message="Wrong.", mend="Mend it.", paths=paths),
        Finding(check="b", severity="ok", message="Right.", paths=("fine.jpg",)),
    ]
    metrics["test"]["findings"] = [finding.as_values() for finding in findings]
    run.metrics.write_text(json.dumps(metrics), encoding="utf-8")
    words = _read(write_report(run, tmp_path / "r.html")).words
    assert "daisy/0.jpg" in words
    assert "gone/10.jpg" in words
    assert "gone/11.jpg" not in words
    assert "… and 2 more." in words
    assert "fine.jpg" not in words


def test_the_page_has_the_colours_of_the_window(run: RunFolder, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "r.html").read_text(encoding="utf-8")
    light, _, dark = page.partition("@media (prefers-color-scheme: dark)")
    for rules, colours in ((light, LIGHT), (dark, DARK)):
        for name in ("bg", "surface", "line", "text", "muted", "accent", "warn"):
            assert f"--{name}: {getattr(colours, name)};" in rules


def test_every_label_column_has_its_own_section(run: RunFolder, tmp_path: Path) -> None:
    parts = read_predictions_csv(run.predictions)
    values = run.read_json(run.metrics)
    for name, part in parts.items():
        true = np.arange(len(part.paths)) % 2
        sure = np.where(np.arange(len(part.paths)) == 1, 1 - true, true)  # one mistake
        health = Predictions(
            paths=part.paths, classes=("ill", "<well>"), probabilities=np.eye(2)[sure], true_indices=true
        )
        parts[name] = replace(part, further={"health": health})
        found = evaluate_predictions(parts[name], subset=name, column="species")
        values[name] = {**values[name], "columns": found.as_stored_json()["columns"]}
    write_predictions_csv(run.predictions, parts)
    write_json(run.metrics, values)
    page = _read(write_report(run, tmp_path / "report.html"))
    words = page.words
    assert "3 classes of species, 2 of health" in words
    first, second = words.index("How good it is: species"), words.index("How good it is: health")
    assert first < words.index("daisy") < second
    n = len(parts["test"].paths)
    assert f"{percent((n - 1) / n, digits=1)} of {n} test images right" in words[second:]
    assert "<well>" in words[second:]
    assert "Mistakes: all 1" in words[second:]
    assert sum(tag == "img" and "health" not in str(attrs) for tag, attrs in page.tags) > 4


def test_a_column_without_test_labels_says_so(run: RunFolder, tmp_path: Path) -> None:
    parts = read_predictions_csv(run.predictions)
    values = run.read_json(run.metrics)
    for name, part in parts.items():
        true = np.full(len(part.paths), -1) if name == "test" else np.arange(len(part.paths)) % 2
        health = Predictions(
            paths=part.paths,
            classes=("ill", "well"),
            probabilities=np.eye(2)[np.maximum(true, 0)],
            true_indices=true,
        )
        parts[name] = replace(part, further={"health": health})
        found = evaluate_predictions(parts[name], subset=name, column="species")
        values[name] = {**values[name], "columns": found.as_stored_json()["columns"]}
    write_predictions_csv(run.predictions, parts)
    write_json(run.metrics, values)
    words = _read(write_report(run, tmp_path / "report.html")).words
    health = words[words.index("How good it is: health") :]
    assert "No test image has a label in this column; these are figures of check images." in health
    assert "No images were kept for testing" not in words
