import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from tlstudio.export.onnx.graph import GraphBuilder


def _run(g: GraphBuilder, output: str, kind: int, shape: list[str], **inputs: np.ndarray) -> np.ndarray:
    model = g.model(
        "test",
        inputs=[helper.make_tensor_value_info("x", TensorProto.INT64, ["n"])],
        outputs=[helper.make_tensor_value_info(output, kind, shape)],
    )
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def test_nodes_are_named_with_the_prefix_and_equal_constants_stored_once() -> None:
    g = GraphBuilder("left_")
    first, second = g.constant([1, 2]), g.constant([1, 2])
    assert first == second
    assert g.constant([1, 2], np.float32) != first
    assert g.constant([[1, 2]]) != first
    g.op("Add", "x", first)
    assert len(g.constants) == 3
    assert all(node.name.startswith("left_") and node.output[0].startswith("left_") for node in g.nodes)


def test_shapes_and_parts() -> None:
    g = GraphBuilder("t_")
    low, high = g.item("x", 1), g.item("x", -1)
    counted = g.count(high)
    part = g.part(counted, low, high, axis=0)
    table = g.op("Mul", g.column(part), g.row(part))
    values = _run(g, table, TensorProto.INT64, ["a", "b"], x=np.array([9, 2, 5]))
    np.testing.assert_array_equal(values, np.outer([2, 3, 4], [2, 3, 4]))


def test_casting_rounds_towards_zero() -> None:
    g = GraphBuilder("t_")
    halves = g.op("Div", g.cast("x", "double"), g.constant(2, np.float64))
    values = _run(g, g.cast(halves, "int32"), TensorProto.INT32, ["a"], x=np.array([-3, 3]))
    np.testing.assert_array_equal(values, [-1, 1])
    assert values.dtype == np.int32
