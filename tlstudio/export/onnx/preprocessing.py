"""The preprocessing of `tlstudio.data.preprocessing` as an ONNX graph.

ONNX's Resize rounds differently from torch's resize of bytes, which changes some probabilities by more than
an export may. So the graph computes what torch computes (aten/src/ATen/native/cpu/UpSampleKernel.cpp and
UpSampleKernelAVXAntialias.h): filter weights in double precision, rounded to 16-bit integers with as many
fractional bits as the largest weight allows; horizontally first, then vertically; each pass rounded and
clamped to 0–255. All of this is exact here too, so the pixels are equal bit for bit.

Each pass is a matrix product in float32, which is exact for integers up to 2^24; for that the 16-bit weights
are split into two halves, and the results are combined in 32-bit integers. Only the used part of the image is
converted, in strips, so that a 12-megapixel photo takes little memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
from onnx import TensorProto, helper

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import MAX_ASPECT
from tlstudio.export.onnx.graph import GraphBuilder

STRIPS = 8
"""Number of strips in which each pass computes its result, so that it needs little memory at a time."""

MOST_BITS = 22
"""Largest number of fractional bits of a weight; torch has the same limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Sizes that describe the resizing of one side of the image, as names of int64 scalars in the graph.

    Attributes:
        start: First pixel that is used.
        length: Number of pixels that are used.
        resized: Number of pixels after resizing.
        offset: Added to a position in the result, it gives the position in the resized image.
    """

    start: str
    length: str
    resized: str
    offset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taps:
    """The filter of one axis, as names in the graph.

    Attributes:
        first: First source pixel of each position of the result, int64 [S].
        weights: Integer weights as float32 [S, K], K the largest number of taps of any position.
        taps: K, a scalar.
        one: The integer that represents a weight of 1, int32 scalar, a power of two.
    """

    first: str
    weights: str
    taps: str
    one: str


def preprocessing_model(preprocessing: Preprocessing) -> onnx.ModelProto:
    """Make a graph from a decoded image to the backbone's input.

    Args:
        preprocessing: Of the backbone; `resize_size` is at least `input_size` for "crop".

    Returns:
        A model with input "image" uint8 [height, width, 3] and output "prepared" float32 [1, 3, S, S],
        normalised.
    """
    g = GraphBuilder("prepare_")
    size = preprocessing.input_size
    pixels = _resized(g, "image", preprocessing)
    mean = np.array(preprocessing.mean, np.float32).reshape(3, 1, 1) * np.float32(255)
    std = np.array(preprocessing.std, np.float32).reshape(3, 1, 1) * np.float32(255)
    centred = g.op("Sub", pixels, g.constant(mean, np.float32))
    g.nodes.append(
        helper.make_node(
            "Unsqueeze",
            [g.op("Div", centred, g.constant(std, np.float32)), g.constant([0])],
            ["prepared"],
            name="prepare_batch",
        )
    )
    return g.model(
        "preprocessing",
        inputs=[helper.make_tensor_value_info("image", TensorProto.UINT8, ["height", "width", 3])],
        outputs=[helper.make_tensor_value_info("prepared", TensorProto.FLOAT, [1, 3, size, size])],
    )


def _resized(g: GraphBuilder, image: str, preprocessing: Preprocessing) -> str:
    """The resized image, integers 0–255 as float32 [3, S, S]."""
    shape = g.op("Shape", image)
    sides = [g.item(shape, 0), g.item(shape, 1)]
    make_axis = _padded_axis if preprocessing.fit == "pad" else _cropped_axis
    vertical, horizontal = (
        make_axis(g, own, other, preprocessing) for own, other in (sides, reversed(sides))
    )
    rows, columns = (_taps(g, axis, preprocessing) for axis in (vertical, horizontal))
    first_row = g.item(rows.first, 0)
    last_row = g.op("Min", g.op("Add", g.item(rows.first, -1), rows.taps), vertical.length)
    band = g.part(
        image,
        g.op("Add", vertical.start, first_row),
        g.op("Add", vertical.start, last_row),
        axis=0,
    )
    band = g.part(band, horizontal.start, g.op("Add", horizontal.start, horizontal.length), axis=1)
    strips = []
    for part in _strips(preprocessing.input_size):
        matrix, start, end = _matrix(g, columns, part, length=horizontal.length)
        source = g.cast(g.op("Transpose", g.part(band, start, end, axis=1), perm=[2, 0, 1]), "float")
        product = g.op("MatMul", source, g.op("Transpose", matrix, perm=[1, 0]))
        strips.append(_rounded(g, product, one=columns.one, axis=2))
    narrow = g.op("Concat", *strips, axis=2)
    strips = []
    for part in _strips(preprocessing.input_size):
        matrix, start, end = _matrix(g, rows, part, length=vertical.length)
        source = g.part(narrow, g.op("Sub", start, first_row), g.op("Sub", end, first_row), axis=1)
        strips.append(_rounded(g, g.op("MatMul", matrix, source), one=rows.one, axis=1))
    square = g.op("Concat", *strips, axis=1)
    if preprocessing.fit == "pad":
        square = _fill(g, square, vertical=vertical, horizontal=horizontal, preprocessing=preprocessing)
    return square


def _strips(size: int) -> list[range]:
    edges = [size * number // STRIPS for number in range(STRIPS + 1)]
    return [range(low, high) for low, high in pairwise(edges) if high > low]


def _half(g: GraphBuilder, value: str) -> str:
    """Half of a scalar that is not negative, rounded half to even as Python's `round` does."""
    two = g.constant(2)
    half = g.op("Div", value, two)
    odd = g.op("Sub", value, g.op("Mul", half, two))
    return g.op("Add", half, g.op("Mul", odd, g.op("Sub", half, g.op("Mul", g.op("Div", half, two), two))))


