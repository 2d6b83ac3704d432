"""The parts of the evidence that are computed from pixels, by a backbone; these need torch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.checks.appearance import measure_appearance
from tlstudio.checks.overviews import Overviews, read_overviews
from tlstudio.checks.pixels import (
    ImageFeatures,
    Inputs,
    Thumbnails,
    extract_features,
    read_inputs,
    read_thumbnails,
)
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing
from tlstudio.inference.classify import BatchClassifier
from tlstudio.models.backbones import load_backbone, preprocessing_of
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.stages import Backbone
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe


class ImageEvidence:
    """Thumbnails, features and appearance of the images of a dataset; each is computed once.

    Args:
        dataset: Which images, and where they lie.
        run: The run whose trained backbone computes features; None takes the default one.
        recipe: Of the run, or the default one.
        run_id: Written into events.
        emit: Receives progress.
    """

    def __init__(
        self, dataset: Dataset, *, run: RunFolder | None, recipe: Recipe, run_id: str, emit: Emit
    ) -> None:
        self._dataset = dataset
        self._run = run
        self._recipe = recipe
        self._run_id = run_id
        self._emit = emit
        self._thumbnails: Thumbnails | None = None
        self._features: ImageFeatures | None = None
        self._appearance: Mapping[str, NDArray[np.float64]] | None = None

    def thumbnails(self, *, control: Control) -> Thumbnails:
        """See `Evidence.thumbnails`."""
        if self._thumbnails is None:
            self._thumbnails = read_thumbnails(
                self._dataset,
                preprocessing=self._preprocessing,
                run_id=self._run_id,
                emit=self._emit,
                control=control,
            )
        return self._thumbnails

    def features(self, *, control: Control) -> ImageFeatures:
        """See `Evidence.features`."""
        if self._features is None:
            self._features = extract_features(
                self._dataset,
                self._backbone(control),
                preprocessing=self._preprocessing,
                run_id=self._run_id,
                emit=self._emit,
                control=control,
            )
        return self._features

    def appearance(self, *, control: Control) -> Mapping[str, NDArray[np.float64]]:
        """See `Evidence.appearance`."""
        if self._appearance is None:
            self._appearance = measure_appearance(
                self._dataset, preprocessing=self._preprocessing, control=control
            )
        return self._appearance

    def inputs(self, *, control: Control) -> Inputs:
        """See `Evidence.inputs`."""
        return read_inputs(self._dataset, preprocessing=self._preprocessing, control=control)

    def overviews(self, *, control: Control) -> Overviews | None:
        """See `Evidence.overviews`."""
        if self._preprocessing.fit != "crop":
            return None
        return read_overviews(self._dataset, windows=self._preprocessing.values, control=control)

    def classify(self, pixels: Tensor, *, control: Control) -> NDArray[np.float64]:
        """See `Evidence.classify`."""
        classifier = self._classifier
        assert classifier is not None, "a run that is examined has a classifier"
        classify = BatchClassifier(classifier, RuntimeChoice(), with_unknown=False)
        parts = []
        for part in torch.split(pixels, classify.batch_size):
            control.check()
            parts.append(classify(part).probabilities[:, : len(classifier.classes)])
        probabilities: NDArray[np.float64] = torch.cat(parts).numpy()
        return probabilities

    def _backbone(self, control: Control) -> Backbone:
        if self._classifier is not None:
            return self._classifier.backbone
        return load_backbone(self._recipe.backbone.id, run_id=self._run_id, emit=self._emit, control=control)

    @property
    def _preprocessing(self) -> Preprocessing:
        """The preprocessing that training uses, so that inputs it has cached are not decoded again."""
        if self._classifier is not None:
            return self._classifier.preprocessing
        return self._recipe.preprocessing(preprocessing_of(self._recipe.backbone.id))

    @cached_property
    def _classifier(self) -> Classifier | None:
        """The run's trained classifier; None without a run, and before it has one."""
        if self._run is None or not self._run.best_checkpoint.exists():
            return None
        return load_classifier(self._run.best_checkpoint)
