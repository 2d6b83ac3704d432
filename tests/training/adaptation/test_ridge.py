"""Cross-validated ridge scores of several labellings at once."""

from __future__ import annotations

import torch

from tests.training.adaptation.made import domains, right
from tlstudio.training.adaptation.ridge import ridge_scores


def test_true_labels_are_predicted_and_shuffled_ones_are_not():
    made, true = domains(shifted=False)
    shuffled = made.labels[torch.randperm(90, generator=torch.Generator().manual_seed(4))]
    both = torch.stack([made.labels, shuffled])
    scores = ridge_scores(made.source, made.target, both, classes_count=3, seed=0)
    assert scores.source.shape == (2, 90, 3)
    assert right(scores.source[0], made.labels) > 0.9
    assert right(scores.target[0], true) > 0.9
    assert right(scores.source[1], shuffled) < 0.6
    alone = ridge_scores(made.source, made.target, both[:1], classes_count=3, seed=0)
    torch.testing.assert_close(alone.target[0], scores.target[0], atol=1e-4, rtol=1e-4)
