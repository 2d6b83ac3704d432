"""The evidence of checks: each part is computed when a check first needs it, and only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.held_out_images import HeldOutImages, find_held_out_images, held_out_predictions
from tlstudio.core.control import Control
from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset
from tlstudio.core.events import Emit, EpochEnded, LearningCurve, ignore
from tlstudio.core.types import Split
from tlstudio.core.values import ValueWindow
from tlstudio.data.windows import choose_windows
from tlstudio.evaluation.comparisons import (
    Comparisons,
    PretrainingComparison,
    StrategyComparison,
    TeacherComparison,
    read_comparisons,
)
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.label_scores import ScoredLabels, read_label_scores
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.evaluation.metrics import metrics_of_confusion
from tlstudio.evaluation.predictions import Predictions
from tlstudio.evaluation.run_result import read_run_result, read_whole_result
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe, ValueSettings, read_recipe
from tlstudio.specs.spec import EvidencePart

if TYPE_CHECKING:  # most checks need no pixels, and so no torch
    from torch import Tensor

    from tlstudio.checks.image_evidence import ImageEvidence
    from tlstudio.checks.overviews import Overviews
    from tlstudio.checks.pixels import ImageFeatures, Inputs, Thumbnails
    from tlstudio.models.catalogue import BackboneInfo

T = TypeVar("T")


class Evidence:
    """The data, a trained classifier, or both; each part is given, read from the run or computed.

    Args:
        dataset: Images and labels; None when only the classifier's results are judged.
        run: A run whose classifier is judged; None for data alone.
        split: The split of the dataset; None takes the run's.
        history: Epochs or settings of a training under way; None takes the run's.
        evaluation: The one to judge; None takes the run's own, on its test images where it has some.
        values: How windows of values are chosen; None as when nothing was set.
        left_out: What the evaluation on another folder leaves out; None for the images of the run.
        comparisons: What a run compared its classifier with; None takes the run's.
        label_scores: How well its labels fit each other; None takes the run's.
        learning_curve: The accuracy with fewer images; None takes the run's.
        data_facts: What was found out about the images of a data set.
        run_id: Written into events.
        emit: Receives the progress of parts that take long.
    """

    def __init__(
        self,
        *,
        dataset: Dataset | None = None,
        run: RunFolder | None = None,
        split: Split | None = None,
        history: Sequence[EpochEnded] | None = None,
        evaluation: Evaluation | None = None,
        values: ValueSettings | None = None,
        left_out: LeftOut | None = None,
        comparisons: Comparisons | None = None,
        label_scores: ScoredLabels | None = None,
        learning_curve: LearningCurve | None = None,
        data_facts: DataFacts | None = None,
        run_id: str = "",
        emit: Emit = ignore,
    ) -> None:
        self._dataset = dataset
        self._run = run
        self._split = split
        self._history = history
        self._evaluation = evaluation
        self._values = values or ValueSettings()
        self._left_out = left_out
        self._given_comparisons = comparisons
        self._given_label_scores = label_scores
        self._given_curve = learning_curve
        self._data_facts = data_facts
        self._run_id = run_id
        self._emit = emit

    def has(self, part: EvidencePart) -> bool:
        """Return whether a part of the evidence is available: given, or computable from what was given."""
        match part:
            case "dataset" | "thumbnails" | "features":
                return self._dataset is not None
            case "data_facts" | "data_features":
                facts = self._data_facts
                return facts is not None and (part == "data_facts" or facts.recipe is not None)
            case "backbone":
                return self._run is not None and self._run.recipe.exists()
            case "own_dataset":
                return self._dataset is not None and self._left_out is None and self._reports_classifier
            case "split":
                return self._split is not None or (self._run is not None and self._run.split.exists())
            case "history":
                return bool(self.history)
            case "evaluation":
                return self._evaluation is not None or self._is_finished or bool(self._kept_confusion)
            case "left_out":
                return self._left_out is not None
            case "predictions":
                return self.has("evaluation") and self.evaluation.primary.predictions is not None
            case "strategy_comparison":
                return self._comparisons.strategy is not None
            case "pretraining_comparison":
                return self._comparisons.pretraining is not None
            case "teacher_comparison":
                return self._comparisons.teacher is not None
            case "label_scores":
                return self._label_scores is not None and self._left_out is None
            case "learning_curve":
                # While it is being trained there is none yet, and no need to read all events again.
                is_over = self._evaluation is not None or self._is_finished
                return self._left_out is None and is_over and self._learning_curve is not None

    @property
    def dataset(self) -> Dataset:
        """Images, labels and files that cannot be used."""
        return _given(self._dataset, "dataset")

    @property
    def data_facts(self) -> DataFacts:
        """Facts about the images of a data set, found out before."""
        return _given(self._data_facts, "data_facts")

    @property
    def left_out(self) -> LeftOut:
        """Images that the evaluation on another folder leaves out."""
        return _given(self._left_out, "left_out")

    @cached_property
    def _comparisons(self) -> Comparisons:
        if self._given_comparisons is not None:
            return self._given_comparisons
        return read_comparisons(self._run) if self._run is not None else Comparisons()

    @property
    def strategy_comparison(self) -> StrategyComparison:
        """The run's strategy compared with the plain start."""
        return _given(self._comparisons.strategy, "strategy_comparison")

    @property
    def learns_from_check_images(self) -> bool:
        """True if the classifier learned from the check images in the end, and others answered for them."""
        return self.recipe.learns_from == "train+validation"

    @property
    def pretraining_comparison(self) -> PretrainingComparison:
        """The run's pretrained backbone compared with one of random weights."""
        return _given(self._comparisons.pretraining, "pretraining_comparison")

    @property
    def teacher_comparison(self) -> TeacherComparison:
        """The run's classifier compared with the run that it learned from."""
        return _given(self._comparisons.teacher, "teacher_comparison")

    @property
    def label_scores(self) -> ScoredLabels:
        """The labels that the run learned from, with how well they fit each other."""
        return _given(self._label_scores, "label_scores")

    @cached_property
    def _label_scores(self) -> ScoredLabels | None:
        if self._given_label_scores is not None:
            return self._given_label_scores
        return read_label_scores(self._run) if self._run is not None else None

    @property
    def learning_curve(self) -> LearningCurve:
        """The accuracy of the run's images with fewer of them, and what is expected with more."""
        return _given(self._learning_curve, "learning_curve")

    @cached_property
    def _learning_curve(self) -> LearningCurve | None:
        if self._given_curve is not None:
            return self._given_curve
        return None if self._run is None else RunHistory(self._run.read_events()).learning_curve

    @cached_property
    def windows(self) -> tuple[ValueWindow, ...] | None:
        """The windows of values of the dataset; None when all its images are ordinary ones.

        Raises:
            UserError: A channel was picked that the images do not have.
        """
        return choose_windows(self.dataset.images, self._values)

    @property
    def trained_windows(self) -> tuple[ValueWindow, ...] | None:
        """The windows of values that the run was trained with; None where it began before there were any."""
        return self.recipe.values.found

    @cached_property
    def split(self) -> Split:
        """The split: which image is used for what."""
        return self._split if self._split is not None else read_run_split(_given(self._run, "split"))

    @cached_property
    def history(self) -> tuple[EpochEnded, ...]:
        """Epochs or settings of the training, in order; empty when nothing is known of it."""
        if self._history is not None:
            return tuple(self._history)
        return tuple(RunHistory(self._run.read_events()).epochs) if self._run is not None else ()

    @cached_property
    def evaluation(self) -> Evaluation:
        """Evaluation of the classifier on one set of images; during training, on the validation images.

        Raises:
            UserError: The results of the run are damaged.
        """
        if self._evaluation is not None:
            return self._evaluation
        run = _given(self._run, "evaluation")
        if not self._is_finished:
            metrics = metrics_of_confusion(np.array(self._kept_confusion), classes=self.recipe.classes)
            return Evaluation(
                subset="validation", columns={DEFAULT_COLUMN: ColumnEvaluation(metrics=metrics)}
            )
        return read_whole_result(run).reported

    def thumbnails(self, *, control: Control) -> Thumbnails:
        """Thumbnails of all images.

        Raises:
            Cancelled: The person cancelled.
        """
        return self._images.thumbnails(control=control)

    def features(self, *, control: Control) -> ImageFeatures:
        """Pooled features of all images: of the run's trained backbone, without a run of the default one.

        Raises:
            UserError: An image can no longer be read, or its content changed.
            Cancelled: The person cancelled.
        """
        return self._images.features(control=control)

    def appearance(self, *, control: Control) -> Mapping[str, NDArray[np.float64]]:
        """Simple properties of how all images look; see `appearance.measure_appearance`.

        Raises:
            Cancelled: The person cancelled.
        """
        return self._images.appearance(control=control)

    def inputs(self, *, control: Control) -> Inputs:
        """The decoded and resized images, as the run's classifier takes them; all are held in memory.

        Raises:
            Cancelled: The person cancelled.
        """
        return self._images.inputs(control=control)

    def overviews(self, *, control: Control) -> Overviews | None:
        """Overviews of whole images; None where inputs are whole, because nothing is cut away.

        Raises:
            Cancelled: The person cancelled.
        """
        return self._images.overviews(control=control)

    def classify(self, pixels: Tensor, *, control: Control) -> NDArray[np.float64]:
        """Probabilities of the classes of the first label column, by the run's classifier.

        Args:
            pixels: uint8 [N, 3, S, S], N at least 1.
            control: Checked once per batch.

        Returns:
            [N, K].

        Raises:
            Cancelled: The person cancelled.
        """
        return self._images.classify(pixels, control=control)

    @cached_property
    def known_backbone(self) -> BackboneInfo | None:
        """Its entry in the catalogue; None where it has none, or its weights are of the person's own file."""
        from tlstudio.models.catalogue import catalog

        if self.recipe.backbone.weights_file is not None:
            return None
        return next((info for info in catalog() if info.id == self.recipe.backbone.id), None)

    @cached_property
    def held_out_predictions(self) -> Predictions:
        """Predictions for labelled images that the classifier did not learn from, as far as known.

        Of a run those of its test images and its check images together, of another folder those of its
        images.

        Raises:
            UserError: The predictions of the run are damaged.
        """
        given = _given(self.evaluation.primary.predictions, "predictions")
        if self._run is None or self.has("left_out") or not self._run.predictions.exists():
            return given.labelled()
        return held_out_predictions(self._run, given)

    @cached_property
    def held_out_images(self) -> HeldOutImages | None:
        """The images that the run kept for testing and checking; None where they are no longer there."""
        return find_held_out_images(self._run, self.recipe) if self._run is not None else None

    @cached_property
    def own_evaluation(self) -> Evaluation | None:
        """The reported evaluation of the run's own images, without predictions; None if it is unfinished.

        Raises:
            UserError: The results of the run are damaged.
        """
        return read_run_result(self._run).reported if self._run is not None and self._is_finished else None

    def of_images(self, dataset: Dataset) -> Evidence:
        """Evidence of other images, or of some of them, for the same run.

        Args:
            dataset: Of these images.
        """
        return Evidence(
            dataset=dataset, run=self._run, values=self._values, run_id=self._run_id, emit=self._emit
        )

    @cached_property
    def _images(self) -> ImageEvidence:
        from tlstudio.checks.image_evidence import ImageEvidence

        recipe = self.recipe
        if self._run is None:
            found = self._values.model_copy(update={"found": self.windows or ()})
            recipe = recipe.model_copy(update={"values": found})
        return ImageEvidence(self.dataset, run=self._run, recipe=recipe, run_id=self._run_id, emit=self._emit)

    @property
    def _is_finished(self) -> bool:
        # A finished run with a damaged file is trained again; its old results are still there meanwhile.
        return self._history is None and self._run is not None and self._run.finished

    @property
    def _reports_classifier(self) -> bool:
        """True if there is a classifier, and the evaluation is the one that its run reports."""
        if self._run is None or not self._run.best_checkpoint.exists() or not self.has("evaluation"):
            return False
        has_test = self.has("split") and bool(self.split.paths("test"))
        return self.evaluation.subset == ("test" if has_test else "validation")

    @property
    def kept_epoch(self) -> EpochEnded | None:
        """The epoch or setting whose classifier is kept; None when nothing is known of the training."""
        last = self.history[-1] if self.history else None
        best = last.best_epoch if last is not None else None
        return next((epoch for epoch in self.history if epoch.epoch == best), last)

    @property
    def _kept_confusion(self) -> tuple[tuple[int, ...], ...]:
        """The confusion matrix of the validation images at the kept epoch; empty when not known."""
        return epoch.confusion if (epoch := self.kept_epoch) is not None and self._run is not None else ()

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe of the run; without a run the one of the data, or the default one."""
        return read_recipe(self._run.recipe) if self._run is not None else _recipe_of(self._data_facts)


def _recipe_of(facts: DataFacts | None) -> Recipe:
    return (facts and facts.recipe) or Recipe()


def _given(value: T | None, part: str) -> T:
    if value is None:
        raise LookupError(f"the evidence has no {part}; a check names what it needs in its spec")
    return value
