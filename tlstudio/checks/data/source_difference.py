"""Compares the images with those that the backbone was pretrained on.

Those are not here to compare with, but the head is that was trained on them. Asked what a photo like them
shows, it names few kinds of things, and others for other photos. Of images unlike them it names a little of
everything, much the same for all. Wavering is the entropy of its answers (Hendrycks and Gimpel 2017,
"A Baseline for Detecting Misclassified and Out-of-Distribution Examples", use their maximum); how much the
answers differ is the Jensen-Shannon divergence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.source_difference import SPEC

FEWEST, MOST = 40, 2000
"""Images from which answers can be compared; of more, these are drawn."""
UNLIKE = 2.3
"""Entropy less `DIFFERING` times the divergence, both in nats, from which images are unlike. With
EfficientNet-Lite0, four sets of photos reach -2.4 to 0.2, one class of them alone up to 2.2; sketches reach
2.8, solar cells 4.7, blood cells of two stains 3.6 and 2.2, so that the latter are missed.
With Lite1 and Lite2, a third of the four sets of photos reaches 2.1 at most, what is unlike 3.8 and more."""
DIFFERING = 2.0

Values = NDArray[np.float64]


class SourceDifference:
    """Asks the head that the backbone was pretrained with, where it is at hand."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        if len(evidence.dataset.images) < FEWEST:
            message = (
                f"With fewer than {FEWEST} images it is not asked how unlike the backbone's own they are."
            )
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        from tlstudio.models.source_head import source_head  # needs torch, which takes seconds

        backbone = evidence.known_backbone
        head = source_head(backbone) if backbone is not None else None
        features = evidence.features(control=control).values
        if backbone is None or head is None or head[0].shape[1] != features.shape[1]:
            known = (
                f" It learned from {backbone.pretrained_on}." if backbone and backbone.pretrained_on else ""
            )
            message = f"How unlike the backbone's own images these are cannot be measured with it.{known}"
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        if len(features) > MOST:
            features = features[np.random.default_rng(0).choice(len(features), MOST, replace=False)]
        entropy, divergence = answers(features.astype(np.float64), *head)
        kinds = round(float(np.exp(entropy)))
        numbers: dict[str, float | int | str] = {
            "entropy": entropy,
            "divergence": divergence,
            "kinds": kinds,
            "n": len(features),
        }
        if entropy - DIFFERING * divergence < UNLIKE:
            return [
                Finding(
                    check=SPEC.id,
                    severity="ok",
                    message="There is no sign that these images are unlike those that "
                    f"{backbone.title} learned to see from ({backbone.pretraining_name}).",
                    numbers=numbers,
                )
            ]
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=f"These images are unlike those that {backbone.title} learned to see from "
                f"({backbone.pretraining_name}): asked what one shows, it wavers between about {kinds} of "
                f"{len(head[1])} kinds of things, and says much the same of all.",
                meaning="What it sees may tell your classes apart less well than in everyday photos. The "
                "accuracy on test images says how well.",
                mend="Compare several backbones on your images, and let more stages train than the head.",
                numbers=numbers,
            )
        ]


def answers(features: Values, weights: Values, biases: Values) -> tuple[float, float]:
    """Measure how a head answers: the median entropy of its answers, and how much they differ, in nats.

    Args:
        features: [N, F].
        weights: [K, F].
        biases: [K].
    """
    logits = features @ weights.T + biases
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    entropies = _entropy(shares)
    divergence = float(_entropy(shares.mean(axis=0, keepdims=True))[0] - entropies.mean())
    return float(np.median(entropies)), divergence


def _entropy(shares: Values) -> Values:
    entropy: Values = -(shares * np.log(shares + 1e-300)).sum(axis=1)
    return entropy


IMPLEMENTATION = SourceDifference()
