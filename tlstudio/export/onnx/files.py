"""Writes ONNX files of a classifier: with its preprocessing, or of the network alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import compose

from tlstudio import __version__
from tlstudio.core.errors import UserError
from tlstudio.export.onnx.metadata import UNKNOWN_OUTPUT, ModelInput, ModelMetadata, output_name
from tlstudio.export.onnx.network import LEAVING, network_model
from tlstudio.export.onnx.preprocessing import preprocessing_model
from tlstudio.models.classifier import Classifier

LARGEST_FILE_BYTES = 2**31 - 1
"""Limit of protobuf, the encoding of ONNX files."""


def write_image_model(classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
    """Write a graph from one decoded image of any size to its probabilities in each label column.

    Args:
        classifier: In eval mode, on the CPU.
        out: The file.
        card: The model card, written into the file.

    Raises:
        UserError: The model is too large for one file.
    """
    model = compose.merge_models(
        preprocessing_model(classifier.preprocessing),
        network_model(classifier),
        io_map=[("prepared", "prepared")],
    )
    # Merging lists the operator set once for each half.
    del model.opset_import[1:]
    # One image goes in, so one row comes out.
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1
    _save(model, out, classifier=classifier, takes="image", card=card)


def write_tensor_model(classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
    """Write a graph from normalised images, any number at once, to their probabilities.

    Args and errors are those of `write_image_model`.
    """
    _save(network_model(classifier), out, classifier=classifier, takes="tensor", card=card)


def _save(
    model: onnx.ModelProto, out: Path, *, classifier: Classifier, takes: ModelInput, card: Mapping[str, Any]
) -> None:
    """Check a graph and write it with its metadata and weights as one file."""
    # The exporter notes where in its own source each node comes from, with paths of this computer.
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    _divide_output(model, classifier)
    metadata = ModelMetadata(
        takes=takes,
        columns=classifier.columns,
        preprocessing=classifier.preprocessing,
        card=card,
        rules=classifier.rules,
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


def _divide_output(model: onnx.ModelProto, classifier: Classifier) -> None:
    """Give the graph one output for each label column and one for the unknown score."""
    names = [output_name(column, number) for number, column in enumerate(classifier.columns)]
    lengths = list(classifier.sizes)
    if classifier.unknown is not None:
        names.append(UNKNOWN_OUTPUT)
        lengths.append(1)
    if len(names) == 1:
        return
    graph, together = model.graph, f"all_{LEAVING}"
    for node in graph.node:
        node.output[:] = [together if name == LEAVING else name for name in node.output]
    sizes = onnx.numpy_helper.from_array(np.array(lengths, dtype=np.int64), "column_sizes")
    graph.initializer.append(sizes)
    graph.node.append(onnx.helper.make_node("Split", [together, sizes.name], names, axis=1))
    batch = graph.output[0].type.tensor_type.shape.dim[0]
    images = batch.dim_value or batch.dim_param
    del graph.output[:]
    for name, size in zip(names, lengths, strict=True):
        graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [images, size]))
