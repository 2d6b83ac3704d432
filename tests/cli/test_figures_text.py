"""Accuracies in words."""

from tlstudio.cli.command import load_command
from tlstudio.cli.figures_text import accuracy_text, confidence_text


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


def test_a_calibration_error_stands_beside_what_chance_makes_of_it():
    figures = {
        "ece": 0.08, "ece_limit": 0.13, "brier": 0.3, "brier_interval": [0.2, 0.4], "log_loss": 0.5,
        "log_loss_interval": None,
    }  # fmt: skip
    assert confidence_text(figures) == (
        "calibration error (ECE) 0.080 (chance alone: up to 0.130), "
        "Brier score 0.300 (95 % interval 0.200–0.400), log loss 0.500"
    )
    assert confidence_text({"ece": 0.1}) == "calibration error (ECE) 0.100"


def test_groups_are_named():
    figures = {"accuracy": 0.925, "n": 40, "groups": 8, "interval": [0.7, 0.98]}
    assert accuracy_text(figures) == "92.5 % of 40 images from 8 groups right (95 % interval 70–98)"
