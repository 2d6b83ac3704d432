"""A card that lists names and values, and the facts about a choice and its images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tlstudio.core.wording import count
from tlstudio.gui.number_text import grouped, memory
from tlstudio.gui.pages.model.choice import strategy_of
from tlstudio.gui.pages.model.text import AUTO, frozen_count, head_weights
from tlstudio.gui.stage_text import count_words
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.models.licences import licence_terms

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe


class FactsCard(Card):
    """Lists facts in rows: a name, and a value to its right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.values: dict[str, QLabel] = {}

    def set_facts(self, facts: Mapping[str, tuple[str, str]]) -> None:
        """Show facts: name to value and tip."""
        for name, (value, tip) in facts.items():
            if name not in self.values:
                self._add(name)
            label = self.values[name]
            label.setText(value)
            label.setToolTip(with_terms(tip, text=f"{name} {value}"))
            label.setAccessibleName(f"{name}: {value}")

    def _add(self, name: str) -> None:
        row = self._grid.rowCount()
        words, value = QLabel(name), QLabel()
        words.setProperty("muted", True)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setWordWrap(True)
        value.setTextFormat(Qt.TextFormat.PlainText)
        self._grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self.values[name] = value


class WordsCard(Card):
    """A few sentences under a title."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.words)

    def set_words(self, words: str) -> None:
        """Say something else."""
        self.words.setText(words)


def choice_facts(
    info: BackboneInfo, recipe: Recipe, *, classes: int, ready: bool | None
) -> dict[str, tuple[str, str]]:
    """Facts about a backbone with a recipe's settings, for a `FactsCard`.

    Args:
        info: The backbone.
        recipe: The draft.
        classes: Classes that have images.
        ready: Whether the backbone is on this computer; None when that is not known.
    """
    terms = licence_terms(info.licence)
    head = head_weights(recipe.head, feature_size=info.feature_size, classes=classes)
    frozen = frozen_count(recipe.freeze, [stage.name for stage in info.stages])
    learning = count_words(sum(stage.parameters for stage in info.stages[frozen:]) + head)
    if recipe.freeze == AUTO:
        learning = f"{count_words(head)} to {learning}"
    place = (
        "on this computer"
        if ready
        else "to download"
        if ready is None
        else f"{memory(info.download_bytes)} to get"
    )
    if recipe.backbone.weights_file:
        place = "your file"
    return {
        "weights that train": (
            f"{learning} of {count_words(info.parameters + head)}",
            "With the head",
        ),
        "image size": (
            f"{info.input_size} × {info.input_size} px" if info.input_size else "–",
            "Your images are scaled to this size before the backbone sees them",
        ),
        "backbone": (place, "Where its weights come from"),
        "learned from": (info.pretraining_name or "see its page", info.pretrained_on),
        "licence": (
            f"{info.licence or 'see its page'} · {terms.words}",
            " ".join(part for part in (terms.sentence, info.licence_note) if part),
        ),
    }


def start_title(recipe: Recipe, info: BackboneInfo) -> str:
    """Title of the backbone that a recipe starts from, or how it is found.

    Args:
        recipe: The draft.
        info: The backbone that is chosen.
    """
    is_found = recipe.freeze == AUTO and recipe.backbone.compared
    return "the best one ready offline" if is_found else info.title


def image_facts(
    info: BackboneInfo, recipe: Recipe, *, classes: int, train_images: int, is_estimate: bool
) -> dict[str, tuple[str, str]]:
    """Facts about the images and where the learning starts, for a `FactsCard`.

    Args:
        info: The backbone that is chosen.
        recipe: The draft.
        classes: Classes that have images.
        train_images: Images to learn from.
        is_estimate: Whether some of them are divided only when the training begins.
    """
    about = "about " if is_estimate else ""
    strategy = None if recipe.freeze == AUTO else strategy_of(recipe)
    is_by_words = strategy is not None and any(spec.kind == "classes" for spec in strategy.inputs)
    use, tip = "to learn from", "The others are kept aside for checking and testing"
    if recipe.freeze == AUTO:
        tip = "At the end the check images as well; test images never"
    elif is_by_words:
        use, tip = "to try the words on", "Nothing is learned from them; they show how well the words do"
    seen = info.pretraining_images or info.pretrained_on
    return {
        use: (about + count(train_images, "image", digits=grouped), tip),
        "classes": (str(classes), "Classes that have images"),
        "starts from": (
            start_title(recipe, info),
            "A network that has learned from other images already (a backbone)",
        ),
        "which has seen": (seen or "see its page", info.pretrained_on),
    }
