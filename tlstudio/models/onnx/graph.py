"""The frozen stages as an ONNX graph, fast enough to be made while a person waits.

torch's own exporter takes 5 to 14 s for a backbone of the catalogue, which is more than the images of a usual
folder cost. It is made for every model there is, with shapes of any size. Here the batch is fixed and nothing
is trained, so it is enough to record which elementary operations one batch goes through (torch does that, in
a fraction of a second) and to write down each as the ONNX operator that computes the same. An operation
that is not in the table is an `UntranslatableError`, and the caller stays with torch; every graph is compared
with torch before it is used, so a wrong translation costs time and never a wrong number.
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
"""The first with GELU as one operator."""
IR_VERSION = 10
GIVEN = "given"
"""Name of the graph's input."""
LARGEST_WEIGHTS_BYTES = 2_000_000_000
"""Protobuf, which ONNX graphs are, ends at 2 GiB."""


def frozen_onnx(run: Callable[[Tensor], Tensor], *, example: Tensor, preprocessing: Preprocessing) -> bytes:
    """A graph from images to activations.

    Args:
        run: From normalised images float32 [N, 3, S, S] to one tensor; modules in eval mode, weights on the
            CPU.
        example: uint8 images [N, 3, S, S] of the only shape that the graph takes.
        preprocessing: The normalisation of images.

    Returns:
        A serialised model with input "given" uint8 and output "activations" float32.

    Raises:
        UntranslatableError: There is no such graph.
    """

    def compute(x: Tensor) -> Tensor:
        # The recorder counts parameters, and would take the `self` of a method for one.
        return run(x)

    with torch.no_grad():
        record = make_fx(compute, tracing_mode="fake", _allow_non_fake_inputs=True)
        traced = record(torch.zeros(example.shape))
    writer = Writer()
    numbers = writer.op("Cast", GIVEN, to=TensorProto.FLOAT)
    last = _write(writer, traced, _normalised(writer, numbers, preprocessing))
    return _serialised(writer, last, example)


def _write(writer: Writer, traced: GraphModule, entering: str) -> Node:
    """Write down all recorded operations in order; returns the last value."""
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
    raise UntranslatableError("nothing comes out")


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
        [helper.make_tensor_value_info(GIVEN, TensorProto.UINT8, tuple(example.shape))],
        [helper.make_tensor_value_info("activations", TensorProto.FLOAT, shape_of(last))],
        initializer=writer.constants,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    return bytes(model.SerializeToString())
