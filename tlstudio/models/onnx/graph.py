"""Translates frozen stages to an ONNX graph, fast enough for a person to wait for it.

torch's own exporter takes 5 to 14 s for a backbone of the catalogue, longer than computing the images of a
usual folder; it supports every model and dynamic shapes. Here the batch size is fixed and nothing is trained.
So one batch is traced to elementary operations (which torch does in a fraction of a second), and each is
written as the ONNX operator that computes the same. An operation without a rule raises `UntranslatableError`,
and the caller uses torch; every graph is compared with torch before it is used, so a wrong translation costs
time but never gives a wrong result.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from onnx import TensorProto, helper
from torch import Tensor
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx

from tlstudio.core.types import Preprocessing
from tlstudio.models.onnx.rules import RULES, UntranslatableError, Writer, shape_of

OPSET = 20
"""The first version with GELU as one operator."""
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

    def compute(x: Tensor) -> Tensor:
        # make_fx counts parameters and would take the `self` of a method for one.
        return run(x)

    with torch.no_grad():
        record = make_fx(compute, tracing_mode="fake", _allow_non_fake_inputs=True)
        traced = record(torch.zeros(example.shape))
    writer = Writer()
    numbers = writer.op("Cast", INPUT, to=TensorProto.FLOAT)
    last = _write(writer, traced, _normalised(writer, numbers, preprocessing))
    return _serialised(writer, last, example)


def _write(writer: Writer, traced: GraphModule, entering: str) -> Node:
    """Write all traced operations in order and return the last value."""
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            writer.names[node] = entering
        elif node.op == "get_attr":
            weight: Tensor = getattr(traced, str(node.target))
            writer.names[node] = writer.constant(weight.detach().contiguous().numpy())
        elif node.op == "output":
            last: Node = node.all_input_nodes[0]
            return last
        elif node.users:
            name = getattr(node.target, "__name__", str(node.target))
            if name not in RULES:
                raise UntranslatableError(f"no ONNX operator is known for {node.target}")
            writer.names[node] = RULES[name](writer, node)
    raise UntranslatableError("there is no output")


def _normalised(writer: Writer, pixels: str, preprocessing: Preprocessing) -> str:
    # The same arithmetic in the same order as data.preprocessing.normalise.
    mean, std = (
        writer.constant((np.asarray(values, np.float32) * np.float32(255)).reshape(1, 3, 1, 1))
        for values in (preprocessing.mean, preprocessing.std)
    )
    return writer.op("Div", writer.op("Sub", pixels, mean), std)


def _serialised(writer: Writer, last: Node, example: Tensor) -> bytes:
    if sum(len(constant.raw_data) for constant in writer.constants) > LARGEST_WEIGHTS_BYTES:
        raise UntranslatableError("the stages are larger than a graph may be")
    graph = helper.make_graph(
        [*writer.nodes, helper.make_node("Identity", [writer.names[last]], ["activations"])],
        "frozen",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, tuple(example.shape))],
        [helper.make_tensor_value_info("activations", TensorProto.FLOAT, shape_of(last))],
        initializer=writer.constants,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    return bytes(model.SerializeToString())
