"""The backbone and head of a classifier as an ONNX graph."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import onnx
import torch
from torch import Tensor, nn

from tlstudio.export.onnx.graph import IR_VERSION, OPSET
from tlstudio.models.classifier import Classifier
from tlstudio.models.onnx.graph import network_onnx
from tlstudio.models.onnx.recording import UntranslatableError

ENTERING, LEAVING = "prepared", "probabilities"
"""Names of the input and the output of the graph."""


class _ProbabilityModel(nn.Module):
    """Backbone, head and softmax: from normalised images to probabilities."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.backbone = classifier.backbone
        self.head = classifier.head

    def forward(self, prepared: Tensor) -> Tensor:
        logits: Tensor = self.head(self.backbone(prepared))
        return logits.softmax(dim=1)


def network_model(classifier: Classifier) -> onnx.ModelProto:
    """Write backbone, head and softmax as a graph.

    Args:
        classifier: In eval mode, on the CPU.

    Returns:
        A model with input "prepared" float32 [batch, 3, S, S] and output "probabilities" float32 [batch, K].
    """
    network = _ProbabilityModel(classifier).eval()
    size = classifier.preprocessing.input_size
    # With one image the batch could be taken for a fixed size.
    example = torch.zeros(2, 3, size, size)
    try:
        return network_onnx(
            network,
            example=example,
            entering=ENTERING,
            leaving=LEAVING,
            opset=OPSET,
            weights=network.state_dict(keep_vars=True),
        )
    except UntranslatableError:
        return _exported_by_torch(network, example)


def _exported_by_torch(network: nn.Module, example: Tensor) -> onnx.ModelProto:
    """The same by torch's exporter, which knows every operation but takes many seconds."""
    with _quiet():
        program = torch.onnx.export(
            network,
            (example,),
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
