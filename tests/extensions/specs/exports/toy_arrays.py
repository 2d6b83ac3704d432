"""An export format that is not ONNX, described."""

from __future__ import annotations

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="toy-arrays",
    title="Toy arrays",
    summary="One file of plain arrays, computed with by NumPy.",
    audience="Toys",
    suffix=".arrays",
    tolerance=1e-4,
    position=910,
)
