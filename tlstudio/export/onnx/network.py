"""The backbone and heads of a classifier as an ONNX graph."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from tlstudio.data.preprocessing import normalise
from tlstudio.export.onnx.graph import OPSET
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.onnx.graph import IR_VERSION, network_onnx
from tlstudio.models.onnx.recording import IMAGES, UntranslatableError

log = logging.getLogger(__name__)
ENTERING, LEAVING = "prepared", "probabilities"
"""Names of the input and the output of the graph."""
MOST_COMPARED = 5
"""Images with which a graph is compared with the network at once."""
TOLERANCE, RELATIVE_TOLERANCE = 1e-5, 1e-3
"""Between probabilities of both."""


class _OutputModel(nn.Module):
    """The classifier from normalised images to the outputs of all label columns and the unknown score."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.backbone = classifier.trunk
        self.head = classifier.head
        self.further = classifier.further
        self.unknown = classifier.unknown
        self._size = classifier.backbone.feature_size
        self._has_twins = classifier.untrained is not None

    def forward(self, prepared: Tensor) -> Tensor:
        both = self.backbone(prepared)
        features = both[:, : self._size] if self._has_twins else both
        outputs = [head(features).softmax(dim=1) for head in (self.head, *self.further)]
        if self.unknown is not None:
            outputs.append(self.unknown(both[:, self._size :] if self._has_twins else both))
        return torch.cat(outputs, dim=1) if len(outputs) > 1 else outputs[0]


def network_model(classifier: Classifier) -> onnx.ModelProto:
    """Write backbone, heads, softmax and the unknown score as a graph.

    Args:
        classifier: In eval mode, on the CPU.

    Returns:
        A model with input "prepared" float32 [batch, 3, S, S] and output "probabilities" float32 [batch, K],
        those of all label columns side by side; of a classifier with an unknown score that is one more.
    """
    network = _OutputModel(classifier).eval()
    images = normalise(
        probe_images(MOST_COMPARED, size=classifier.preprocessing.input_size), classifier.preprocessing
    )
    try:
        return _translated(network, images)
    except Exception:  # whatever a rule stumbles over
        log.info("torch exports the network", exc_info=True)
        return _exported_by_torch(network, images)


def _translated(network: nn.Module, images: Tensor) -> onnx.ModelProto:
    """Translate a network, and compare the graph with it on one and on several images.

    Raises:
        UntranslatableError: It has an operation without a rule, or the graph computes something else.
    """
    model = network_onnx(
        network,
        example=images[:IMAGES],
        entering=ENTERING,
        leaving=LEAVING,
        opset=OPSET,
        weights=network.state_dict(keep_vars=True),
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        for number in (1, MOST_COMPARED):
            (got,) = session.run([LEAVING], {ENTERING: images[:number].numpy()})
            if not np.allclose(
                got, network(images[:number]).numpy(), rtol=RELATIVE_TOLERANCE, atol=TOLERANCE
            ):
                raise UntranslatableError(f"the graph computes something else with {number} images")
    return model


def _exported_by_torch(network: nn.Module, images: Tensor) -> onnx.ModelProto:
    """The same by torch's exporter, which knows every operation but takes many seconds."""
    with _quiet():
        program = torch.onnx.export(
            network,
            (images[:IMAGES],),  # with one image the batch would be taken for a fixed size
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            input_names=[ENTERING],
            output_names=[LEAVING],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no graph")
    model: onnx.ModelProto = program.model_proto
    model.ir_version = IR_VERSION
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter, which warns and logs about its own internals; parity checks what matters."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
