"""What is prepared before the first job."""

from __future__ import annotations

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.engine import warm_up as module
from tlstudio.engine.warm_up import warm_up
from tlstudio.models.frozen import inference_graph as inference_graph
from tlstudio.models.frozen.runtime_choice import SETTING


def test_the_graph_of_the_default_backbone_and_an_optimiser_are_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SETTING, "onnx-runtime")
    monkeypatch.setattr(inference_graph, "_cached", type(inference_graph._cached)())
    optimisers = []
    monkeypatch.setattr(torch.optim, "AdamW", optimisers.append)
    warm_up(Control())
    assert len(optimisers) == 1
    (graph,) = inference_graph._cached.values()
    assert (graph.runtime_id, graph.shape) == ("onnx-runtime", (1280,))


def test_a_request_ends_the_warm_up(monkeypatch: pytest.MonkeyPatch):
    control = Control()
    real = module.load_backbone

    def load(*given, **rest):
        control.cancel()
        return real(*given, **rest)

    monkeypatch.setattr(module, "load_backbone", load)
    monkeypatch.setattr(module, "choose_runtime", lambda *given, **rest: pytest.fail("the warm-up continued"))
    with pytest.raises(Cancelled):
        warm_up(control)
