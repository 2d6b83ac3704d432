"""Helps to write ONNX graphs node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, DTypeLike
from onnx import TensorProto, helper, numpy_helper

from tlstudio.models.onnx.graph import IR_VERSION

OPSET = 18
"""Supported, with the version of the encoding, by onnxruntime 1.18 and newer."""

_TYPES = {
    "float": TensorProto.FLOAT,
    "double": TensorProto.DOUBLE,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
}


class GraphBuilder:
    """Collects the nodes and constants of a graph; values are referred to by name.

    Args:
        prefix: Put before every name, so that graphs can be merged.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._known: dict[tuple[str, bytes, tuple[int, ...]], str] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output.

        Args:
            kind: Name of the ONNX operator.
            inputs: Names of values; an empty name omits an optional input.
            attributes: Attributes of the operator.

        Returns:
            Name of the output.
        """
        return self.ops(kind, *inputs, outputs=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs and return their names."""
        number = len(self.nodes)
        names = [f"{self.prefix}{kind.lower()}_{number}_{index}" for index in range(outputs)]
        self.nodes.append(
            helper.make_node(kind, list(inputs), names, name=f"{self.prefix}{kind}_{number}", **attributes)
        )
        return names

    def constant(self, value: ArrayLike, dtype: DTypeLike = np.int64) -> str:
        """Add a constant of any shape and return its name; equal ones are stored once."""
        array = np.asarray(value, dtype=dtype)
        key = (str(array.dtype), array.tobytes(), array.shape)
        if key not in self._known:
            self._known[key] = f"{self.prefix}constant_{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def cast(self, value: str, to: str) -> str:
        """Convert to "float", "double", "int32" or "int64", rounding towards zero."""
        return self.op("Cast", value, to=_TYPES[to])

    def column(self, value: str) -> str:
        """Reshape `[N]` to `[N, 1]`."""
        return self.op("Unsqueeze", value, self.constant([1]))

    def row(self, value: str) -> str:
        """Reshape a scalar to `[1]`, or `[N]` to `[1, N]`."""
        return self.op("Unsqueeze", value, self.constant([0]))

    def item(self, value: str, index: int) -> str:
        """Take one element of `[N]` as a scalar; negative indices count from the end."""
        return self.op("Gather", value, self.constant(index))

    def count(self, limit: str) -> str:
        """Make int64 `[limit]` with the values 0, 1, … limit - 1."""
        return self.op("Range", self.constant(0), limit, self.constant(1))

    def part(self, value: str, start: str, end: str, *, axis: int) -> str:
        """Slice one axis from `start` to before `end`, both scalars."""
        return self.op("Slice", value, self.row(start), self.row(end), self.constant([axis]))

    def model(
        self, name: str, *, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """Make a model of all nodes and constants added so far."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, initializer=self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
