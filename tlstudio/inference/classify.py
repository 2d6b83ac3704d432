"""Answers of the assembled classifier for decoded images, as fast as this computer gives them."""

from __future__ import annotations

import logging
import threading

import torch
from torch import Tensor, nn

from tlstudio.models.classifier import Classifier
from tlstudio.models.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.runtimes import REFERENCE
from tlstudio.models.weights import weights_sha256

log = logging.getLogger(__name__)

LARGEST_DIFFERENCE = 1e-4
"""Of a probability, between what the classifier itself answers in float32 and what a runtime does."""


class Answering:
    """The classifier as a function from decoded images to probabilities, in batches of one size.

    A runtime other than float32 torch computes the backbone only as long as it gives the classifier's own
    answers: the first image is asked both ways, and the classifier itself answers everything if they differ.

    Args:
        classifier: Put in eval mode; not to be changed while it is asked.
        choice: What computes the backbone.
        weights: SHA-256 of the backbone's weights, where it is known already.
    """

    def __init__(self, classifier: Classifier, choice: RuntimeChoice, *, weights: str | None = None) -> None:
        self.batch_size = choice.batch_size
        self._classifier = classifier.eval()
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
        """How many threads may ask at the same time."""
        return self._graph.workers if self._graph is not None else 1

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities of some images; each image's do not depend on the others.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to `batch_size`.

        Returns:
            float64 [N, K] on the CPU, rows summing to 1.
        """
        count = len(images)
        if count < self.batch_size:
            images = torch.cat([images, images[-1:].expand(self.batch_size - count, -1, -1, -1)])
        if self._graph is None:
            return self._own(images)[:count]
        probabilities = _softmax(self._classifier.head(self._graph(images)))
        with self._lock:  # nobody's answers count before the first were compared
            if self._agrees is None:
                difference = (probabilities[:1] - self._own(images[:1])).abs().max()
                self._agrees = bool(difference <= LARGEST_DIFFERENCE)
                if not self._agrees:
                    log.warning("%s gives other answers than the classifier itself", self._graph.precision)
        return probabilities[:count] if self._agrees else self._own(images)[:count]

    def _own(self, images: Tensor) -> Tensor:
        return _softmax(self._classifier(images.to(self._device)))


@torch.inference_mode()
def finish(classifier: Classifier, features: Tensor, *, batch_size: int) -> Tensor:
    """The classifier's answers for images that its backbone has been shown.

    Args:
        classifier: Put in eval mode.
        features: float32 [N, F], N at least 1, of the backbone as it is now.
        batch_size: As `Answering` would take them, so that answers are the same to the bit.

    Returns:
        float64 [N, K], rows summing to 1.
    """
    classifier.eval()
    device = next(classifier.parameters()).device
    rows = []
    for start in range(0, len(features), batch_size):
        part = features[start : start + batch_size]
        filled = torch.cat([part, part[-1:].expand(batch_size - len(part), -1)])
        rows.append(_softmax(classifier.head(filled.to(device)))[: len(part)])
    return torch.cat(rows)


@torch.inference_mode()
def answer_alike(head: nn.Module, one: Tensor, other: Tensor, *, device: str) -> bool:
    """Whether a head gives the same probabilities, to `LARGEST_DIFFERENCE`, for two tables of features."""
    answers = [_softmax(head(features.to(device))) for features in (one, other)]
    return bool((answers[0] - answers[1]).abs().max() <= LARGEST_DIFFERENCE)


def _softmax(logits: Tensor) -> Tensor:
    # On the processor, because some graphics chips have no float64.
    return logits.cpu().double().softmax(dim=1)
