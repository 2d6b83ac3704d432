"""The spec of a format that exists in the tests alone."""

from __future__ import annotations

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="toy",
    title="A toy",
    summary="One file of plain arrays, computed with by NumPy.",
    audience="The tests",
    suffix=".toy",
    tolerance=1e-4,
)
