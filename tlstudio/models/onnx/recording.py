"""Records the elementary operations of torch ("aten" operations) that a computation consists of.

torch's own `make_fx` records the same, but imports torch's compiler for it, which takes seconds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.fx import Graph, Node
from torch.fx.node import map_aggregate
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

IMAGES = 2
"""Number of images with which a computation for any number of them is recorded first."""
_TAKE_SHAPES = {"view.default", "_unsafe_view.default", "reshape.default", "expand.default"}
_TAKE_SHAPES |= {"as_strided.default", "as_strided_.default"}
"""Operations whose arguments are the shape of their result, or follow from it."""


class UntranslatableError(Exception):
    """The computation has an operation without a rule, is too large, or depends on the number of images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The operations of one computation.

    Attributes:
        nodes: In the order they ran; a tensor's node has an empty tensor of its shape as `meta["val"]`. In a
            recording for any number of images `meta["batched"]` says of each axis whether its length depends
            on that number.
        constants: The tensors that were neither entered nor computed, such as weights, by their node.
        last: Computes the result.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[Node, Tensor]
    last: Node


def record(run: Callable[[Tensor], Tensor], x: Tensor) -> Recording:
    """Run a computation once and record it.

    Args:
        run: Computes one tensor.
        x: Enters it.

    Raises:
        UntranslatableError: It looks at the values of a tensor, or changes one that others are views of.
    """
    recorder = _Recorder()
    recorder.note(recorder.graph.placeholder("x"), x)
    with torch.no_grad(), recorder:
        result = run(x)
    last = recorder.node_of(result)
    return Recording(nodes=tuple(recorder.graph.nodes), constants=recorder.constants, last=last)


def record_any_batch(run: Callable[[Tensor], Tensor], x: Tensor) -> Recording:
    """Record a computation so that it can be repeated with any number of images.

    It is recorded with one image more as well; lengths that differ then depend on the batch.

    Args:
        run: Computes one tensor.
        x: The images [IMAGES, …].

    Raises:
        UntranslatableError: As for `record`; or something else than lengths differed for another number of
            images.
    """
    recording, other = record(run, x), record(run, torch.cat([x, x[:1]]))
    if len(recording.nodes) != len(other.nodes):
        raise UntranslatableError("the operations depend on the number of images")
    for node, twin in zip(recording.nodes, other.nodes, strict=True):
        _refuse_other(node, twin, constants=(recording.constants.get(node), other.constants.get(twin)))
        if "val" in node.meta:
            lengths = zip(node.meta["val"].shape, twin.meta["val"].shape, strict=True)
            node.meta["batched"] = tuple(one != two for one, two in lengths)
    return recording


def _refuse_other(node: Node, twin: Node, *, constants: tuple[Tensor | None, Tensor | None]) -> None:
    """Refuse an operation whose kind, settings or constants differ from those of its twin."""
    first, second = constants
    if node.op != twin.op or (node.op == "call_function" and node.target != twin.target):
        raise UntranslatableError("the operations depend on the number of images")
    if first is not second and (first is None or second is None or not torch.equal(first, second)):
        raise UntranslatableError("a constant depends on the number of images")
    if getattr(node.target, "__name__", "") not in _TAKE_SHAPES and _settings(node) != _settings(twin):
        raise UntranslatableError(f"a setting of {node.target} depends on the number of images")


def _settings(node: Node) -> list[Any]:
    """All arguments of a node that are no other nodes, in order."""
    found: list[Any] = []

    def look(value: Any) -> Any:
        if not isinstance(value, Node):
            found.append(value)
        return value

    map_aggregate((node.args, node.kwargs), look)
    return found


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees each elementary operation while it is active, and lets it run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.graph = Graph()
        self.constants: dict[Node, Tensor] = {}
        # Weak, so that activations are freed as usual; a freed tensor's identity may be used again.
        self._nodes = WeakIdKeyDictionary()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Otherwise torch imports its compiler, to exclude this class from being compiled.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func._schema.is_mutable and isinstance(args[0], Tensor):
            self._refuse_views_of(args[0])
        result = func(*args, **given)
        if not isinstance(result, (Tensor, tuple, list)):
            raise UntranslatableError(f"{func} looks at values, so that others could decide otherwise")
        node = self.graph.call_function(func, self._as_nodes(tuple(args)), self._as_nodes(given))
        if isinstance(result, Tensor):
            self.note(node, result)
        elif isinstance(result, (tuple, list)):
            for index, part in enumerate(result):
                if isinstance(part, Tensor):
                    self.note(self.graph.call_function(operator.getitem, (node, index)), part)
        return result

    def _refuse_views_of(self, changed: Tensor) -> None:
        """Refuse a change in place that other tensors would see: they would keep their nodes."""
        place = changed.untyped_storage().data_ptr()
        for tensor in self._nodes:
            if tensor is not changed and tensor.untyped_storage().data_ptr() == place:
                raise UntranslatableError("a tensor is changed that others are views of")

    def note(self, node: Node, tensor: Tensor) -> None:
        """Record which node a tensor comes from; one that was changed in place comes from the last change."""
        node.meta["val"] = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
        self._nodes[tensor] = node

    def node_of(self, tensor: Tensor) -> Node:
        """The node that a tensor comes from."""
        if tensor not in self._nodes:
            node = self.graph.get_attr(f"constant_{len(self.constants)}")
            self.constants[node] = tensor
            self.note(node, tensor)
        known: Node = self._nodes[tensor]
        return known

    def _as_nodes(self, arguments: Any) -> Any:
        return map_aggregate(
            arguments, lambda value: self.node_of(value) if isinstance(value, Tensor) else value
        )
