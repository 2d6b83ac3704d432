"""The cards of the Train page that show figures: trials, curves and the validation matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.core.events import EpochEnded
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.train.text import (
    result_in_words,
    trials_in_words,
    validation_chip,
    validation_kind,
)
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.term_tips import with_terms, wrapped
from tlstudio.gui.widgets.figures.confusion import ConfusionTable
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import learning_values, map_values, trial_values
from tlstudio.report.learning_words import learning_words
from tlstudio.report.map_words import map_words
from tlstudio.report.recipe_text import choice_words
from tlstudio.specs.views import accuracy_curve, domain_map, learning_curve, loss_curve
from tlstudio.specs.views import trials as trials_view

MATRIX_TITLE = "Confusion of the check images"
NO_CURVE = "There is no curve: this is computed at once, with nothing to choose between."


class TrialsCard(Card):
    """The freeze lines that "Choose for me" tried, as accuracy against time."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("Accuracy against time", parent)
        self.count = _muted("How many freeze lines were tried.")
        self.header.addWidget(self.count)
        self.figure = FigureView(background, name="Accuracy against time")
        self.figure.setToolTip(
            wrapped(
                "Each point is one try, with more stages training from try to try. Higher up: more "
                "right answers "
                "on images that it did not learn from (the bar is the 95 % interval). Further right: more "
                "time. Training more stages is chosen only when it is clearly better, not just by luck."
            )
        )
        self.body.addWidget(self.figure, 1)

    def show_trials(self, history: RunHistory, *, is_choosing: bool) -> None:
        """Show the trials so far.

        Args:
            history: Of the run.
            is_choosing: Whether more will be tried.
        """
        trials = trial_values(history)
        chosen = "" if is_choosing else choice_words(trials)
        points = " · gain in points ± chance" if len(trials) > 1 else ""
        self.count.setText(f"{len(trials)} tried{points}" if trials else "")
        values = {"trials": trials, "running": is_choosing}
        self.figure.show_view(
            trials_view.SPEC.id, values, description=chosen or trials_in_words(history.trials)
        )


class LearningCard(Card):
    """The accuracy with fewer images of each class, and with more to come."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("What more images would give", parent)
        self.words = _muted("")
        self.words.setWordWrap(True)
        self.figure = FigureView(background, name="Learning curve")
        self.figure.setToolTip(
            wrapped(
                "Filled points: so many images of each class were drawn, again and again, and the others "
                "judged what was learned from them; the bars hold 95 of 100 draws. The point “now” has all "
                "images but those that are left out in turn. The hollow point is expected with twice as many "
                "images, if the errors go on becoming fewer as they did."
            )
        )
        self.body.addWidget(self.words)
        self.body.addWidget(self.figure, 1)

    def show_learning(self, history: RunHistory) -> None:
        """Show the learning curve; without one the card stays as it is."""
        values = learning_values(history)
        if values:
            words = learning_words(values)
            self.words.setText(words)
            self.figure.show_view(learning_curve.SPEC.id, values, description=words)


class MapCard(Card):
    """The labelled images and those from elsewhere, before and after each place is standardised."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("How different the two places are", parent)
        self.figure = FigureView(background, name="Map of the two places")
        self.figure.setToolTip(
            wrapped(
                "Each point is an image, near to those that the backbone sees as alike. Where circles and "
                "triangles lie apart, the places look different to it, and a classifier from here errs "
                "there. "
                "On the right each place is measured by its own mean and deviation."
            )
        )
        self.body.addWidget(self.figure, 1)

    def show_map(self, history: RunHistory) -> None:
        """Show the map; without one the card stays as it is."""
        values = map_values(history)
        if values:
            self.figure.show_view(domain_map.SPEC.id, values, description=map_words(values))


