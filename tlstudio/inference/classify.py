"""Class probabilities of the assembled classifier for decoded images, by the fastest runtime that agrees."""

from __future__ import annotations

import logging
import threading

import torch
from torch import Tensor, nn

from tlstudio.evaluation.objective import ONE_CLASS_EACH, objective_of
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.runtimes import REFERENCE
from tlstudio.models.weights import weights_sha256

log = logging.getLogger(__name__)

LARGEST_DIFFERENCE = 1e-4
"""Largest difference of a probability between float32 torch and another runtime."""


class BatchClassifier:
    """A classifier as a function from decoded images to probabilities, in batches of one fixed size.

    A runtime other than float32 torch computes the backbone only while it agrees: probabilities of the first
    image are computed both ways, and torch computes everything from then on if they differ.

    Args:
        classifier: Put in eval mode; must not be changed while this object is in use.
        choice: The runtime that computes the backbone, and the batch size.
        weights: SHA-256 of the backbone's weights, where it is already known.
    """

    def __init__(self, classifier: Classifier, choice: RuntimeChoice, *, weights: str | None = None) -> None:
        self.batch_size = choice.batch_size
        self._classifier = classifier.eval()
        self._objective = objective_of(classifier.sizes)
        for parameter in classifier.backbone.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._device = next(classifier.parameters()).device
        self._graph: InferenceGraph | None = None
        self._agrees: bool | None = None
        self._lock = threading.Lock()
        if choice.runtime != REFERENCE:
            self._graph = inference_graph(
                classifier.backbone,
                end=None,
                preprocessing=classifier.preprocessing,
                weights_sha256=weights or weights_sha256(classifier.backbone),
                choice=choice,
                device=self._device.type,
                threads=torch.get_num_threads(),
            )

    @property
    def workers(self) -> int:
        """Number of threads that may call at the same time."""
        return self._graph.workers if self._graph is not None else 1

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities of some images; those of one image do not depend on the others in the batch.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to `batch_size`.

        Returns:
            float64 [N, K] on the CPU; the probabilities of each label column sum to 1.
        """
        count = len(images)
        if count < self.batch_size:
            images = torch.cat([images, images[-1:].expand(self.batch_size - count, -1, -1, -1)])
        if self._graph is None:
            return self._by_torch(images)[:count]
        probabilities = self._objective.probabilities(self._classifier.answer(self._graph(images)))
        with self._lock:  # no thread may return before the first comparison is done
            if self._agrees is None:
                difference = (probabilities[:1] - self._by_torch(images[:1])).abs().max()
                self._agrees = bool(difference <= LARGEST_DIFFERENCE)
                if not self._agrees:
                    log.warning("%s does not agree with the classifier in float32", self._graph.precision)
        return probabilities[:count] if self._agrees else self._by_torch(images)[:count]

    def _by_torch(self, images: Tensor) -> Tensor:
        return self._objective.probabilities(self._classifier(images.to(self._device)))


@torch.inference_mode()
def classify_features(classifier: Classifier, features: Tensor, *, batch_size: int) -> Tensor:
    """Compute probabilities with the heads from features that were computed earlier.

    Args:
        classifier: Put in eval mode.
        features: float32 [N, F], N at least 1, of the backbone with its present weights.
        batch_size: That of the `BatchClassifier` to be replaced, so that results are equal to the bit.

    Returns:
        float64 [N, K]; the probabilities of each label column sum to 1.
    """
    classifier.eval()
    objective = objective_of(classifier.sizes)
    device = next(classifier.parameters()).device
    rows = []
    for start in range(0, len(features), batch_size):
        part = features[start : start + batch_size]
        filled = torch.cat([part, part[-1:].expand(batch_size - len(part), -1)])
        rows.append(objective.probabilities(classifier.answer(filled.to(device)))[: len(part)])
    return torch.cat(rows)


@torch.inference_mode()
def same_probabilities(head: nn.Module, first: Tensor, second: Tensor, *, device: str) -> bool:
    """Return whether a head's probabilities for two feature tables differ by at most `LARGEST_DIFFERENCE`."""
    probabilities = [ONE_CLASS_EACH.probabilities(head(features.to(device))) for features in (first, second)]
    return bool((probabilities[0] - probabilities[1]).abs().max() <= LARGEST_DIFFERENCE)
