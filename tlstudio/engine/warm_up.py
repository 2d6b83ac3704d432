"""Prepares what the first job needs, before any job has been requested."""

from __future__ import annotations

import importlib

import torch

from tlstudio.compute.device import choose_device, keep_freed_memory, set_threads
from tlstudio.core.control import Control
from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen.inference_graph import inference_graph
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.weights import weights_sha256
from tlstudio.specs.recipe import Recipe


def warm_up(control: Control) -> None:
    """Choose the fastest runtime for the default backbone, once per computer, and build its inference graph.

    The first optimiser of a process imports torch's compiler, which takes seconds: one is made here. So is
    scikit-learn imported, which checks at the end of a training need. Nothing is downloaded: the default
    backbone is installed with its weights.

    Args:
        control: Cancelled when the first job is requested.

    Raises:
        Cancelled: The first job was requested.
        UserError: The backbone's package is damaged or missing.
    """
    recipe = Recipe()
    keep_freed_memory()
    threads = set_threads(recipe.threads)
    device = choose_device(recipe.device).device
    backbone = load_backbone(recipe.backbone.id, control=control).to(device)
    control.check()
    choice = choose_runtime(
        backbone, preprocessing=backbone.preprocessing, device=device, threads=threads, control=control
    )
    control.check()
    inference_graph(
        backbone,
        end=None,
        preprocessing=backbone.preprocessing,
        weights_sha256=weights_sha256(backbone),
        choice=choice,
        device=device,
        threads=threads,
    )
    control.check()
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    control.check()
    importlib.import_module("sklearn.tree")
