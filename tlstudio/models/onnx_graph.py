"""The frozen stages as an ONNX graph, fast enough to be made while a person waits.

torch's own exporter takes 5 to 14 s for a backbone of the catalogue, which is more than the images of a usual
folder cost. It is made for every model there is, with shapes of any size. Here the batch is fixed and nothing
is trained, so it is enough to record which elementary operations one batch goes through (torch does that, in
a fraction of a second) and to write down each as the ONNX operator that computes the same. An operation
that is not in the table is an `UntranslatableError`, and the caller stays with torch; every graph is compared
with torch before it is used, so a wrong translation costs time and never a wrong number.
"""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.fx import Node
from torch.fx.experimental.proxy_tensor import make_fx

from tlstudio.core.types import Preprocessing

OPSET = 20
"""The first with GELU as one operator."""
IR_VERSION = 10
LARGEST_GRAPH_BYTES = 2**31 - 1
"""Of protobuf, which ONNX graphs are."""

Rule: TypeAlias = "Callable[[_Writer, Node], str]"
_RULES: dict[str, Rule] = {}


class UntranslatableError(Exception):
    """The stages use an operation that has no place in the table, or are too large for a graph."""


def frozen_onnx(
    run: Callable[[Tensor], Tensor], *, holder: nn.Module, preprocessing: Preprocessing, batch_size: int
) -> bytes:
    """A graph from images to activations.

    Args:
        run: From normalised images float32 [batch_size, 3, S, S] to one tensor; it uses no weights but those of
            `holder`.
        holder: In eval mode, on the CPU.
        preprocessing: Size and normalisation.
        batch_size: The only one that the graph takes.

    Returns:
        A serialised model with input "images" uint8 [batch_size, 3, S, S] and output "activations" float32.

    Raises:
        UntranslatableError: There is no such graph.
    """
    size = preprocessing.input_size
    with torch.no_grad():
        traced = make_fx(run, tracing_mode="fake", _allow_non_fake_inputs=True)(
            torch.zeros(batch_size, 3, size, size)
        )
    writer = _Writer(traced)
    writer.write(preprocessing)
    return writer.serialised((batch_size, 3, size, size))


class _Writer:
    """Goes through the recorded operations in order; each value of the record has a name in the graph."""

    def __init__(self, traced: torch.fx.GraphModule) -> None:
        self.traced = traced
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.names: dict[Node, str] = {}
        self.output = ""
        self.output_shape: tuple[int, ...] = ()

    def write(self, preprocessing: Preprocessing) -> None:
        """Translate all nodes."""
        for node in self.traced.graph.nodes:
            if node.op == "placeholder":
                self.names[node] = self._normalised(preprocessing)
            elif node.op == "get_attr":
                self.names[node] = self._weight(node)
            elif node.op == "output":
                (last,) = node.all_input_nodes
                self.output, self.output_shape = self.names[last], shape_of(last)
            elif node.target is operator.getitem:
                self.names[node] = self._item(node)
            elif node.users or node.target is not torch.ops.aten.empty.memory_format:
                rule = _RULES.get(str(node.target).removeprefix("aten."))
                if rule is None:
                    raise UntranslatableError(f"no ONNX operator is known for {node.target}")
                self.names[node] = rule(self, node)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator with one output and return the output's name."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Sequence[int] | NDArray[Any] | int) -> str:
        """A constant; whole numbers are int64."""
        name = f"c{len(self.constants)}"
        array = value if isinstance(value, np.ndarray) else np.asarray(value, np.int64)
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def value(self, argument: Any) -> str:
        """Name of an argument: an earlier value, a number, or nothing."""
        if argument is None:
            return ""
        if isinstance(argument, Node):
            return self.names[argument]
        return self.constant(np.asarray(argument, np.float32))

    def serialised(self, shape: tuple[int, ...]) -> bytes:
        """The finished graph."""
        self.nodes.append(helper.make_node("Identity", [self.output], ["activations"]))
        graph = helper.make_graph(
            self.nodes,
            "frozen",
            [helper.make_tensor_value_info("images", TensorProto.UINT8, shape)],
            [helper.make_tensor_value_info("activations", TensorProto.FLOAT, self.output_shape)],
            initializer=list(self.constants.values()),
        )
        if sum(len(constant.raw_data) for constant in self.constants.values()) > LARGEST_GRAPH_BYTES * 0.99:
            raise UntranslatableError("the stages are larger than a graph may be")
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        return bytes(model.SerializeToString())

    def _normalised(self, preprocessing: Preprocessing) -> str:
        # The same arithmetic in the same order as data.preprocessing.normalise.
        mean, std = (
            self.constant((np.asarray(values, np.float32) * np.float32(255)).reshape(1, 3, 1, 1))
            for values in (preprocessing.mean, preprocessing.std)
        )
        pixels = self.op("Cast", "images", to=TensorProto.FLOAT)
        return self.op("Div", self.op("Sub", pixels, mean), std)

    def _weight(self, node: Node) -> str:
        tensor: Tensor = getattr(self.traced, str(node.target))
        return self.constant(tensor.detach().contiguous().numpy())

    def _item(self, node: Node) -> str:
        parent, index = node.args
        assert isinstance(parent, Node)
        if parent.target is torch.ops.aten.unbind.int:
            axis = parent.args[1] if len(parent.args) > 1 else 0
            return self.op("Gather", self.names[parent], self.constant(int(index)), axis=axis)  # type: ignore[arg-type]
        # Of operations with several results only the first is of use: the others are for training.
        return self.names[parent] if index == 0 else ""