def _cropped_axis(g: GraphBuilder, own: str, other: str, preprocessing: Preprocessing) -> _Axis:
    short = g.op("Min", own, other)
    length = g.op("Min", own, g.op("Mul", short, g.constant(MAX_ASPECT)))
    resized = g.op("Div", g.op("Mul", length, g.constant(preprocessing.resize_size)), short)
    return _Axis(
        start=_half(g, g.op("Sub", own, length)),
        length=length,
        resized=resized,
        offset=_half(g, g.op("Sub", resized, g.constant(preprocessing.input_size))),
    )


def _padded_axis(g: GraphBuilder, own: str, other: str, preprocessing: Preprocessing) -> _Axis:
    size = preprocessing.input_size
    scale = g.op("Div", g.constant(size, np.float64), g.cast(g.op("Max", own, other), "double"))
    rounded = g.cast(g.op("Round", g.op("Mul", g.cast(own, "double"), scale)), "int64")
    resized = g.op("Max", rounded, g.constant(1))
    space = g.op("Div", g.op("Sub", g.constant(size), resized), g.constant(2))
    return _Axis(start=g.constant(0), length=own, resized=resized, offset=g.op("Neg", space))


def _taps(g: GraphBuilder, axis: _Axis, preprocessing: Preprocessing) -> _Taps:
    def number(value: float) -> str:
        return g.constant(value, np.float64)

    reach = 2.0 if preprocessing.interpolation == "bicubic" else 1.0
    scale = g.op("Div", g.cast(axis.length, "double"), g.cast(axis.resized, "double"))
    stretch = g.op("Max", scale, number(1))
    support = g.op("Mul", stretch, number(reach))
    taps = g.op("Add", g.op("Mul", g.cast(g.op("Ceil", support), "int64"), g.constant(2)), g.constant(1))
    position = g.op("Add", g.cast(g.count(axis.resized), "double"), number(0.5))
    centre = g.op("Mul", scale, position)
    from_centre = g.op("Add", g.op("Sub", centre, support), number(0.5))
    to_centre = g.op("Add", g.op("Add", centre, support), number(0.5))
    first = g.op("Max", g.cast(from_centre, "int64"), g.constant(0))
    end = g.op("Min", g.cast(to_centre, "int64"), axis.length)
    source = g.op("Add", g.column(first), g.row(g.count(taps)))
    distance = g.op("Add", g.op("Sub", g.cast(source, "double"), g.column(centre)), number(0.5))
    invert = g.op("Div", number(1), stretch)
    filtered = _filter(g, g.op("Abs", g.op("Mul", distance, invert)), preprocessing)
    inside = g.op("Where", g.op("Less", source, g.column(end)), filtered, number(0))
    weights = g.op("Div", inside, g.op("ReduceSum", inside, g.constant([1])))
    powers = 2.0 ** np.arange(MOST_BITS + 1)
    highest = g.op("ReduceMax", weights, keepdims=0)
    scaled = g.op("Floor", g.op("Add", g.op("Mul", highest, g.constant(powers[1:], np.float64)), number(0.5)))
    bits = g.op("ReduceSum", g.cast(g.op("Less", scaled, number(2**15)), "int64"), keepdims=0)
    one = g.op("Gather", g.constant(powers, np.float64), bits)
    exact = g.op("Mul", weights, one)
    # Rounds half away from zero, as the C++ code does.
    whole = g.op("Mul", g.op("Sign", exact), g.op("Floor", g.op("Add", g.op("Abs", exact), number(0.5))))
    shown = g.op("Add", g.constant(np.arange(preprocessing.input_size)), axis.offset)
    last = g.op("Sub", axis.resized, g.constant(1))
    shown = g.op("Max", g.op("Min", shown, last), g.constant(0))
    return _Taps(
        first=g.op("Gather", first, shown),
        weights=g.cast(g.op("Gather", whole, shown), "float"),
        taps=taps,
        one=g.cast(one, "int32"),
    )


