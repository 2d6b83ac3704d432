"""Spec of the export format “Portable folder with a sample program”."""

from __future__ import annotations

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="portable",
    title="Portable folder with a sample program",
    summary="A folder with the weights, an ONNX model, its model card and a short program that uses it.",
    audience="Anyone with Python, or who wants to keep everything together",
    suffix="",
    marker="card.json",
    tolerance=1e-3,
    position=30,
)
