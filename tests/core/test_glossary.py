"""The glossary of the documentation, as the app reads it."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tlstudio.core.glossary import glossary, meaning, parse_glossary, terms_in

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MEANING = 220
# What a person who knows images and no machine learning must be able to look up.
EXPECTED = (
    "backbone", "head", "stage", "epoch", "loss", "freeze", "frozen", "freeze line", "dropout",
    "label smoothing", "macro F1", "balanced accuracy", "ECE", "precision", "recall", "ONNX",
    "preprocessing", "seed", "augmentation", "learning rate", "batch", "weight decay", "fold", "validation",
    "test", "interval", "fine-tuning", "linear probe", "regularisation", "over-fitting", "checkpoint",
    "confusion matrix", "calibration", "weights", "feature", "recipe", "strategy", "runtime",
    "class weighting", "hidden layer", "ImageNet", "timm", "cross-validation", "parity",
)  # fmt: skip


@pytest.mark.parametrize("term", EXPECTED)
def test_every_technical_term_is_explained_in_one_sentence(term):
    assert terms_in(f"about {term} here"), term
    assert 20 < len(meaning(term)) <= LONGEST_MEANING
    assert meaning(term).endswith((".", "!", ":"))


def test_no_name_stands_for_two_terms():
    names = Counter(name.casefold() for entry in glossary() for name in entry.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_entries_of_contributors_and_everyday_words_are_no_technical_terms():
    titles = {entry.title for entry in glossary()}
    assert "Label" in titles
    assert "Activation" not in titles
    assert terms_in("Label the images of each class") == ()


def test_terms_are_found_as_whole_words_in_order_and_once():
    text = "Epochs: the LOSS of 3 epochs; balanced accuracy. Stagecoach, ahead, glossy"
    assert [entry.title for entry in terms_in(text)] == ["Epoch", "Loss", "Balanced accuracy"]


def test_markdown_becomes_entries():
    text = """# Title\n\n## Technical terms\n\n**Epoch, round.** One `pass` over *all*
images. More of it.\n\n## Others\n\n**Run.** One execution.\n\n## For contributors\n\n**Emit.** Pass on."""
    epoch, run = parse_glossary(text)
    assert (epoch.names, epoch.is_technical) == (("Epoch", "round"), True)
    assert epoch.meaning == "One pass over all images."
    assert (run.title, run.is_technical) == ("Run", False)


def test_an_unknown_term_is_an_error():
    with pytest.raises(KeyError, match="flux"):
        meaning("flux")


def test_the_installed_app_has_the_glossary():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"]["docs/glossary.md"] == "tlstudio/resources/glossary.md"
