"""Metrics and predictions are those of the assembled classifier, whichever runtime computes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tests.models.scored import with_score
from tests.training.tiny import PREPROCESSING, tiny_backbone
from tlstudio.inference.classify import BatchClassifier
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings

FAST = RuntimeChoice(runtime="onnx-runtime", batch_size=4)
SIZE = PREPROCESSING.input_size


@pytest.fixture
def classifier() -> Classifier:
    backbone = tiny_backbone()
    torch.manual_seed(1)
    head = build_head(HeadSettings(), feature_size=backbone.feature_size, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=("a", "b", "c")).eval()


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
def test_probabilities_are_those_of_the_classifier(classifier: Classifier, choice: RuntimeChoice):
    images = probe_images(3, size=SIZE)
    got = BatchClassifier(classifier, choice)(images).probabilities
    assert got.dtype == torch.float64
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
def test_a_prediction_does_not_depend_on_the_other_images_of_its_batch(
    classifier: Classifier, choice: RuntimeChoice
):
    images, classify = probe_images(4, size=SIZE), BatchClassifier(classifier, choice)
    together = classify(images).probabilities
    assert torch.equal(classify(images[2:3]).probabilities, together[2:3])
    assert torch.equal(classify(images.flip(0)).probabilities, together.flip(0))


def test_a_runtime_that_does_not_agree_is_replaced_by_torch(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    classify, images = BatchClassifier(classifier, FAST), probe_images(4, size=SIZE)
    graph = classify._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    torch.testing.assert_close(classify(images).probabilities, classifier.probabilities(images))
    other = images.flip(0)
    torch.testing.assert_close(classify(other).probabilities, classifier.probabilities(other))
    assert "does not agree with the classifier" in capsys.readouterr().err


def test_concurrent_calls_wait_for_the_first_comparison(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    classify, images = BatchClassifier(classifier, FAST), probe_images(16, size=SIZE)
    graph = classify._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    with ThreadPoolExecutor(4) as pool:
        got = torch.cat([output.probabilities for output in pool.map(classify, images.split(4))])
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


def test_a_backbone_whose_weights_changed_is_not_taken_from_the_cache(classifier: Classifier):
    images = probe_images(2, size=SIZE)
    before = BatchClassifier(classifier, FAST)(images).probabilities
    with torch.no_grad():
        for parameter in classifier.backbone.parameters():
            parameter.mul_(1.3)
    after = BatchClassifier(classifier, FAST)(images).probabilities
    assert not torch.allclose(before, after, atol=1e-3)
    torch.testing.assert_close(after, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
@pytest.mark.parametrize("trained", [False, True])
def test_unknown_scores_are_those_of_the_classifier(
    classifier: Classifier, choice: RuntimeChoice, trained: bool
):
    images = probe_images(12, size=SIZE)
    before = tiny_backbone(seed=5) if trained else None
    if before is not None:  # all but the first stage were trained
        before.stage("stem").load_state_dict(classifier.backbone.stage("stem").state_dict())
    scored = with_score(classifier, images, before=before, first_trained="middle")
    wanted, scores = scored.outputs(images)
    assert scores is not None
    assert float(scores.max() - scores.min()) > 0.2
    classify = BatchClassifier(scored, choice)
    for part in range(0, 12, choice.batch_size):
        got, here = classify(images[part : part + 3]), slice(part, part + 3)
        torch.testing.assert_close(got.probabilities, wanted[here], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(got.unknown, scores[here], rtol=1e-3, atol=1e-4)
    silent = BatchClassifier(scored, choice, with_unknown=False)(images[:3])
    assert silent.unknown is None
    torch.testing.assert_close(silent.probabilities, wanted[:3], rtol=1e-5, atol=1e-6)


def test_a_runtime_whose_unknown_scores_differ_is_replaced(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    images = probe_images(4, size=SIZE)
    classify = BatchClassifier(with_score(classifier, images), FAST)
    graph = classify._graph
    assert graph is not None
    right = graph._compute
    # The head sees nothing of a difference along which it has no weights.
    monkeypatch.setattr(classify._classifier.head, "forward", lambda x: torch.zeros(len(x), 3))
    monkeypatch.setattr(graph, "_compute", lambda images: right(images) * torch.linspace(0.9, 1.1, 24))
    scores = classify(images).unknown
    torch.testing.assert_close(scores, classify._classifier.outputs(images)[1])
