import numpy as np
import onnxruntime
import pytest
import torch

from tlstudio.data.preprocessing import normalise
from tlstudio.models.classifier import Classifier


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_probabilities_at_any_batch_size(tensor_export, classifier: Classifier, batch: int) -> None:
    size = classifier.preprocessing.input_size
    images = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    session = onnxruntime.InferenceSession(tensor_export.file, providers=["CPUExecutionProvider"])
    prepared = normalise(images, classifier.preprocessing).numpy()
    answer = session.run(["probabilities"], {"prepared": prepared})[0]
    assert answer.shape == (batch, len(classifier.classes))
    np.testing.assert_allclose(answer, classifier.probabilities(images).numpy(), atol=1e-5)