class LossCard(Card):
    """The loss curve, and which epoch is kept."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("Loss", parent)
        self.kept = _muted("The one whose classifier is the result of the run: evaluated, used and exported.")
        self.header.addWidget(self.kept)
        self.figure = FigureView(background, name="Loss curve")
        self.figure.setToolTip(with_terms("Lower is better.", text="loss"))
        self.body.addWidget(self.figure, 1)

    def show_curve(self, history: RunHistory, values: Mapping[str, Any]) -> None:
        """Show the curve so far; without an epoch the figure stays as it is.

        Args:
            history: Of the run.
            values: Of `curve_values`.
        """
        if history.is_one_setting:
            self.kept.setText("")
            self.figure.clear(NO_CURVE)
            return
        kept = f"kept: {values['unit']} {history.best_epoch}" if history.has_validation else ""
        self.kept.setText(kept)
        self.kept.setToolTip(with_terms(self.kept.toolTip(), text=kept))
        losses = [epoch.validation_loss for epoch in history.epochs if epoch.validation_loss is not None]
        words = f"Loss on check images from {losses[0]:.2f} to {losses[-1]:.2f}. {kept}" if losses else kept
        if history.epochs:
            self.figure.show_view(loss_curve.SPEC.id, values, description=words)


class AccuracyCard(Card):
    """The accuracy curve, and the validation accuracy of the kept epoch."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("Accuracy", parent)
        self.validation = Chip(
            "",
            tip="Share of the check images that the kept epoch or setting gets right. With so many "
            "images, the true share lies within the interval in 95 of 100 cases.",
        )
        self.header.addWidget(self.validation)
        self.figure = FigureView(background, name="Accuracy curve")
        self.figure.setToolTip("Share of right answers. The band is the 95 % interval.")
        self.body.addWidget(self.figure, 1)

    def show_curve(self, history: RunHistory, values: Mapping[str, Any]) -> None:
        """Show the curve so far; the arguments are those of `LossCard.show_curve`."""
        words = validation_chip(history)
        # A finished run has one figure, in the headline: the one of the images kept for the end.
        self.validation.setVisible(bool(words) and not result_in_words(history))
        self.validation.set_kind(validation_kind(history))
        # With trials above them the curves stand side by side, and there is less room above each.
        self.validation.setText(validation_chip(history, short=True) if history.trials else words)
        if history.is_one_setting:
            self.figure.clear(NO_CURVE)
        elif history.epochs:
            self.figure.show_view(accuracy_curve.SPEC.id, values, description=words)


class MatrixCard(Card):
    """The confusion matrix of the validation images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(MATRIX_TITLE, parent)
        self.table = ConfusionTable()
        self.table.setAccessibleName(MATRIX_TITLE)
        self.about = _muted("")
        self.about.setWordWrap(True)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.about)

    def show_matrix(
        self,
        history: RunHistory,
        classes: list[str],
        *,
        unit: str,
        running: bool,
        final: Evaluation | None = None,
    ) -> None:
        """Show the matrix of the newest epoch while a run learns, else that of the kept epoch.

        Where no epoch has one, since the check images were learned from as well, it is that of the end.

        Args:
            history: Of the run.
            classes: Their names; without them no matrix is shown.
            unit: What one point of the curves is.
            running: Whether the run is being trained right now.
            final: Evaluation on the check images at the end of the run.
        """
        is_live = running and history.is_learning
        shown = history.latest if is_live else history.best
        matrix = shown.confusion if shown else ()
        is_final = final is not None and bool(final.primary.metrics.n) and not any(map(sum, matrix))
        if final is not None and is_final:
            matrix = final.primary.metrics.confusion
        is_known = bool(matrix) and len(matrix) == len(classes)
        self.table.setVisible(is_known)
        if is_known:
            self.table.set_matrix(matrix, classes)
        words = _about(shown if is_known else None, latest=history.latest, unit=unit)
        if is_known and history.is_one_setting:
            words = ""
        if is_known and is_final:
            words = "as evaluated at the end"
        self.about.setText(f"{words}, live" if is_known and is_live else words)


def _about(shown: EpochEnded | None, *, latest: EpochEnded | None, unit: str) -> str:
    if shown is not None:
        return f"{unit} {shown.epoch}"
    if latest is not None and latest.validation_n == 0:
        return "While this was learned, no check images were kept apart."
    return "Appears once the check images have been classified for the first time."


def _muted(tip: str) -> QLabel:
    label = QLabel()
    label.setProperty("muted", True)
    label.setToolTip(wrapped(tip))
    return label
