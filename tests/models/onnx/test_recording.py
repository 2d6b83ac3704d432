"""Recordings hold what was computed, and nothing of torch's compiler is needed for them."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from tests.conftest import REPOSITORY
from tlstudio.models.onnx.recording import Recording, record


def names(recording: Recording) -> list[str]:
    """Operations in the order they ran."""
    return [
        getattr(node.target, "__name__", str(node.target))
        for node in recording.nodes
        if node.op == "call_function"
    ]


def test_operations_come_in_order_with_their_shapes():
    layer = nn.Conv2d(3, 4, 3).eval()
    recording = record(lambda x: F.relu(layer(x)), torch.zeros(2, 3, 8, 8))
    assert names(recording) == ["convolution.default", "relu.default"]
    assert [tuple(node.meta["val"].shape) for node in recording.nodes] == [
        *((2, 3, 8, 8), (4, 3, 3, 3), (4,), (2, 4, 6, 6), (2, 4, 6, 6))
    ]
    pairs = zip(recording.constants.values(), layer.parameters(), strict=True)
    assert all(constant is weight for constant, weight in pairs)
    assert recording.last.target is torch.ops.aten.relu.default


def test_a_tensor_changed_in_place_comes_from_the_last_change():
    def run(x: Tensor) -> Tensor:
        y = x + 1
        y.clamp_(0, 6)
        return y * 2

    recording = record(run, torch.zeros(3))
    assert names(recording) == ["add.Tensor", "clamp_.default", "mul.Tensor"]
    assert recording.last.args[0].target is torch.ops.aten.clamp_.default


def test_each_result_of_an_operation_with_several_is_told_apart():
    recording = record(lambda x: x.unbind(0)[1], torch.zeros(2, 3))
    assert names(recording)[0] == "unbind.int"
    assert recording.last.args[1] == 1


def test_what_goes_in_may_come_out():
    recording = record(lambda x: x, torch.zeros(3))
    assert recording.last is recording.nodes[0]
    assert names(recording) == []


def test_activations_are_freed_while_it_runs():
    alive: list[weakref.ref[Tensor]] = []

    def run(x: Tensor) -> Tensor:
        for _ in range(3):
            x = x * 2
            alive.append(weakref.ref(x))
        gc.collect()
        assert [reference() is None for reference in alive] == [True, True, False]
        return x

    record(run, torch.zeros(3))


def test_a_graph_is_translated_without_torchs_compiler():
    code = (
        "import sys, torch\n"
        "from tlstudio.core.types import Preprocessing\n"
        "from tlstudio.models.onnx.graph import frozen_onnx\n"
        "run = torch.nn.Conv2d(3, 4, 3).eval()\n"
        "example = torch.zeros(1, 3, 8, 8, dtype=torch.uint8)\n"
        "frozen_onnx(run, example=example, preprocessing=Preprocessing(input_size=8, resize_size=8))\n"
        "print([name for name in ('torch._dynamo', 'torch._inductor') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
