"""The card “When unsure, ask a person”: a threshold, and what it gives on the images that are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.percent import percent, percent_range
from tlstudio.evaluation.asking import (
    STEPS,
    USUAL_WISH,
    Answered,
    AskingRule,
    AskingRules,
    ClassRule,
    answered_at,
    choose_rule,
    fewest_answers,
    read_rules,
    with_class_rules,
    write_rules,
)
from tlstudio.evaluation.asking_words import chosen_words, threshold_words, unreachable_words
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.evaluate.arrangement import EvaluationCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.folding import scrolling
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.gui.widgets.figures.whole_rows import WholeRows
from tlstudio.project.runs import RunFolder

if TYPE_CHECKING:  # imports numpy
    from tlstudio.evaluation.predictions import Predictions

TITLE = "When unsure, ask a person"
WISHES = (0.9, USUAL_WISH, 0.98, 0.99)
BY_HAND = "set by hand"
STORE_AFTER_MS = 400
TIP = (
    "An answer that is less sure than this is left to a person: predictions, tables and exported models say "
    "so. It is chosen by images that the classifier had not learned from and that are no test images, so "
    "that the test images show what it is worth. It is kept with the run."
)


PER_CLASS_TIP = (
    "A threshold of its own for each class that has enough answers: of the images that are taken for it and "
    "answered, this share should be right. The other classes keep the overall one."
)
NO_CLASS = "No class has enough right answers for a threshold of its own."
CLASSES = (
    Column("taken for"),
    Column("ask below", "A person is asked where it is less sure of this class.", is_figure=True),
    Column("right when answered", "On the images that it was chosen by.", is_figure=True),
)
MOST_ROWS = 6
PER_CLASS_PIXELS = 460


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The rules of a run, and the answers by which they are chosen.

    Attributes:
        rules: Its rules; none of runs of versions that had none.
        unseen: By label column, see `unseen_predictions`.
    """

    rules: AskingRules
    unseen: Mapping[str, Predictions]


