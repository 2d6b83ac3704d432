"""Accuracies in words."""

from tlstudio.cli.command import load_command
from tlstudio.cli.figures_text import accuracy_text


def test_an_accuracy_is_said_with_its_count_and_interval():
    figures = {"accuracy": 0.925, "n": 40, "interval": [0.801, 0.976]}
    assert accuracy_text(figures) == "92.5 % of 40 images right (95 % interval 80–98)"
    assert accuracy_text({"accuracy": None, "n": 0, "interval": None}) == "no images kept for it"


def test_evaluate_prints_the_findings_after_the_figures():
    value = {
        "accuracy": 0.5, "interval": [0.4, 0.6], "n": 100, "macro_f1": 0.5, "ece": 0.1, "per_class": [],
        "findings": [{"check": "few", "severity": "warning", "message": "Few images."}],
    }  # fmt: skip
    assert load_command("evaluate").describe(value).splitlines()[-1] == "[warning] Few images."
