"""Cards of the Model page that edit the recipe: the head, and the settings that are folded away."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.glossary import meaning
from tlstudio.gui.pages.model.choice import strategy_of
from tlstudio.gui.pages.model.rate_finding import FIND_RATE, FIND_RATE_TIP
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.scroll_safe import (
    ScrollSafeComboBox,
    ScrollSafeDecimalBox,
    ScrollSafeSpinBox,
)
from tlstudio.gui.widgets.basics.term_tips import with_terms, wrapped
from tlstudio.gui.widgets.forms.narrow_form import NarrowForm
from tlstudio.specs import CHOOSE_FOR_ME

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

SEED_TIP = (
    "Neither more nor less is better. Another number draws everything that is left to chance anew, which "
    "shows how much of a result is luck."
)


class SettingsCard(Card):
    """A card whose controls change the recipe.

    Signals:
        changed: Changes for `AppState.update_recipe`.
    """

    changed = Signal(dict)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._showing = False

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the recipe's values, without emitting `changed`."""
        self._showing = True
        self._show(recipe)
        self._showing = False

    def _show(self, recipe: Recipe) -> None:
        raise AssertionError("each card shows its own part")

    def _emit(self, changes: dict[str, Any]) -> None:
        if not self._showing:
            self.changed.emit(changes)