def shape_of(node: Node) -> tuple[int, ...]:
    """Shape of a recorded value."""
    return tuple(int(side) for side in node.meta["val"].shape)


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return add


def _argument(node: Node, index: int, default: Any = None) -> Any:
    return node.args[index] if len(node.args) > index else default


def _pair(value: Any) -> list[int]:
    values = [value, value] if isinstance(value, int) else list(value)
    return values * 2 if len(values) == 1 else values


def _elementwise(kind: str, **attributes: Any) -> Rule:
    return lambda writer, node: writer.op(kind, writer.value(node.args[0]), **attributes)


def _two(kind: str) -> Rule:
    def write(writer: _Writer, node: Node) -> str:
        if node.kwargs:
            raise UntranslatableError(f"{node.target} with {dict(node.kwargs)}")
        return writer.op(kind, writer.value(node.args[0]), writer.value(node.args[1]))

    return write


_RULES |= {
    "relu.default": _elementwise("Relu"),
    "relu_.default": _elementwise("Relu"),
    "sigmoid.default": _elementwise("Sigmoid"),
    "tanh.default": _elementwise("Tanh"),
    "hardswish.default": _elementwise("HardSwish"),
    "hardswish_.default": _elementwise("HardSwish"),
    "hardsigmoid.default": _elementwise("HardSigmoid", alpha=1 / 6, beta=0.5),
    "detach.default": _elementwise("Identity"),
    "clone.default": _elementwise("Identity"),
    "unbind.int": _elementwise("Identity"),
    "add.Tensor": _two("Add"),
    "add_.Tensor": _two("Add"),
    "sub.Tensor": _two("Sub"),
    "mul.Tensor": _two("Mul"),
    "mul_.Tensor": _two("Mul"),
    "div.Tensor": _two("Div"),
    "bmm.default": _two("MatMul"),
    "mm.default": _two("MatMul"),
}


@_rule("silu.default", "silu_.default")
def _silu(writer: _Writer, node: Node) -> str:
    x = writer.value(node.args[0])
    return writer.op("Mul", x, writer.op("Sigmoid", x))


@_rule("gelu.default")
def _gelu(writer: _Writer, node: Node) -> str:
    return writer.op("Gelu", writer.value(node.args[0]), approximate=node.kwargs.get("approximate", "none"))


@_rule("hardtanh.default", "hardtanh_.default", "clamp.default")
def _clip(writer: _Writer, node: Node) -> str:
    low, high = (-1.0, 1.0) if str(node.target).startswith("aten.hardtanh") else (None, None)
    limits = (writer.value(_argument(node, 1, low)), writer.value(_argument(node, 2, high)))
    return writer.op("Clip", writer.value(node.args[0]), *limits)


