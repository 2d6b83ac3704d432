"""The rules that translate elementary operations of torch ("aten" operations) to ONNX operators.

There is a rule for each operation that the networks of image backbones use in inference. Arguments are
those of torch's schema of the operation, in order; trailing arguments with default values are absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch.fx import Node

from tlstudio.models.onnx.recording import IMAGES, UntranslatableError


class Writer:
    """Collects the operators and constants of a graph, and the name that each traced value has in it.

    Args:
        opset: Version of the operators that may be used.
        images: Name of the images that enter.

    Attributes:
        nodes: Operators in order.
        constants: Values that are stored.
        names: Name of each traced value.
    """

    def __init__(self, *, opset: int, images: str) -> None:
        self.opset = opset
        self.images = images
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.names: dict[Node, str] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator with one output and return the output's name."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Sequence[int] | NDArray[Any] | int, *, name: str | None = None) -> str:
        """Add a constant and return its name, which must be new; integers become int64."""
        name = name or f"c{len(self.constants)}"
        array = value if isinstance(value, np.ndarray) else np.asarray(value, np.int64)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def value(self, argument: Any) -> str:
        """The name of an argument: an earlier value, a number, or the empty name for None."""
        if argument is None:
            return ""
        if isinstance(argument, Node):
            return self.names[argument]
        return self.constant(np.asarray(argument, np.float32))


GELU_OPSET = 20
"""The first version with GELU as one operator."""

Rule: TypeAlias = Callable[[Writer, Node], str]
RULES: dict[str, Rule] = {}


def shape_of(node: Any) -> tuple[int, ...]:
    """The shape of a traced value."""
    return tuple(int(side) for side in node.meta["val"].shape)


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return add


def _all(node: Node) -> Any:
    return node.args


def _argument(node: Node, index: int, default: Any = None) -> Any:
    return node.args[index] if len(node.args) > index else default


def _pair(value: Any) -> list[int]:
    values = [value, value] if isinstance(value, int) else list(value)
    return values * 2 if len(values) == 1 else values


def _elementwise(kind: str, **attributes: Any) -> Rule:
    return lambda writer, node: writer.op(kind, writer.value(node.args[0]), **attributes)


def _binary(kind: str) -> Rule:
    def write(writer: Writer, node: Node) -> str:
        if node.kwargs:
            raise UntranslatableError(f"{node.target} with {dict(node.kwargs)}")
        if not all(arg.meta["val"].is_floating_point() for arg in node.args if isinstance(arg, Node)):
            raise UntranslatableError(f"{node.target} of whole numbers")
        return writer.op(kind, writer.value(node.args[0]), writer.value(node.args[1]))

    return write


RULES |= {
    "relu.default": _elementwise("Relu"),
    "relu_.default": _elementwise("Relu"),
    "sigmoid.default": _elementwise("Sigmoid"),
    "sqrt.default": _elementwise("Sqrt"),
    "tanh.default": _elementwise("Tanh"),
    "hardswish.default": _elementwise("HardSwish"),
    "hardswish_.default": _elementwise("HardSwish"),
    "hardsigmoid.default": _elementwise("HardSigmoid", alpha=1 / 6, beta=0.5),
    "detach.default": _elementwise("Identity"),
    "clone.default": _elementwise("Identity"),
    "unbind.int": _elementwise("Identity"),
    "add.Tensor": _binary("Add"),
    "add_.Tensor": _binary("Add"),
    "sub.Tensor": _binary("Sub"),
    "mul.Tensor": _binary("Mul"),
    "mul_.Tensor": _binary("Mul"),
    "div.Tensor": _binary("Div"),
    "bmm.default": _binary("MatMul"),
    "mm.default": _binary("MatMul"),
}


@_rule("silu.default", "silu_.default")
def _silu(writer: Writer, node: Node) -> str:
    x = writer.value(node.args[0])
    return writer.op("Mul", x, writer.op("Sigmoid", x))


@_rule("getitem")
def _item(writer: Writer, node: Node) -> str:
    parent, index = _all(node)
    if parent.target is torch.ops.aten.unbind.int:
        axis = _argument(parent, 1, 0)
        return writer.op("Gather", writer.names[parent], writer.constant(int(index)), axis=axis)
    if index != 0:
        # Other operations with several results return the first for inference and the rest for training.
        raise UntranslatableError(f"result {index} of {parent.target}")
    return writer.names[parent]


@_rule("gelu.default")
def _gelu(writer: Writer, node: Node) -> str:
    x, approximate = writer.value(node.args[0]), node.kwargs.get("approximate", "none")
    if writer.opset >= GELU_OPSET:
        return writer.op("Gelu", x, approximate=approximate)
    half, one = writer.value(0.5), writer.value(1.0)
    if approximate == "none":
        curve = writer.op("Erf", writer.op("Mul", x, writer.value(0.5**0.5)))
    else:
        cube = writer.op("Mul", writer.op("Mul", x, x), writer.op("Mul", x, writer.value(0.044715)))
        sum_of_both = writer.op("Add", x, cube)
        curve = writer.op("Tanh", writer.op("Mul", sum_of_both, writer.value((2 / np.pi) ** 0.5)))
    return writer.op("Mul", writer.op("Mul", x, half), writer.op("Add", curve, one))


@_rule("hardtanh.default", "hardtanh_.default", "clamp.default")
def _clip(writer: Writer, node: Node) -> str:
    low, high = (-1.0, 1.0) if "hardtanh" in str(node.target) else (None, None)
    limits = (writer.value(_argument(node, 1, low)), writer.value(_argument(node, 2, high)))
    return writer.op("Clip", writer.value(node.args[0]), *limits)


@_rule("convolution.default")
def _convolution(writer: Writer, node: Node) -> str:
    x, weight, bias, stride, padding, dilation, transposed, _, groups = _all(node)
    if transposed or len(shape_of(weight)) != 4:
        raise UntranslatableError("a convolution that is transposed or not over images")
    inputs = [writer.value(x), writer.value(weight)] + ([] if bias is None else [writer.value(bias)])
    return writer.op(
        "Conv",
        *inputs,
        kernel_shape=shape_of(weight)[2:],
        strides=_pair(stride),
        pads=_pair(padding) * 2,
        dilations=_pair(dilation),
        group=groups,
    )


@_rule("native_batch_norm.default", "_native_batch_norm_legit_no_training.default")
def _batch_norm(writer: Writer, node: Node) -> str:
    x, weight, bias, mean, var, *rest = _all(node)
    eps = rest[-1]
    if len(rest) == 3 and rest[0]:
        raise UntranslatableError("batch normalisation that is training")
    channels = shape_of(mean)
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
def _layer_norm(writer: Writer, node: Node) -> str:
    x, sides, weight, bias, eps = _all(node)
    scale = writer.value(weight) or writer.constant(np.ones(sides, np.float32))
    inputs = [writer.value(x), scale] + ([] if bias is None else [writer.value(bias)])
    return writer.op("LayerNormalization", *inputs, axis=-len(sides), epsilon=eps)


@_rule("max_pool2d_with_indices.default")
def _max_pool(writer: Writer, node: Node) -> str:
    kernel = _pair(_argument(node, 1))
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
def _average_pool(writer: Writer, node: Node) -> str:
    if _argument(node, 6) is not None:
        raise UntranslatableError("average pooling with a given divisor")
    kernel = _pair(_argument(node, 1))
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
def _mean(writer: Writer, node: Node) -> str:
    x, axes = _all(node)[:2]
    rank = len(shape_of(x))
    if rank == 4 and sorted(axis % rank for axis in axes) == [2, 3]:
        # Runtimes compute this operator faster, and keep their own memory layout up to it.
        pooled = writer.op("GlobalAveragePool", writer.value(x))
        return pooled if _argument(node, 2, False) else _reshaped(writer, pooled, node)
    keep = int(_argument(node, 2, False))
    return writer.op("ReduceMean", writer.value(x), writer.constant(list(axes)), keepdims=keep)


@_rule("amin.default")
def _smallest(writer: Writer, node: Node) -> str:
    axes, keep = list(_argument(node, 1, [])), int(_argument(node, 2, False))
    return writer.op("ReduceMin", writer.value(node.args[0]), writer.constant(axes), keepdims=keep)


@_rule("topk.default")
def _largest(writer: Writer, node: Node) -> str:
    x, count = _all(node)[:2]
    if not (_argument(node, 3, True) and _argument(node, 4, True)):
        raise UntranslatableError("the smallest values, or values in no order")
    values = f"largest{len(writer.nodes)}"
    inputs = [writer.value(x), writer.constant([count])]
    axis = _argument(node, 2, -1)
    writer.nodes.append(helper.make_node("TopK", inputs, [values, f"{values}_places"], axis=axis))
    return values


def _reshaped(writer: Writer, value: str, node: Node) -> str:
    batched = _batched_axes(node)
    if len(batched) > 1:
        raise UntranslatableError("a shape in which the number of images stands twice")
    # What is not given follows from the number of values.
    sides = [-1 if axis in batched else side for axis, side in enumerate(shape_of(node))]
    return writer.op("Reshape", value, writer.constant(sides))


def _batched_axes(node: Node) -> list[int]:
    """Axes whose length depends on the number of images; none where that is fixed."""
    return [axis for axis, batched in enumerate(node.meta.get("batched", ())) if batched]


@_rule("view.default", "_unsafe_view.default", "reshape.default", "unsqueeze.default", "squeeze.dim")
def _view(writer: Writer, node: Node) -> str:
    return _reshaped(writer, writer.value(node.args[0]), node)


@_rule("as_strided_.default", "as_strided.default")
def _restrided(writer: Writer, node: Node) -> str:
    # torch changes the strides of axes of length one; any other change would reorder values.
    before, sides = _argument(node, 0), shape_of(node)
    strides = [stride for stride, side in zip(_argument(node, 2), sides, strict=True) if side > 1]
    if shape_of(before) != sides or len(strides) > 2 or strides != sorted(strides, reverse=True):
        raise UntranslatableError("a view with other strides")
    return writer.value(before)


@_rule("permute.default")
def _permute(writer: Writer, node: Node) -> str:
    rank = len(shape_of(node))
    return writer.op(
        "Transpose", writer.value(node.args[0]), perm=[axis % rank for axis in _argument(node, 1)]
    )


@_rule("t.default", "transpose.int")
def _transpose(writer: Writer, node: Node) -> str:
    axes = list(range(len(shape_of(node))))
    first, second = _argument(node, 1, 0), _argument(node, 2, 1)
    axes[first], axes[second] = axes[second], axes[first]
    return writer.op("Transpose", writer.value(node.args[0]), perm=axes)


@_rule("expand.default")
def _expand(writer: Writer, node: Node) -> str:
    x, sides, batched = writer.value(node.args[0]), list(shape_of(node)), _batched_axes(node)
    before = [1] * (len(sides) - len(shape_of(node.args[0]))) + list(shape_of(node.args[0]))
    repeated = [axis for axis in batched if before[axis] == 1]
    if repeated and (repeated != [0] or sides[0] != IMAGES):
        raise UntranslatableError("something repeated otherwise than once for each image")
    for axis in batched:
        sides[axis] = 1  # keeps the length that it has
    if not repeated:
        return writer.op("Expand", x, writer.constant(sides))
    number = writer.op("Shape", writer.images, start=0, end=1)
    return writer.op("Expand", x, writer.op("Concat", number, writer.constant(sides[1:]), axis=0))


@_rule("cat.default")
def _cat(writer: Writer, node: Node) -> str:
    parts = [writer.value(part) for part in _argument(node, 0)]
    return writer.op("Concat", *parts, axis=_argument(node, 1, 0))


@_rule("select.int")
def _select(writer: Writer, node: Node) -> str:
    x, axis, index = _all(node)
    return writer.op("Gather", writer.value(x), writer.constant(int(index)), axis=axis)


@_rule("slice.Tensor")
def _slice(writer: Writer, node: Node) -> str:
    axis, start, end = _argument(node, 1, 0), _argument(node, 2) or 0, _argument(node, 3)
    bounds = [start, 2**62 if end is None else end, axis, _argument(node, 4, 1)]
    return writer.op("Slice", writer.value(node.args[0]), *(writer.constant([bound]) for bound in bounds))


@_rule("constant_pad_nd.default")
def _pad(writer: Writer, node: Node) -> str:
    widths = list(_argument(node, 1))
    rank = len(shape_of(node))
    # torch counts from the last axis, start and end of each together; ONNX all starts, then all ends.
    starts, ends = [0] * rank, [0] * rank
    for place in range(len(widths) // 2):
        starts[rank - 1 - place], ends[rank - 1 - place] = widths[2 * place : 2 * place + 2]
    fill = writer.constant(np.asarray(_argument(node, 2, 0.0), np.float32))
    return writer.op("Pad", writer.value(node.args[0]), writer.constant(starts + ends), fill)


@_rule("addmm.default")
def _addmm(writer: Writer, node: Node) -> str:
    if node.kwargs:
        raise UntranslatableError(f"{node.target} with {dict(node.kwargs)}")
    bias, left, right = (writer.value(argument) for argument in _all(node))
    return writer.op("Gemm", left, right, bias)


@_rule("_softmax.default")
def _softmax(writer: Writer, node: Node) -> str:
    return writer.op("Softmax", writer.value(node.args[0]), axis=node.args[1])


@_rule("_scaled_dot_product_flash_attention_for_cpu.default")
def _attention(writer: Writer, node: Node) -> str:
    if _argument(node, 3, 0.0) or _argument(node, 4, False) or node.kwargs.get("attn_mask") is not None:
        raise UntranslatableError("attention with dropout or a mask")
    query, key, value = (writer.value(argument) for argument in _all(node)[:3])
    width = shape_of(_argument(node, 0))[-1]
    scale: Any = node.kwargs.get("scale") or width**-0.5
    # The square root of the scale on each side, as in torch's own code, keeps the products small.
    root = writer.constant(np.asarray(scale**0.5, np.float32))
    turned = writer.op("Transpose", key, perm=[0, 1, 3, 2])
    scores = writer.op("MatMul", writer.op("Mul", query, root), writer.op("Mul", turned, root))
    return writer.op("MatMul", writer.op("Softmax", scores, axis=-1), value)
