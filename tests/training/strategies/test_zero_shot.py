"""The strategy of only words: what it makes, keeps, returns and refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.tiny import Photos, same_weights, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import EpochEnded, Event, StageStarted, WarningRaised
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons
from tlstudio.models.classifier import load_classifier
from tlstudio.models.words import sentences
from tlstudio.project.runs import RunFolder
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.head import words as words_module
from tlstudio.training.phases.fit_to_words import WORDS_SECONDS
from tlstudio.training.phases.phase import Phase
from tlstudio.training.planning import cost_probe
from tlstudio.training.planning.estimate import estimate_run
from tlstudio.training.strategies import plan_phases, zero_shot
from tlstudio.training.trials.words_trial import UNKNOWN

pytestmark = pytest.mark.usefixtures("tiny")


@pytest.fixture(autouse=True)
def known_things(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backbone knows 24 things, its features; a text means those whose numbers are in it."""

    def embed(texts: list[str]) -> torch.Tensor:
        return torch.stack([torch.eye(24)[sum(map(ord, text.split()[-1])) % 24] for text in texts])

    monkeypatch.setattr(words_module, "require_words", lambda: None)
    monkeypatch.setattr(
        words_module, "pretrained_layer", lambda *_, **__: (20 * torch.eye(24), torch.zeros(24))
    )
    monkeypatch.setattr(words_module, "class_meanings", lambda: torch.eye(24))
    monkeypatch.setattr(words_module, "closeness", lambda vectors: 9 * vectors)
    monkeypatch.setattr(words_module, "embed_texts", embed)
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)


@pytest.fixture
def good_words(monkeypatch: pytest.MonkeyPatch):
    """Makes words that sort the photos of a folder as the labels do, by looking at a plain head of them."""

    def make(root: Path, folder: Path) -> None:
        train(root, folder)
        plain = load_classifier(RunFolder(folder).best_checkpoint).head

        def head(words, *, feature_size, **_):
            return plain

        monkeypatch.setattr("tlstudio.training.phases.fit_to_words.head_of_words", head)

    return make


def comparison(run: Path) -> StrategyComparison:
    found = read_comparisons(RunFolder(run)).strategy
    assert found is not None
    return found


def test_words_of_other_things_return_the_plain_head_and_say_so(photos: Photos, tmp_path: Path):
    root, events = photos(per_class=8), list[Event]()
    train(root, tmp_path / "plain")
    train(root, tmp_path / "run", strategy="zero-shot", emit=events.append)
    assert comparison(tmp_path / "run").start_returned
    assert same_weights(tmp_path / "run", tmp_path / "plain")
    said = [event.message for event in events if isinstance(event, WarningRaised)]
    assert comparison(tmp_path / "run").sentence in said


def test_good_words_are_kept_and_end_the_same_after_an_interruption(
    photos: Photos, tmp_path: Path, good_words, monkeypatch: pytest.MonkeyPatch
):
    root, events = photos(per_class=8), list[Event]()
    good_words(root, tmp_path / "plain")
    result = train(root, tmp_path / "run", strategy="zero-shot", emit=events.append)
    assert not comparison(tmp_path / "run").start_returned
    assert result["test"]["n"] > 0
    (shown,) = [event for event in events if isinstance(event, EpochEnded)]
    assert (shown.axis, shown.epoch, shown.epochs) == ("setting", 1, 1)

    control = Control()
    report = zero_shot.FitToWords._report

    def cancelled(self: Phase, *_, **__):
        control.cancel()
        control.check()

    monkeypatch.setattr(zero_shot.FitToWords, "_report", cancelled)
    with pytest.raises(Cancelled):
        train(root, tmp_path / "again", strategy="zero-shot", control=control)
    monkeypatch.setattr(zero_shot.FitToWords, "_report", report)
    train(root, tmp_path / "again", strategy="zero-shot", resume=True)
    assert same_weights(tmp_path / "run", tmp_path / "again")