@_rule("convolution.default")
def _convolution(writer: _Writer, node: Node) -> str:
    x, weight, bias, stride, padding, dilation, transposed, _, groups = node.args
    if transposed or len(shape_of(weight)) != 4:  # type: ignore[arg-type]
        raise UntranslatableError("a convolution that is transposed or not over images")
    inputs = [writer.value(x), writer.value(weight)] + ([] if bias is None else [writer.value(bias)])
    return writer.op(
        "Conv",
        *inputs,
        kernel_shape=shape_of(weight)[2:],  # type: ignore[arg-type]
        strides=_pair(stride),
        pads=_pair(padding) * 2,
        dilations=_pair(dilation),
        group=groups,
    )


@_rule("native_batch_norm.default", "_native_batch_norm_legit_no_training.default")
def _batch_norm(writer: _Writer, node: Node) -> str:
    x, weight, bias, mean, var, *rest = node.args
    eps = rest[-1]
    if len(rest) == 3 and rest[0]:
        raise UntranslatableError("batch normalisation that is training")
    channels = shape_of(mean)  # type: ignore[arg-type]
    scale = writer.value(weight) or writer.constant(np.ones(channels, np.float32))
    shift = writer.value(bias) or writer.constant(np.zeros(channels, np.float32))
    return writer.op(
        "BatchNormalization",
        writer.value(x),
        scale,
        shift,
        writer.value(mean),
        writer.value(var),
        epsilon=eps,
    )


@_rule("native_layer_norm.default")
def _layer_norm(writer: _Writer, node: Node) -> str:
    x, sides, weight, bias, eps = node.args
    scale = writer.value(weight) or writer.constant(np.ones(sides, np.float32))  # type: ignore[arg-type]
    inputs = [writer.value(x), scale] + ([] if bias is None else [writer.value(bias)])
    return writer.op("LayerNormalization", *inputs, axis=-len(sides), epsilon=eps)  # type: ignore[arg-type]


@_rule("max_pool2d_with_indices.default")
def _max_pool(writer: _Writer, node: Node) -> str:
    kernel = _pair(node.args[1])
    return writer.op(
        "MaxPool",
        writer.value(node.args[0]),
        kernel_shape=kernel,
        strides=_pair(_argument(node, 2) or kernel),
        pads=_pair(_argument(node, 3, 0)) * 2,
        dilations=_pair(_argument(node, 4, 1)),
        ceil_mode=int(_argument(node, 5, False)),
    )


@_rule("avg_pool2d.default")
def _average_pool(writer: _Writer, node: Node) -> str:
    if _argument(node, 6) is not None:
        raise UntranslatableError("an average with a divisor of its own")
    kernel = _pair(node.args[1])
    return writer.op(
        "AveragePool",
        writer.value(node.args[0]),
        kernel_shape=kernel,
        strides=_pair(_argument(node, 2) or kernel),
        pads=_pair(_argument(node, 3, 0)) * 2,
        ceil_mode=int(_argument(node, 4, False)),
        count_include_pad=int(_argument(node, 5, True)),
    )


@_rule("mean.dim")
def _mean(writer: _Writer, node: Node) -> str:
    x, axes = node.args[:2]
    rank = len(shape_of(x))  # type: ignore[arg-type]
    if rank == 4 and sorted(axis % rank for axis in axes) == [2, 3]:  # type: ignore[operator, union-attr]
        # Runtimes have a faster way for this one, and keep their own image layout up to it.
        pooled = writer.op("GlobalAveragePool", writer.value(x))
        return pooled if _argument(node, 2, False) else _reshaped(writer, pooled, node)
    keep = int(_argument(node, 2, False))
    return writer.op("ReduceMean", writer.value(x), writer.constant(list(axes)), keepdims=keep)  # type: ignore[arg-type]


def _reshaped(writer: _Writer, value: str, node: Node) -> str:
    return writer.op("Reshape", value, writer.constant(shape_of(node)))


@_rule("view.default", "_unsafe_view.default", "reshape.default", "unsqueeze.default", "squeeze.dim")
def _view(writer: _Writer, node: Node) -> str:
    return _reshaped(writer, writer.value(node.args[0]), node)


