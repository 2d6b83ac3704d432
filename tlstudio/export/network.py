"""The classifier's network as an ONNX graph, and how a graph becomes a file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from tlstudio import __version__
from tlstudio.core.errors import UserError
from tlstudio.export.graph import IR_VERSION, OPSET
from tlstudio.export.metadata import ModelInput, ModelMetadata
from tlstudio.models.classifier import Classifier

LARGEST_FILE_BYTES = 2**31 - 1
"""Of protobuf, which ONNX files are."""


class _Answering(nn.Module):
    """From normalised images to probabilities."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.backbone = classifier.backbone
        self.head = classifier.head

    def forward(self, prepared: Tensor) -> Tensor:
        scores: Tensor = self.head(self.backbone(prepared))
        return scores.softmax(dim=1)


def network_model(classifier: Classifier) -> onnx.ModelProto:
    """A graph from normalised images to probabilities.

    Args:
        classifier: In eval mode, on the CPU.

    Returns:
        A model with input "prepared" float32 [batch, 3, S, S] and output "probabilities" float32 [batch, K].
    """
    size = classifier.preprocessing.input_size
    # A batch of one would be taken for a fixed size.
    example = torch.zeros(2, 3, size, size)
    with _quiet():
        program = torch.onnx.export(
            _Answering(classifier).eval(),
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
        raise RuntimeError("torch made no graph")
    model: onnx.ModelProto = program.model_proto
    model.ir_version = IR_VERSION
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    # The exporter warns and logs about its own insides; what matters is checked by parity.
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


def save_model(
    model: onnx.ModelProto, out: Path, *, classifier: Classifier, takes: ModelInput, card: Mapping[str, Any]
) -> None:
    """Check a graph and write it with its metadata, weights included, as one file.

    Args:
        model: The graph.
        out: The file.
        classifier: Names the classes and the preprocessing.
        takes: What the graph wants as input.
        card: The model card.

    Raises:
        UserError: The model is too large for one file.
    """
    # The exporter notes where in its own source each node comes from: no one's business.
    for thing in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del thing.metadata_props[:]
        thing.doc_string = ""
    metadata = ModelMetadata(
        takes=takes,
        classes=classifier.classes,
        preprocessing=classifier.preprocessing,
        card=card,
    )
    onnx.helper.set_model_props(model, metadata.as_strings())
    model.producer_name, model.producer_version = "tlstudio", __version__
    if model.ByteSize() >= LARGEST_FILE_BYTES:
        raise UserError(
            f"The backbone {classifier.backbone.id} is too large for an ONNX file (over 2 GB).",
            mend="Choose a smaller backbone.",
        )
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, out)
