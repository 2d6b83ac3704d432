"""Metrics and predictions are those of the assembled classifier, whichever runtime computes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

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
    got = BatchClassifier(classifier, choice)(images)
    assert got.dtype == torch.float64
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
def test_a_prediction_does_not_depend_on_the_other_images_of_its_batch(
    classifier: Classifier, choice: RuntimeChoice
):
    images, classify = probe_images(4, size=SIZE), BatchClassifier(classifier, choice)
    together = classify(images)
    assert torch.equal(classify(images[2:3]), together[2:3])
    assert torch.equal(classify(images.flip(0)), together.flip(0))


def test_a_runtime_that_does_not_agree_is_replaced_by_torch(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    classify, images = BatchClassifier(classifier, FAST), probe_images(4, size=SIZE)
    graph = classify._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    torch.testing.assert_close(classify(images), classifier.probabilities(images))
    torch.testing.assert_close(classify(images.flip(0)), classifier.probabilities(images.flip(0)))
    assert "does not agree with the classifier" in capsys.readouterr().err


def test_concurrent_calls_wait_for_the_first_comparison(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    classify, images = BatchClassifier(classifier, FAST), probe_images(16, size=SIZE)
    graph = classify._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    with ThreadPoolExecutor(4) as pool:
        got = torch.cat(list(pool.map(classify, images.split(4))))
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


def test_a_backbone_whose_weights_changed_is_not_taken_from_the_cache(classifier: Classifier):
    images = probe_images(2, size=SIZE)
    before = BatchClassifier(classifier, FAST)(images)
    with torch.no_grad():
        for parameter in classifier.backbone.parameters():
            parameter.mul_(1.3)
    after = BatchClassifier(classifier, FAST)(images)
    assert not torch.allclose(before, after, atol=1e-3)
    torch.testing.assert_close(after, classifier.probabilities(images), rtol=1e-5, atol=1e-6)