@_rule("as_strided_.default", "as_strided.default")
def _restrided(writer: _Writer, node: Node) -> str:
    # torch writes the strides of a side of length one anew; anything else would move numbers about.
    before = node.args[0]
    if shape_of(before) != shape_of(node) or sum(side > 1 for side in shape_of(node)) > 2:  # type: ignore[arg-type]
        raise UntranslatableError("a view with strides of its own")
    return writer.value(before)


@_rule("permute.default")
def _permute(writer: _Writer, node: Node) -> str:
    rank = len(shape_of(node))
    return writer.op("Transpose", writer.value(node.args[0]), perm=[axis % rank for axis in node.args[1]])  # type: ignore[operator, union-attr]


@_rule("t.default", "transpose.int")
def _transpose(writer: _Writer, node: Node) -> str:
    axes = list(range(len(shape_of(node))))
    first, second = _argument(node, 1, 0), _argument(node, 2, 1)
    axes[first], axes[second] = axes[second], axes[first]
    return writer.op("Transpose", writer.value(node.args[0]), perm=axes)


@_rule("expand.default")
def _expand(writer: _Writer, node: Node) -> str:
    return writer.op("Expand", writer.value(node.args[0]), writer.constant(shape_of(node)))


@_rule("cat.default")
def _cat(writer: _Writer, node: Node) -> str:
    parts = [writer.value(part) for part in node.args[0]]  # type: ignore[union-attr]
    return writer.op("Concat", *parts, axis=_argument(node, 1, 0))


@_rule("select.int")
def _select(writer: _Writer, node: Node) -> str:
    x, axis, index = node.args
    return writer.op("Gather", writer.value(x), writer.constant(int(index)), axis=axis)  # type: ignore[arg-type]


@_rule("slice.Tensor")
def _slice(writer: _Writer, node: Node) -> str:
    axis, start, end = _argument(node, 1, 0), _argument(node, 2) or 0, _argument(node, 3)
    bounds = [start, 2**62 if end is None else end, axis, _argument(node, 4, 1)]
    return writer.op("Slice", writer.value(node.args[0]), *(writer.constant([bound]) for bound in bounds))


@_rule("constant_pad_nd.default")
def _pad(writer: _Writer, node: Node) -> str:
    widths = list(node.args[1])  # type: ignore[arg-type]
    rank = len(shape_of(node))
    # torch counts from the last axis, start and end of each together; ONNX all starts, then all ends.
    starts, ends = [0] * rank, [0] * rank
    for place in range(len(widths) // 2):
        starts[rank - 1 - place], ends[rank - 1 - place] = widths[2 * place : 2 * place + 2]
    fill = writer.constant(np.asarray(_argument(node, 2, 0.0), np.float32))
    return writer.op("Pad", writer.value(node.args[0]), writer.constant(starts + ends), fill)


@_rule("addmm.default")
def _addmm(writer: _Writer, node: Node) -> str:
    if node.kwargs:
        raise UntranslatableError(f"{node.target} with {dict(node.kwargs)}")
    bias, left, right = (writer.value(argument) for argument in node.args)
    return writer.op("Gemm", left, right, bias)


@_rule("_softmax.default")
def _softmax(writer: _Writer, node: Node) -> str:
    return writer.op("Softmax", writer.value(node.args[0]), axis=node.args[1])


@_rule("_scaled_dot_product_flash_attention_for_cpu.default")
def _attention(writer: _Writer, node: Node) -> str:
    if _argument(node, 3, 0.0) or _argument(node, 4, False) or node.kwargs.get("attn_mask") is not None:
        raise UntranslatableError("attention with dropout or a mask")
    query, key, value = (writer.value(argument) for argument in node.args[:3])
    width = shape_of(node.args[0])[-1]  # type: ignore[arg-type]
    scale = node.kwargs.get("scale") or width**-0.5
    # Half of the scale on each side, as torch's own reference does: products stay small.
    root = writer.constant(np.asarray(float(scale) ** 0.5, np.float32))  # type: ignore[arg-type]
    turned = writer.op("Transpose", key, perm=[0, 1, 3, 2])
    scores = writer.op("MatMul", writer.op("Mul", query, root), writer.op("Mul", turned, root))
    return writer.op("MatMul", writer.op("Softmax", scores, axis=-1), value)
