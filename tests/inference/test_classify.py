"""The final figures and every prediction are the assembled classifier's own, whatever computes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tests.training.tiny import PREPROCESSING, tiny_backbone
from tlstudio.core.recipe import HeadSettings
from tlstudio.inference.classify import Answering
from tlstudio.models.agreement import probe_images
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.models.inference_graph import RuntimeChoice

FAST = RuntimeChoice(runtime="onnx-runtime", batch_size=4)
SIZE = PREPROCESSING.input_size


@pytest.fixture
def classifier() -> Classifier:
    backbone = tiny_backbone()
    torch.manual_seed(1)
    head = build_head(HeadSettings(), feature_size=backbone.feature_size, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=("a", "b", "c")).eval()


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
def test_answers_are_the_classifiers(classifier: Classifier, choice: RuntimeChoice):
    images = probe_images(3, size=SIZE)
    got = Answering(classifier, choice)(images)
    assert got.dtype == torch.float64
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("choice", [RuntimeChoice(), FAST])
def test_an_answer_does_not_depend_on_the_images_that_come_with_it(
    classifier: Classifier, choice: RuntimeChoice
):
    images, asking = probe_images(4, size=SIZE), Answering(classifier, choice)
    together = asking(images)
    assert torch.equal(asking(images[2:3]), together[2:3])
    assert torch.equal(asking(images.flip(0)), together.flip(0))


def test_a_runtime_that_answers_otherwise_is_given_up(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    asking, images = Answering(classifier, FAST), probe_images(4, size=SIZE)
    graph = asking._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    torch.testing.assert_close(asking(images), classifier.probabilities(images))
    torch.testing.assert_close(asking(images.flip(0)), classifier.probabilities(images.flip(0)))
    assert "other answers than the classifier itself" in caplog.text


def test_threads_that_ask_at_once_all_wait_for_the_comparison(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
):
    asking, images = Answering(classifier, FAST), probe_images(16, size=SIZE)
    graph = asking._graph
    assert graph is not None
    monkeypatch.setattr(graph, "_compute", lambda images: torch.ones(len(images), 24))
    with ThreadPoolExecutor(4) as pool:
        got = torch.cat(list(pool.map(asking, images.split(4))))
    torch.testing.assert_close(got, classifier.probabilities(images), rtol=1e-5, atol=1e-6)


def test_a_backbone_that_was_trained_is_asked_anew(classifier: Classifier):
    images = probe_images(2, size=SIZE)
    before = Answering(classifier, FAST)(images)
    with torch.no_grad():
        for parameter in classifier.backbone.parameters():
            parameter.mul_(1.3)
    after = Answering(classifier, FAST)(images)
    assert not torch.allclose(before, after, atol=1e-3)
    torch.testing.assert_close(after, classifier.probabilities(images), rtol=1e-5, atol=1e-6)
