"""Spec of the export format “ONNX model for prepared images”."""

from __future__ import annotations

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="onnx-tensor",
    title="ONNX model for prepared images",
    summary="One file that takes images already resized and normalised, many at once.",
    audience="Tools that insist on preparing the images themselves",
    suffix=".onnx",
    tolerance=1e-3,
    position=20,
)