def test_the_classifier_holds_the_known_things_and_loads(photos: Photos, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tlstudio.training.phases.fit_to_words.try_words", kept)
    train(photos(per_class=3), tmp_path / "run", strategy="zero-shot", inputs={"classes": "bees: a; b"})
    head = load_classifier(RunFolder(tmp_path / "run").best_checkpoint).head
    assert (head.settings.kind, head.settings.hidden_units, head.settings.activation) == (
        "hidden",
        24,
        "softmax",
    )


def kept(logits, labels, start) -> StrategyComparison:
    return StrategyComparison(
        start_accuracy=0.5,
        accuracy=0.9,
        n=len(labels),
        difference=0.4,
        interval=(0.1, 0.6),
        start_returned=False,
        reason="Kept.",
    )


def test_one_image_of_each_class_does_not_keep_words_from_being_used(photos: Photos, tmp_path: Path):
    events = list[Event]()
    result = train(photos(per_class=1), tmp_path / "run", strategy="zero-shot", emit=events.append)
    assert result["status"] == "finished"
    (said,) = [e.message for e in events if isinstance(e, WarningRaised) and e.code == "untested-words"]
    assert "does not show whether they are better than chance. Label about ten images" in said
    assert read_comparisons(RunFolder(tmp_path / "run")).strategy is None


def test_words_shown_to_be_chance_are_refused_where_there_is_no_other_head(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "tlstudio.training.phases.fit_to_words.try_words",
        lambda *given: replace(kept(*given), start_returned=True, reason="By chance."),
    )
    with pytest.raises(UserError, match=r"By chance\. .* label at least two images of each class"):
        train(photos(per_class=1), tmp_path / "run", strategy="zero-shot")


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"freeze": "top"}, "only words trains the head alone"),
        ({"inputs": {"classes": "greens: a leaf"}}, "“greens” is no class of these images"),
    ],
)
def test_what_does_not_fit_is_refused(photos: Photos, tmp_path: Path, rest: dict, message: str):
    with pytest.raises(UserError, match=message):
        train(photos(per_class=2), tmp_path / "run", strategy="zero-shot", **rest)


@pytest.mark.parametrize("missing", ["pretrained_layer", "class_meanings"])
def test_without_known_things_no_image_is_looked_at(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
):
    def refuse(*_, **__):
        raise UserError("These are not known.", mend="")

    monkeypatch.setattr(words_module, missing, refuse)
    events = list[Event]()
    with pytest.raises(UserError, match="not known"):
        train(photos(per_class=2), tmp_path / "run", strategy="zero-shot", emit=events.append)
    assert [event.stage for event in events if isinstance(event, StageStarted)] == ["backbone"]
    assert not RunFolder(tmp_path / "run").recipe.exists()


def test_the_spec_names_the_packages_of_the_optional_part():
    assert STRATEGIES.get("zero-shot").extra_packages == sentences.PACKAGES


def test_without_the_optional_part_nothing_begins(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sentences, "PACKAGES", ("no_such_package_of_words",))
    monkeypatch.setattr(words_module, "require_words", sentences.require_words)
    with pytest.raises(UserError, match="optional part “words”"):
        plan_phases(build_recipe({"strategy": "zero-shot"}), stage_names=("stem", "top"))


def test_the_estimate_counts_the_heads(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cost_probe, "load_backbone", tiny_backbone)
    recipe = build_recipe({"device": "cpu", "threads": 1, "strategy": "zero-shot"})
    told = estimate_run(
        scan_folder(photos(per_class=4)), RunFolder(tmp_path / "never"), recipe, control=Control()
    )
    assert told.training_seconds > WORDS_SECONDS


@pytest.fixture
def loose(photos: Photos, tmp_path: Path) -> Path:
    """A folder of images without labels."""
    root = tmp_path / "loose"
    root.mkdir()
    for file in photos(per_class=2).rglob("*.jpg"):
        file.replace(root / f"{file.parent.name}-{file.name}")
    return root


def test_named_classes_need_no_label(loose: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inputs, events = {"classes": "ants, bees: striped"}, list[Event]()
    result = train(loose, tmp_path / "run", strategy="zero-shot", inputs=inputs, emit=events.append)
    assert (result["classes"], result["images"]["train"]) == (["ants", "bees"], 0)
    assert any(isinstance(event, WarningRaised) and event.message == UNKNOWN for event in events)
    assert not RunFolder(tmp_path / "run").comparisons.exists()
    again = train(loose, tmp_path / "run", strategy="zero-shot", inputs=inputs, resume=True)
    assert again["status"] == "finished"

    monkeypatch.setattr(cost_probe, "load_backbone", tiny_backbone)
    recipe = build_recipe({"device": "cpu", "threads": 1, "strategy": "zero-shot", "inputs": inputs})
    told = estimate_run(scan_folder(loose), RunFolder(tmp_path / "never"), recipe, control=Control())
    assert told.training_seconds == WORDS_SECONDS


def test_labels_of_one_class_alone_test_nothing(photos: Photos, tmp_path: Path):
    root, events = photos(classes=("ants",), per_class=4), list[Event]()
    inputs = {"classes": "bees, Ants"}
    result = train(root, tmp_path / "run", strategy="zero-shot", inputs=inputs, emit=events.append)
    assert result["classes"] == ["ants", "bees"]
    assert any(isinstance(event, WarningRaised) and event.message == UNKNOWN for event in events)


@pytest.mark.parametrize(("named", "found"), [({}, "none"), ({"classes": "ants"}, "one")])
def test_fewer_than_two_named_classes_are_refused(loose: Path, tmp_path: Path, named: dict, found: str):
    with pytest.raises(UserError, match=rf"there is {found}. Name them \(--classes"):
        train(loose, tmp_path / "run", strategy="zero-shot", inputs=named)
