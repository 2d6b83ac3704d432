import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from tests.models.scored import with_score
from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise
from tlstudio.export.onnx import network
from tlstudio.export.onnx.network import network_model
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.heads import build_head
from tlstudio.models.onnx import rules
from tlstudio.models.stages import Backbone
from tlstudio.specs.recipe import HeadSettings


@pytest.fixture
def no_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's exporter fails."""
    monkeypatch.setattr(network, "_exported_by_torch", None)


@pytest.mark.usefixtures("no_exporter")
def test_an_ordinary_network_needs_no_exporter(classifier: Classifier) -> None:
    assert network_model(classifier).graph.node


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_probabilities_at_any_batch_size(tensor_export, classifier: Classifier, batch: int) -> None:
    size = classifier.preprocessing.input_size
    images = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    session = onnxruntime.InferenceSession(tensor_export.file, providers=["CPUExecutionProvider"])
    prepared = normalise(images, classifier.preprocessing).numpy()
    answer = session.run(["probabilities"], {"prepared": prepared})[0]
    assert answer.shape == (batch, len(classifier.classes))
    np.testing.assert_allclose(answer, classifier.probabilities(images).numpy(), atol=1e-5)


def test_weights_keep_their_names(tensor_export, classifier: Classifier) -> None:
    names = {tensor.name for tensor in onnx.load(tensor_export.file).graph.initializer}
    parameters = {name for name, _ in classifier.named_parameters()}
    assert names >= parameters


class Unusual(nn.Module):
    """Something that no rule translates."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.flip(x, dims=(3,)).cumsum(2)


def test_a_wrong_translation_goes_to_the_exporter(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rules.RULES, "_softmax.default", lambda writer, node: writer.value(node.args[0]))
    monkeypatch.setattr(network, "_exported_by_torch", lambda *_: "by torch")
    assert network_model(classifier) == "by torch"


def test_what_no_rule_translates_is_exported_by_torch() -> None:
    backbone = Backbone(
        "unusual",
        stages=[("only", Unusual())],
        pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        feature_size=3,
        preprocessing=Preprocessing(input_size=16, resize_size=16),
    )
    head = build_head(HeadSettings(dropout=0.0), feature_size=3, classes_count=2)
    classifier = Classifier(backbone=backbone, head=head, classes=("a", "b")).eval()
    images = torch.randint(0, 256, (3, 3, 16, 16), dtype=torch.uint8)
    session = onnxruntime.InferenceSession(network_model(classifier).SerializeToString())
    prepared = normalise(images, classifier.preprocessing).numpy()
    answer = session.run(["probabilities"], {"prepared": prepared})[0]
    np.testing.assert_allclose(answer, classifier.probabilities(images).numpy(), atol=1e-5)


@pytest.mark.usefixtures("no_exporter")
@pytest.mark.parametrize("first_trained", ["", "blocks.1", "stem"])
def test_the_unknown_score_is_the_last_output(classifier: Classifier, first_trained: str) -> None:
    size = classifier.preprocessing.input_size
    images = probe_images(6, size=size)
    before = None
    if first_trained:
        torch.manual_seed(5)
        before = load_backbone(classifier.backbone.id, pretrained=False)
        for name in before.stage_names[: before.stage_names.index(first_trained)]:
            before.stage(name).load_state_dict(classifier.backbone.stage(name).state_dict())
    scored = with_score(classifier, images, before=before, first_trained=first_trained)
    session = onnxruntime.InferenceSession(network_model(scored).SerializeToString())
    prepared = normalise(images, classifier.preprocessing).numpy()
    answer = session.run(["probabilities"], {"prepared": prepared})[0]
    probabilities, scores = scored.outputs(images)
    assert scores is not None
    assert float(scores.max() - scores.min()) > 0.2
    np.testing.assert_allclose(answer[:, :-1], probabilities.numpy(), atol=1e-5)
    np.testing.assert_allclose(answer[:, -1], scores.numpy(), atol=2e-4)