class HeadCard(SettingsCard):
    """The settings of the head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("New head", parent)
        self.kind = ScrollSafeComboBox()
        self.kind.addItem("Linear", "linear")
        self.kind.addItem("Hidden layer", "hidden")
        self.units = _whole(1, 8192, step=32)
        self.dropout = _decimal(0, 0.9, step=0.05, decimals=2)
        self._form = _form(
            (
                "Kind",
                self.kind,
                "Linear suits nearly always; a hidden layer tells apart more complicated classes, and needs "
                "more images.",
            ),
            (
                "Hidden units",
                self.units,
                "More can tell apart finer differences, but need more images and sooner learn single ones by "
                "heart. Fewer keep it simple.",
            ),
            (
                "Dropout",
                self.dropout,
                "The share that is left out. More makes it harder to learn single images by heart; too much "
                "hides what matters. 0 is off.",
            ),
        )
        self.body.addLayout(self._form)
        self.kind.currentIndexChanged.connect(self._changed)
        self.units.valueChanged.connect(self._changed)
        self.dropout.valueChanged.connect(self._changed)

    def _show(self, recipe: Recipe) -> None:
        self.kind.setCurrentIndex(self.kind.findData(recipe.head.kind))
        self.units.setValue(recipe.head.hidden_units)
        self.dropout.setValue(recipe.head.dropout)
        self._form.setRowVisible(self.units, recipe.head.kind == "hidden")

    @Slot()
    def _changed(self) -> None:
        self._emit(
            {
                "head": {
                    "kind": self.kind.currentData(),
                    "hidden_units": self.units.value(),
                    "dropout": round(self.dropout.value(), 2),
                }
            }
        )


class MoreSettings(SettingsCard):
    """All other settings of a recipe, folded away until the person opens them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.fold = link_button("", tip="Show or hide the settings that suit most cases as they are")
        self.fold.setCheckable(True)
        self.fold.setAccessibleName("More settings")
        self.inside = QWidget()
        rows = QVBoxLayout(self.inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        self.epochs = _whole(1, 10_000)
        self.patience = _whole(0, 1000)
        self.patience.setSpecialValueText("never")
        self.rate_head = _decimal(0.00001, 1, step=0.0005, decimals=5)
        self.rate_stages = _decimal(0.00001, 1, step=0.0001, decimals=5)
        self.smoothing = _decimal(0, 0.9, step=0.05, decimals=2)
        self.weighting = QCheckBox("Give rare classes more weight")
        self.weighting.setToolTip(
            wrapped(
                f"{meaning('class weighting')} It misses rare classes less often then, and names them "
                "wrongly more often. Off, every image counts the same."
            )
        )
        self.flip = QCheckBox("Mirror images, left to right")
        self.flip_vertical = QCheckBox("Mirror images, top to bottom")
        self.meaning = QCheckBox("Flipping changes the meaning")
        for box, tip in (
            (self.flip, "Training images are shown mirrored as well, which stands in for more images."),
            (
                self.flip_vertical,
                "For images without an up and down, e.g. taken from above or with a microscope: they stand "
                "in for more images. Off where things always stand upright.",
            ),
            (
                self.meaning,
                "Letters, arrows, left and right hands: then no image is mirrored. Off where a mirrored "
                "image means the same.",
            ),
        ):
            box.setToolTip(with_terms(tip, text=box.text()))
        self.crop = _whole(0, 80, suffix=" %")
        self.rotation = _whole(0, 45, suffix="°")
        self.colour = _whole(0, 100, suffix=" %")
        self.fit = ScrollSafeComboBox()
        self.fit.addItem("Cut to the middle", "crop")
        self.fit.addItem("Keep the whole image", "pad")
        self.seed = _whole(0, 2**31 - 1)
        self.budget = _whole(0, 24 * 60, suffix=" min")
        self.budget.setSpecialValueText("no limit")
        self.choosing = QWidget()
        choosing = QVBoxLayout(self.choosing)
        choosing.setContentsMargins(0, 0, 0, 0)
        choosing.addWidget(_heading(CHOOSE_FOR_ME.title))
        choosing.addLayout(
            _form(
                (
                    "Time for trying",
                    self.budget,
                    "The tries end after this time, and what is left of it goes to crops, no mirroring and a "
                    "lower rate. More tries more, less may leave freeze lines untried. Without a limit "
                    "freeze lines alone are tried, however long that takes.",
                )
            )
        )
        self.fine_tuning = QWidget()
        fine = QVBoxLayout(self.fine_tuning)
        fine.setContentsMargins(0, 0, 0, 0)
        fine.addWidget(_heading("Fine-tuning"))
        fine.addLayout(
            _form(
                (
                    "Epochs",
                    self.epochs,
                    "More lets it learn further, up to a point: then it learns single images by heart. Fewer "
                    "take less time.",
                ),
                (
                    "Stop early after",
                    self.patience,
                    "Stops after so many epochs without a better result on the check images. More waits "
                    "longer for a gain, fewer save time; 0 never stops early.",
                ),
                (
                    "Label smoothing",
                    self.smoothing,
                    "More makes it less sure of itself, which helps where some labels are wrong; less trusts "
                    "the labels. 0 is off.",
                ),
                (
                    "Rate, head",
                    self.rate_head,
                    "How fast the head learns. More needs fewer epochs, but can become unstable; less is "
                    "steadier, and needs more.",
                ),
                (
                    "Rate, top stage",
                    self.rate_stages,
                    "How fast the topmost stage learns; those below it learn more slowly. More adapts them "
                    "further to your images, less keeps more of what they know.",
                ),
            )
        )
        self.find_rate = link_button(FIND_RATE, tip=FIND_RATE_TIP)
        fine.addWidget(self.find_rate, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self.choosing)
        rows.addWidget(self.fine_tuning)
        rows.addWidget(_heading("Images"))
        rows.addLayout(
            _form(
                (
                    "Shape",
                    self.fit,
                    "What happens to images that are not square. The middle alone shows things larger, but "
                    "without the edges; the whole image shows all, but smaller.",
                )
            )
        )
        for box in (self.flip, self.flip_vertical, self.meaning):
            rows.addWidget(box)
        rows.addLayout(
            _form(
                (
                    "Random crop",
                    self.crop,
                    "Up to this share of an image is cut away at random. More helps where things lie "
                    "anywhere and in any size, less where the whole must be seen. 0 is off.",
                ),
                (
                    "Random turn",
                    self.rotation,
                    "Images are turned at random by up to this angle. More helps where things lie in any "
                    "direction, less where they always stand upright. 0 is off.",
                ),
                (
                    "Random colour",
                    self.colour,
                    "How strongly brightness and colours vary at random. More helps where the light differs, "
                    "less where colours tell the classes apart. 0 is off.",
                ),
            )
        )
        rows.addWidget(_heading("Any strategy"))
        rows.addWidget(self.weighting)
        rows.addLayout(_form(("Seed", self.seed, SEED_TIP)))
        self.body.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.inside)
        self.fold.toggled.connect(self._folded)
        self._folded(False)
        for spin in self.inside.findChildren(QSpinBox):
            spin.valueChanged.connect(self._budget_changed if spin is self.budget else self._changed)
        for decimal in self.inside.findChildren(QDoubleSpinBox):
            decimal.valueChanged.connect(self._changed)
        for check in self.inside.findChildren(QCheckBox):
            check.toggled.connect(self._changed)
        self.fit.currentIndexChanged.connect(self._changed)

    def _show(self, recipe: Recipe) -> None:
        self.epochs.setValue(recipe.epochs)
        self.patience.setValue(recipe.patience)
        self.rate_head.setValue(recipe.optimiser.learning_rate_head)
        self.rate_stages.setValue(recipe.optimiser.learning_rate_stages)
        self.smoothing.setValue(recipe.optimiser.label_smoothing)
        self.weighting.setChecked(recipe.optimiser.class_weighting)
        images = recipe.augmentation
        self.flip.setChecked(images.flip_horizontal)
        self.flip_vertical.setChecked(images.flip_vertical)
        self.meaning.setChecked(images.flip_changes_meaning)
        for box in (self.flip, self.flip_vertical):
            box.setEnabled(not images.flip_changes_meaning)
        self.crop.setValue(round(100 * images.crop))
        self.rotation.setValue(round(images.rotation_degrees))
        self.colour.setValue(round(100 * images.colour))
        self.fit.setCurrentIndex(self.fit.findData(recipe.fit))
        self.seed.setValue(recipe.seed)
        self.budget.setValue(ceil((recipe.budget_seconds or 0) / 60))
        self.choosing.setVisible(recipe.freeze == CHOOSE_FOR_ME.id)
        strategy = strategy_of(recipe)
        self.fine_tuning.setVisible(strategy is not None and strategy.trains_stages)

    @Slot()
    def _changed(self) -> None:
        self._emit(
            {
                "epochs": self.epochs.value(),
                "patience": self.patience.value(),
                "optimiser": {
                    "learning_rate_head": round(self.rate_head.value(), 5),
                    "learning_rate_stages": round(self.rate_stages.value(), 5),
                    "label_smoothing": round(self.smoothing.value(), 2),
                    "class_weighting": self.weighting.isChecked(),
                },
                "augmentation": {
                    "flip_horizontal": self.flip.isChecked(),
                    "flip_vertical": self.flip_vertical.isChecked(),
                    "flip_changes_meaning": self.meaning.isChecked(),
                    "crop": self.crop.value() / 100,
                    "rotation_degrees": float(self.rotation.value()),
                    "colour": self.colour.value() / 100,
                },
                "fit": self.fit.currentData(),
                "seed": self.seed.value(),
            }
        )

    @Slot()
    def _budget_changed(self) -> None:
        # By itself: another setting must not round the seconds that a recipe brought along.
        self._emit({"budget_seconds": 60.0 * self.budget.value() or None})

    @Slot(bool)
    def _folded(self, is_open: bool) -> None:
        self.inside.setVisible(is_open)
        self.fold.setText("More settings ▾" if is_open else "More settings ▸")


def _form(*rows: tuple[str, QWidget, str]) -> QFormLayout:
    form = NarrowForm()
    for name, widget, tip in rows:
        widget.setAccessibleName(name)
        widget.setToolTip(with_terms(tip, text=name))
        label = QLabel(name)
        label.setToolTip(widget.toolTip())
        label.setBuddy(widget)
        form.addRow(label, widget)
    return form


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def _whole(low: int, high: int, *, step: int = 1, suffix: str = "") -> QSpinBox:
    box = ScrollSafeSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    return box


def _decimal(low: float, high: float, *, step: float, decimals: int) -> QDoubleSpinBox:
    box = ScrollSafeDecimalBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setSingleStep(step)
    return box
