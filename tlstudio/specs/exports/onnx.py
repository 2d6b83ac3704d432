"""Spec of the export format “ONNX model for whole images”."""

from __future__ import annotations

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="onnx",
    title="ONNX model for whole images",
    summary="One file that takes a decoded image of any size and gives a probability for each class.",
    audience="Programs that run ONNX, on any system",
    suffix=".onnx",
    tolerance=1e-3,
    default=True,
    position=10,
)
