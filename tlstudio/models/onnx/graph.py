"""Translates frozen stages and whole networks to an ONNX graph, fast enough for a person to wait for it.

torch's own exporter takes 5 to 14 s for a backbone of the catalogue, longer than computing the images of a
usual folder, and cannot be interrupted; it supports every model. Here the size of the images is fixed and
nothing is trained. So the elementary operations of one batch are recorded, in a fraction of a second, and
each is written as the ONNX operator that computes the same. An operation without a rule raises
`UntranslatableError`, and the caller uses torch. Callers compare every graph with torch before it is used,
with one and with several images where it takes any number, so a wrong translation costs time but gives no
wrong result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from onnx import ModelProto, TensorProto, ValueInfoProto, helper
from torch import Tensor
from torch.fx import Node

from tlstudio.core.types import Preprocessing
from tlstudio.models.onnx.recording import Recording, UntranslatableError, record, record_any_batch
from tlstudio.models.onnx.rules import GELU_OPSET, RULES, Writer, shape_of

OPSET = GELU_OPSET
IR_VERSION = 10
INPUT = "images"
"""Name of the graph's input."""
LARGEST_WEIGHTS_BYTES = 2_000_000_000
"""The limit of protobuf, the encoding of ONNX graphs, is 2 GiB."""


def frozen_onnx(run: Callable[[Tensor], Tensor], *, example: Tensor, preprocessing: Preprocessing) -> bytes:
    """Translate a computation to a graph from images to activations.

    Args:
        run: Computes one tensor from normalised images float32 [N, 3, S, S]; its modules are in eval mode, on
            the CPU.
        example: uint8 images [N, 3, S, S]; the graph takes images of this shape only.
        preprocessing: Its normalisation becomes part of the graph.

    Returns:
        A serialised model with input "images" uint8 and output "activations" float32.

    Raises:
        UntranslatableError: An operation has no rule, or the graph would be too large.
    """
    recording = record(run, torch.zeros(example.shape))
    writer = Writer(opset=OPSET, images=INPUT)
    numbers = writer.op("Cast", INPUT, to=TensorProto.FLOAT)
    _write(writer, recording, _normalised(writer, numbers, preprocessing))
    images = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, tuple(example.shape))
    model = _model(
        writer, recording.last, images=images, leaving="activations", shape=shape_of(recording.last)
    )
    return bytes(model.SerializeToString())


def network_onnx(
    run: Callable[[Tensor], Tensor],
    *,
    example: Tensor,
    entering: str,
    leaving: str,
    opset: int,
    weights: Mapping[str, Tensor] | None = None,
) -> ModelProto:
    """Translate a network to a graph for any number of images.

    Args:
        run: Computes one tensor [N, …] from float32 [N, 3, S, S]; its modules are in eval mode, on the CPU.
        example: `recording.IMAGES` images; the graph takes images of their size only.
        entering: Name of the graph's input.
        leaving: Name of its output.
        opset: Version of the operators that may be used.
        weights: Tensors of the network that keep these names in the graph.

    Raises:
        UntranslatableError: An operation has no rule, or the graph would be too large.
    """
    recording = record_any_batch(run, example)
    writer = Writer(opset=opset, images=entering)
    _write(writer, recording, entering, names={id(tensor): name for name, tensor in (weights or {}).items()})
    last = recording.last
    images = helper.make_tensor_value_info(entering, TensorProto.FLOAT, ("batch", *example.shape[1:]))
    lengths = zip(shape_of(last), last.meta["batched"], strict=True)
    shape = ["batch" if batched else length for length, batched in lengths]
    return _model(writer, last, images=images, leaving=leaving, shape=shape)


def _write(
    writer: Writer, recording: Recording, entering: str, *, names: Mapping[int, str] | None = None
) -> None:
    """Write all recorded operations in order; constants get the names that are known by their identity."""
    for node in recording.nodes:
        if node.op == "placeholder":
            writer.names[node] = entering
        elif node in recording.constants:
            tensor = recording.constants[node]
            name = (names or {}).get(id(tensor))
            writer.names[node] = writer.constant(tensor.detach().contiguous().numpy(), name=name)
        elif node.users or node is recording.last:
            name = getattr(node.target, "__name__", str(node.target))
            if name not in RULES:
                raise UntranslatableError(f"no ONNX operator is known for {node.target}")
            writer.names[node] = RULES[name](writer, node)


def _normalised(writer: Writer, pixels: str, preprocessing: Preprocessing) -> str:
    # The same arithmetic in the same order as data.preprocessing.normalise.
    mean, std = (
        writer.constant((np.asarray(values, np.float32) * np.float32(255)).reshape(1, 3, 1, 1))
        for values in (preprocessing.mean, preprocessing.std)
    )
    return writer.op("Div", writer.op("Sub", pixels, mean), std)


def _model(
    writer: Writer, last: Node, *, images: ValueInfoProto, leaving: str, shape: Sequence[int | str]
) -> ModelProto:
    """The graph of all that was written, with one input and one output float32 of this shape."""
    if sum(len(constant.raw_data) for constant in writer.constants) > LARGEST_WEIGHTS_BYTES:
        raise UntranslatableError("the weights are larger than a graph may be")
    graph = helper.make_graph(
        [*writer.nodes, helper.make_node("Identity", [writer.names[last]], [leaving])],
        "network",
        [images],
        [helper.make_tensor_value_info(leaving, TensorProto.FLOAT, shape)],
        initializer=writer.constants,
    )
    opset = helper.make_opsetid("", writer.opset)
    return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
