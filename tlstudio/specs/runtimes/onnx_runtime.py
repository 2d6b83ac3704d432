"""Spec of the runtime “ONNX Runtime”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="onnx-runtime", title="ONNX Runtime")
