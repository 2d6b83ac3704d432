"""The ways to the activations at a freeze line: from the images, or on from what a lower line left."""

from __future__ import annotations

import os
from collections.abc import Set
from dataclasses import asdict, dataclass
from typing import Any

from tlstudio.core.control import Control
from tlstudio.core.types import Preprocessing
from tlstudio.features.decoded_inputs import open_inputs
from tlstudio.features.store import ActivationStore, open_store, stores_with
from tlstudio.models.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import weights_sha256

REUSE_SETTING = "TLSTUDIO_REUSE_BELOW"
"""1 lets a run go on from a lower line: sooner, but its numbers then depend on what the cache holds."""
FROM = "from"
"""In what a store tells about itself: the stage whose kept activations its entries were computed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How activations come about.

    Attributes:
        store: Where they go.
        graph: Computes them; None where they are the inputs themselves.
        below: The kept activations of a lower line that it starts from; None starts from the images.
    """

    store: ActivationStore
    graph: InferenceGraph | None
    below: ActivationStore | None = None

    @property
    def from_below(self) -> bool:
        """Whether they come from a lower line, now or when they were computed."""
        return FROM in self.store.about

    @property
    def is_exact(self) -> bool:
        """Whether what the graph gives is what the backbone itself gives for an image, before rounding."""
        return self.graph is not None and self.graph.full_precision and not self.from_below


def may_go_on(way: Way) -> bool:
    """Whether the person allows a shorter way instead of this one, and it is one that can have one."""
    return os.environ.get(REUSE_SETTING) == "1" and way.is_exact


class Ways:
    """The ways to one freeze line of one backbone.

    Args:
        backbone: See `FeatureExtractor`, as all of these.
        end: First trainable stage, None for pooled features.
        preprocessing: Of the classifier.
        device: Where to compute.
        limit_bytes: For the whole activation cache.
        runtime: What computes.
        threads: To compute with.
        weights: SHA-256 of the backbone's weights, where it is known already.
    """

    def __init__(
        self,
        backbone: Backbone,
        *,
        end: str | None,
        preprocessing: Preprocessing,
        device: str,
        limit_bytes: int,
        runtime: RuntimeChoice,
        threads: int,
        weights: str | None,
    ) -> None:
        self._end = end
        self._backbone = backbone
        self._preprocessing = preprocessing
        self._device = device
        self._limit_bytes = limit_bytes
        self._runtime = runtime
        self._threads = threads
        self.inputs_only = end == backbone.stage_names[0]
        self._weights = "" if self.inputs_only else weights or weights_sha256(backbone)

    def from_images(self) -> Way:
        """The one that always can be gone; below the first stage the activations are the inputs."""
        if self.inputs_only:
            return Way(store=open_inputs(self._preprocessing, limit_bytes=self._limit_bytes), graph=None)
        graph = self._graph_from(None)
        return Way(store=self._store(graph, below=None), graph=graph)

    def shorter(self, way: Way, at_once: Set[str], everything: Set[str], *, control: Control) -> Way:
        """The way on from the highest line below that left all that is wanted, if there is one.

        Only where it was computed by the same runtime, and this line's own are not there already. So no run
        mixes both, also after a kill.

        Args:
            way: From the images, one that `may_go_on`.
            at_once: Keys of the activations wanted now.
            everything: Of all that the run will want.
            control: Asked between looks at what is kept.

        Returns:
            `way` itself when there is none.
        """
        graph = way.graph
        if graph is None or not way.store.missing(at_once, between=control.check):
            return way
        precision = {"precision": _precision(graph)}
        for kept in stores_with(self._about(self._end) | precision, everything):
            if FROM in kept.about and not kept.missing(everything, between=control.check):
                return Way(store=kept, graph=graph)  # with nothing left to compute
        names = self._backbone.stage_names
        top = len(names) if self._end is None else names.index(self._end)
        for start in reversed(names[1:top]):
            for below in stores_with(self._about(start) | precision, everything):
                if FROM not in below.about and not below.missing(everything, between=control.check):
                    above = self._graph_from(start)
                    return Way(store=self._store(above, below=below), graph=above, below=below)
        return way

    def _graph_from(self, start: str | None) -> InferenceGraph:
        return inference_graph(
            self._backbone,
            start=start,
            end=self._end,
            preprocessing=self._preprocessing,
            weights_sha256=self._weights,
            choice=self._runtime,
            device=self._device,
            threads=self._threads,
        )

    def _about(self, stage: str | None) -> dict[str, Any]:
        return {
            "backbone": self._backbone.id,
            "weights_sha256": self._weights,
            "stage": stage or "features",
            "preprocessing": asdict(self._preprocessing),
        }

    def _store(self, graph: InferenceGraph, *, below: ActivationStore | None) -> ActivationStore:
        """Where what a graph gives is kept; what was computed from kept activations, apart from the rest."""
        about = self._about(self._end) | {"precision": _precision(graph)}
        if below is not None:
            about[FROM] = below.about["stage"]
        return open_store(about, shape=graph.shape, dtype="float16", limit_bytes=self._limit_bytes)


def _precision(graph: InferenceGraph) -> str:
    return f"{graph.precision}, kept as float16"