def _filter(g: GraphBuilder, x: str, preprocessing: Preprocessing) -> str:
    """The filter at distances x >= 0, with the order of operations of aten's aa_filter."""

    def number(value: float) -> str:
        return g.constant(value, np.float64)

    if preprocessing.interpolation == "bilinear":
        return g.op("Max", g.op("Sub", number(1), x), number(0))
    a = -0.5
    near = g.op("Sub", g.op("Mul", number(a + 2), x), number(a + 3))
    near = g.op("Add", g.op("Mul", g.op("Mul", near, x), x), number(1))
    far = g.op("Add", g.op("Mul", g.op("Sub", g.op("Mul", number(a), x), number(5 * a)), x), number(8 * a))
    far = g.op("Sub", g.op("Mul", far, x), number(4 * a))
    far = g.op("Where", g.op("Less", x, number(2)), far, number(0))
    return g.op("Where", g.op("Less", x, number(1)), near, far)


def _matrix(g: GraphBuilder, taps: _Taps, part: range, *, length: str) -> tuple[str, str, str]:
    """The weights of one strip as a matrix over the source pixels that it needs.

    Returns:
        float32 [2 n, end - start], the upper halves of the weights of n positions and then the lower halves;
        start; end.
    """
    low, high = g.constant(part.start), g.constant(part.stop)
    first, weights = g.part(taps.first, low, high, axis=0), g.part(taps.weights, low, high, axis=0)
    start = g.item(first, 0)
    room = g.op("Add", g.item(first, -1), taps.taps)
    end = g.op("Min", room, length)
    width = g.op("Sub", room, start)
    # Unused taps at the end of a row may lie beyond the image; they get columns that are cut off again.
    columns = g.op("Add", g.column(g.op("Sub", first, start)), g.row(g.count(taps.taps)))
    shape = g.op("Concat", g.constant([len(part)]), g.row(width), axis=0)
    empty = g.op("Expand", g.constant(0, np.float32), shape)
    dense = g.op("ScatterElements", empty, columns, weights, axis=1)
    dense = g.part(dense, g.constant(0), g.op("Sub", end, start), axis=1)
    shifted = g.op("Add", dense, g.constant(128, np.float32))
    upper = g.op("Floor", g.op("Div", shifted, g.constant(256, np.float32)))
    lower = g.op("Sub", dense, g.op("Mul", upper, g.constant(256, np.float32)))
    return g.op("Concat", upper, lower, axis=0), start, end


def _rounded(g: GraphBuilder, product: str, *, one: str, axis: int) -> str:
    """Combine the halves, divide by `one`, round and clamp to 0–255; float32."""
    upper, lower = g.ops("Split", product, outputs=2, axis=axis, num_outputs=2)
    high = g.op("Mul", g.cast(upper, "int32"), g.constant(256, np.int32))
    total = g.op("Add", high, g.cast(lower, "int32"))
    half = g.op("Div", one, g.constant(2, np.int32))
    # Division rounds towards zero and torch's shift rounds down, but clamping makes both 0.
    value = g.op("Div", g.op("Add", total, half), one)
    clamped = g.op("Max", g.op("Min", value, g.constant(255, np.int32)), g.constant(0, np.int32))
    return g.cast(clamped, "float")


def _fill(
    g: GraphBuilder, square: str, *, vertical: _Axis, horizontal: _Axis, preprocessing: Preprocessing
) -> str:
    """Fill the padding with the mean colour."""
    here = []
    for axis in (vertical, horizontal):
        position = g.op("Add", g.constant(np.arange(preprocessing.input_size)), axis.offset)
        beyond = g.op("Less", position, axis.resized)
        here.append(g.op("And", g.op("GreaterOrEqual", position, g.constant(0)), beyond))
    image = g.op("And", g.column(here[0]), g.row(here[1]))
    colour = np.array([round(mean * 255) for mean in preprocessing.mean], np.float32).reshape(3, 1, 1)
    return g.op("Where", image, square, g.constant(colour, np.float32))