class AskingCard(EvaluationCard):
    """Shows and changes the threshold of the shown label column.

    Args:
        background: Reads and writes the files of the run.
    """

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(TITLE, parent)
        self._background = background
        self._run: RunFolder | None = None
        self._column = ""
        self._shown: Predictions | None = None
        self._images = ""
        self._known: _Known | None = None
        self._number = 0
        self._build()
        self._storing = QTimer(self)
        self._storing.setSingleShot(True)
        self._storing.setInterval(STORE_AFTER_MS)
        self._storing.timeout.connect(self._store)
        background.done.connect(self._read)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """See `EvaluationCard`: what the threshold of the run gives on these images."""
        if self._storing.isActive():
            self._storing.stop()
            self._store()
        ((self._column, column),) = images.evaluation.columns.items()
        self._shown, self._images = column.predictions, images.evaluation.images
        if run.run != self._run:
            self._run, self._known = run.run, None
        known_by = run.splits.get("validation", images).evaluation
        self._number += 1
        if not run.is_partial:
            self._background.submit(_Key(id(self), self._number), partial(_read_known, run.run, known_by))
        self._show()

    @property
    def rule(self) -> AskingRule | None:
        """The rule of the shown label column."""
        return self._known.rules.columns.get(self._column) if self._known is not None else None

    @Slot(object, object)
    def _read(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key != _Key(id(self), self._number):
            return
        # A damaged file is told of where it matters: by predictions and exports.
        self._known = result if isinstance(result, _Known) else None
        self._show()

    def _show(self) -> None:
        unseen = self._unseen
        rule, has_images = self.rule, self._shown is not None
        can_choose = has_images and unseen is not None and bool(len(unseen.paths))
        self.wish.setEnabled(can_choose)
        self.slider.setEnabled(can_choose)
        threshold = rule.threshold if rule is not None else 0.0
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(threshold * STEPS))
        with QSignalBlocker(self.wish):
            wish = rule.wish if rule is not None else None
            self.wish.setCurrentIndex(self.wish.findData(wish) if wish in WISHES else len(WISHES))
        if rule is not None:
            self.chosen.setText(chosen_words(rule))
        elif self._known is None:
            self.chosen.setText("")
        elif can_choose and unseen is not None and choose_rule(unseen) is None:
            self.chosen.setText(
                f"{unreachable_words(USUAL_WISH, n=len(unseen.paths))} So nobody is asked yet."
            )
        elif can_choose:
            self.chosen.setText("Nobody is asked yet: choose what share should be right.")
        else:
            self.chosen.setText("There are no check images by which a threshold could be chosen.")
        self._show_classes(rule, unseen)
        self._show_figures(rule.below if rule is not None else AskBelow(0.0))

    def _show_figures(self, below: AskBelow) -> None:
        self.words.setText(threshold_words(AskBelow(below.overall)))
        self.number.setText(percent(below.overall, digits=1))
        found = answered_at(self._shown, below) if self._shown is not None else None
        for label, text in zip(self.figures, _figures(found), strict=True):
            label.setText(text)

    def _show_classes(self, rule: AskingRule | None, unseen: Predictions | None) -> None:
        """Show the thresholds of classes, and offer them where a class has enough answers."""
        wish = rule.wish if rule is not None else None
        can_choose = False
        if wish is not None and unseen is not None:
            answers = Counter(unseen.labelled().predicted_indices.tolist())
            can_choose = max(answers.values(), default=0) >= fewest_answers(wish)
        classes = rule.classes if rule is not None else {}
        self.per_class.setEnabled(can_choose)
        with QSignalBlocker(self.per_class):
            self.per_class.setChecked(bool(classes))
        names = unseen.classes if unseen is not None and classes else ()
        self.table.set_rows([(name, class_cells(name, classes.get(name))) for name in names])
        self.holder.setVisible(bool(classes))
        self.setMinimumHeight(theme().pixels(PER_CLASS_PIXELS) if classes else 0)

    @Slot(int)
    def _slide(self, value: int) -> None:
        unseen = self._unseen
        if unseen is not None:
            below = AskBelow(value / STEPS)
            self._take(AskingRule(threshold=below.overall, wish=None, found=answered_at(unseen, below)))

    @Slot()
    def _wish(self) -> None:
        """Choose anew for the wish, with thresholds of classes where they are wanted."""
        wish, unseen = self.wish.currentData(), self._unseen
        if wish is None or unseen is None:
            return
        rule = choose_rule(unseen, wish=wish)
        if rule is None:
            self._show()  # the wish is not fulfilled, so what was kept stays
            unreachable = unreachable_words(wish, n=len(unseen.labelled().paths))
            self.chosen.setText(f"{unreachable} What was kept stays.")
            return
        is_wanted = self.per_class.isChecked()
        self._take(with_class_rules(rule, unseen) if is_wanted else rule)
        if is_wanted and self.rule is not None and not self.rule.classes:
            self.chosen.setText(f"{NO_CLASS} {self.chosen.text()}")

    @property
    def _unseen(self) -> Predictions | None:
        """The predictions that thresholds of the shown column are chosen by."""
        return self._known.unseen.get(self._column) if self._known is not None else None

    def _take(self, rule: AskingRule) -> None:
        assert self._known is not None
        earlier = self._known.rules
        rules = replace(earlier, columns={**earlier.columns, self._column: rule})
        self._known = _Known(rules=rules, unseen=self._known.unseen)
        self._show()
        self._storing.start()

    @Slot()
    def _store(self) -> None:
        if self._run is not None and self._known is not None:
            self._background.submit(_Key(id(self), 0), partial(write_rules, self._run, self._known.rules))

    def _build(self) -> None:
        self.setToolTip(wrapped(TIP))
        self.words = _text()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(1)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName("Below this probability a person is asked")
        self.slider.valueChanged.connect(self._slide)
        self.number = QLabel()
        self.number.setProperty("heading", True)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.wish = ScrollSafeComboBox()
        for wish in WISHES:
            self.wish.addItem(f"{percent(wish)} right", wish)
        self.wish.addItem(BY_HAND, None)
        self.wish.setAccessibleName("Share of the answers that should be right")
        self.wish.currentIndexChanged.connect(self._wish)
        wished = QHBoxLayout()
        wished.addWidget(self.wish)
        self.per_class = Chip("Per class", checkable=True, tip=PER_CLASS_TIP)
        self.per_class.toggled.connect(self._wish)
        wished.addWidget(self.per_class)
        wished.addStretch(1)
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(4)
        names = ("answered", "right when answered", "mistakes left to a person")
        self.figures = tuple(QLabel() for _ in names)
        for line, (name, figure) in enumerate(zip(names, self.figures, strict=True)):
            words = _text()
            words.setText(name)
            grid.addWidget(words, line, 0)
            grid.addWidget(figure, line, 1, Qt.AlignmentFlag.AlignRight)
            figure.setAccessibleName(name)
        self.chosen = _text()
        self.chosen.setProperty("muted", True)
        inside = QWidget()
        inside.setProperty("plain", True)
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(wished)
        rows.addWidget(self.words)
        rows.addLayout(row)
        rows.addLayout(grid)
        self.table = FiguresTable(CLASSES, name="Thresholds of classes", first_pixels=60)
        self.holder = WholeRows(self.table, rows=MOST_ROWS)
        rows.addWidget(self.holder, 10)
        rows.addWidget(self.chosen)
        rows.addStretch(1)
        # Where sentences need more lines than there is room for, the card scrolls and not the page.
        self.body.addWidget(scrolling(inside, name=TITLE), 1)


def _read_known(run: RunFolder, validation: Evaluation) -> _Known:
    """Read the rules of a run and the predictions by which they are chosen; outside the GUI thread."""
    from tlstudio.evaluation.unseen import unseen_predictions  # imports numpy

    if validation.subset != "validation":
        validation = validation.with_predictions(None)
    return _Known(rules=read_rules(run) or AskingRules(), unseen=unseen_predictions(run, validation))


def class_cells(name: str, own: ClassRule | None) -> list[Cell]:
    """The cells of a class: its threshold and what it gave, or that it keeps the overall one."""
    if own is None:
        few = "It has too few right answers to choose a threshold by."
        return [Cell(name), Cell("as overall", -1.0, few), Cell("–", -1.0, few)]
    found = own.found
    within = percent_range(*found.interval.pair)
    tip = f"{found.answered} of {found.n} images taken for it are answered, {found.right} of them right."
    right = f"{found.right} of {found.answered} ({within})"
    return [
        Cell(name),
        Cell(percent(own.threshold, digits=1), own.threshold, tip),
        Cell(right, found.right / max(found.answered, 1), tip),
    ]


def _figures(found: Answered | None) -> tuple[str, str, str]:
    """The answered share, how many of these are right, and the mistakes among the others."""
    if found is None or not found.n:
        return "—", "—", "—"
    right = "—"
    if found.accuracy is not None:
        right = f"{percent(found.accuracy)} ({percent_range(*found.interval.pair)})"
    mistakes = found.n - found.asked - found.right + found.wrong_asked
    caught = f"{found.wrong_asked} of {mistakes}"
    return f"{found.answered} of {found.n}", right, caught


def _text() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
