"""Answers of the assembled classifier for decoded images, by the fastest runtime that agrees."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tlstudio.data.preprocessing import normalise
from tlstudio.evaluation.objective import ONE_CLASS_EACH, objective_of
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.runtimes import REFERENCE
from tlstudio.models.weights import weights_sha256

log = logging.getLogger(__name__)

LARGEST_DIFFERENCE = 1e-4
"""Largest difference of a probability or unknown score between float32 torch and another runtime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutput:
    """The output of a classifier for some images.

    Attributes:
        probabilities: float64 [N, K] on the CPU; those of each label column sum to 1.
        unknown: Unknown scores, float64 [N] on the CPU; None where they are not computed.
    """

    probabilities: Tensor
    unknown: Tensor | None = None

    def first(self, count: int) -> BatchOutput:
        """The output for the first images."""
        unknown = None if self.unknown is None else self.unknown[:count]
        return BatchOutput(probabilities=self.probabilities[:count], unknown=unknown)

    def difference(self, other: BatchOutput) -> float:
        """The largest difference of any value from another output of the same kind."""
        found = (self.probabilities - other.probabilities).abs().max()
        if self.unknown is not None and other.unknown is not None:
            found = torch.maximum(found, (self.unknown - other.unknown).abs().max())
        return float(found)


class BatchClassifier:
    """A classifier as a function from decoded images to its answers, in batches of one fixed size.

    A runtime other than float32 torch computes the backbone only while it agrees: the answer for the first
    image is computed both ways, and torch computes everything from then on if they differ.

    Args:
        classifier: Put in eval mode; must not be changed while this object is in use.
        choice: The runtime that computes the backbone, and the batch size.
        with_unknown: Whether unknown scores are computed, where the classifier gives them.
    """

    def __init__(self, classifier: Classifier, choice: RuntimeChoice, *, with_unknown: bool = True) -> None:
        self.batch_size = choice.batch_size
        self._classifier = classifier.eval()
        self._with_unknown = with_unknown and classifier.unknown is not None
        # Without the scores the stages as they were before the training are not needed.
        self._trunk = classifier.trunk if self._with_unknown else classifier.backbone
        self._objective = objective_of(classifier.sizes)
        for parameter in self._trunk.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._device = next(classifier.parameters()).device
        self._graph: InferenceGraph | None = None
        self._agrees: bool | None = None
        self._lock = threading.Lock()
        if choice.runtime != REFERENCE:
            self._graph = inference_graph(
                self._trunk,
                end=None,
                preprocessing=classifier.preprocessing,
                weights_sha256=weights_sha256(self._trunk),
                choice=choice,
                device=self._device.type,
                threads=torch.get_num_threads(),
            )

    @property
    def workers(self) -> int:
        """Number of threads that may call at the same time."""
        return self._graph.workers if self._graph is not None else 1

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> BatchOutput:
        """Answers for some images; those of one image do not depend on the others in the batch.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to `batch_size`.
        """
        count = len(images)
        if count < self.batch_size:
            images = torch.cat([images, images[-1:].expand(self.batch_size - count, -1, -1, -1)])
        if self._graph is None:
            return self._by_torch(images).first(count)
        output = self._output(self._graph(images))
        with self._lock:  # no thread may return before the first comparison is done
            if self._agrees is None:
                self._agrees = output.first(1).difference(self._by_torch(images[:1])) <= LARGEST_DIFFERENCE
                if not self._agrees:
                    log.warning("%s does not agree with the classifier in float32", self._graph.precision)
        return output.first(count) if self._agrees else self._by_torch(images).first(count)

    def _by_torch(self, images: Tensor) -> BatchOutput:
        return self._output(self._trunk(normalise(images.to(self._device), self._classifier.preprocessing)))

    def _output(self, features: Tensor) -> BatchOutput:
        """The answers for features of the trunk."""
        scores = self._classifier.unknown_scores(features) if self._with_unknown else None
        return BatchOutput(
            probabilities=self._objective.probabilities(self._classifier.answer(features)),
            unknown=None if scores is None else scores[:, 0].double().cpu(),
        )


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
