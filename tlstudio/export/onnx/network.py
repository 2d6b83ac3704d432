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
    """Export backbone, head and softmax as a graph.

    Args:
        classifier: In eval mode, on the CPU.

    Returns:
        A model with input "prepared" float32 [batch, 3, S, S] and output "probabilities" float32 [batch, K].
    """
    size = classifier.preprocessing.input_size
    # With one image the exporter would take the batch for a fixed size.
    example = torch.zeros(2, 3, size, size)
    with _quiet():
        program = torch.onnx.export(
            _ProbabilityModel(classifier).eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            input_names=["prepared"],
            output_names=["probabilities"],
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
