"""Spec of the runtime “OpenVINO, half precision”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="openvino-bf16", title="OpenVINO, half precision", extra="openvino")
